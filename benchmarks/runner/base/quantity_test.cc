#include "benchmarks/runner/base/quantity.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;

TEST(QuantityTest, MeansWhatKubernetesMeans) {
  const std::vector<std::pair<std::string, int64_t>> table = {
      {"0", 0},
      {"00.00Gi", 0},
      {"1", 1},
      {"134217728", 134217728},
      {"+5", 5},
      {"-5Ki", -5120},
      {"1Ki", 1024},
      {"512Mi", 536870912},
      {"1.5Gi", 1610612736},
      {".5Gi", 536870912},
      {"1.Gi", 1073741824},
      {"0512Mi", 536870912},
      {"2Ti", 2199023255552},
      {"3Pi", 3377699720527872},
      {"7Ei", 8070450532247928832},
      {"512k", 512000},
      {"512M", 512000000},
      {"2.5G", 2500000000},
      {"1T", 1000000000000},
      {"1P", 1000000000000000},
      {"9E", 9000000000000000000},
      {"1e9", 1000000000},
      {"1E9", 1000000000},
      {"1e+3", 1000},
      {"1.25e2", 125},
      {"12500e-2", 125},
      {"129e6", 129000000},
      {"128974848000m", 128974848},
      // A fraction of a byte is rounded up.
      {"1m", 1},
      {"1u", 1},
      {"1n", 1},
      {"1500m", 2},
      {"1.0001", 2},
      {"0.001Ki", 2},
      {"1e-400", 1},
      {"0.333Gi", 357556028},  // 357,556,027.392
      {"9223372036854775807", INT64_MAX},
      {"9223372036854775806.5", INT64_MAX},
      {"0e99999", 0},
  };
  for (const auto& [text, bytes] : table) {
    const absl::StatusOr<int64_t> quantity = ParseQuantity(text);
    ASSERT_TRUE(quantity.ok()) << text << ": " << quantity.status();
    EXPECT_EQ(*quantity, bytes) << text;
  }
}

TEST(QuantityTest, RefusesWhatKubernetesRefuses) {
  for (const char* text :
       {"512MB",   "512mb", "512mi", "512MI", "512Kb",   "512K",          "1e",     "1ee3",
        "1e3.5",   "1e+-3", "1e 3",  "1i",    "1.5.5Gi", "1,5Gi",         "512 Mi", "512Mi ",
        "512Mi\n", "5x",    "1_000", "0x10",  "1Zi",     "1e99999999999", "5 ",     "512MiB"}) {
    const absl::StatusOr<int64_t> quantity = ParseQuantity(text);
    ASSERT_FALSE(quantity.ok()) << text;
    EXPECT_THAT(std::string(quantity.status().message()), HasSubstr("is no unit of Kubernetes"))
        << text;
  }
  for (const char* text : {"Mi", " 512Mi", "-", "+", ".", "-Gi", "abc", "--5", "\xff"}) {
    const absl::StatusOr<int64_t> quantity = ParseQuantity(text);
    ASSERT_FALSE(quantity.ok()) << text;
    EXPECT_THAT(std::string(quantity.status().message()), HasSubstr("must begin with a number"))
        << text;
  }
  EXPECT_THAT(std::string(ParseQuantity("").status().message()), HasSubstr("is empty"));
}

TEST(QuantityTest, RefusesWhatIsCappedThere) {
  for (const char* text : {"8Ei", "9223372036854775808", "9223372036854775807.1", "10E", "1e19",
                           "1e30", "99999999999999999999999", "1e2000000000"}) {
    const absl::StatusOr<int64_t> quantity = ParseQuantity(text);
    ASSERT_FALSE(quantity.ok()) << text;
    EXPECT_THAT(std::string(quantity.status().message()),
                HasSubstr("more than a quantity can hold"));
  }
}

}  // namespace
}  // namespace heapwise::runner
