#include "heapwise/gc/environment.h"

#include <string>

#include "gtest/gtest.h"

namespace heapwise::runtime {
namespace {

// Every expectation in this file is what a program built by Go 1.27.4 answered.

TEST(EnvironmentTest, GogcAsGoReadsIt) {
  const struct {
    const char* value;
    int percent;
  } kTable[] = {
      {"", 100},
      {"off", -1},
      {"OFF", 100},
      {"abc", 100},
      {"0", 0},
      {"50", 50},
      {"100", 100},
      {"200", 200},
      {"-1", -1},
      {"-5", -1},
      {"-", 100},
      {"--", 100},
      {"+", 100},
      {"+5", 5},
      {"+50", 50},
      {"+-5", 100},
      {"-0", 0},
      {" 100", 100},
      {"100 ", 100},
      {"1e2", 100},
      {"00100", 100},
      {"0x10", 100},
      {"1_0", 100},
      {"100%", 100},
      {"2147483647", 2147483647},
      {"2147483648", 100},
      {"-2147483648", -1},
      {"-2147483649", 100},
      {"99999999999999999999", 100},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(ParseGogc(row.value), row.percent) << "GOGC=" << row.value;
  }
}

TEST(EnvironmentTest, GomemlimitAsGoReadsIt) {
  const struct {
    const char* value;
    int64_t bytes;
  } kTable[] = {
      {"", kNoMemoryLimit},
      {"off", kNoMemoryLimit},
      {"0", 0},
      {"1", 1},
      {"512", 512},
      {"00512", 512},
      {"512B", 512},
      {"512KiB", 512 << 10},
      {"512MiB", 512 << 20},
      {"1GiB", int64_t{1} << 30},
      {"1TiB", int64_t{1} << 40},
      {"0MiB", 0},
      {"-0", 0},
      {"-0B", 0},
      {"-0MiB", 0},
      {"+512", 512},
      {"+512MiB", 512 << 20},
      {"9223372036854775807", kNoMemoryLimit},
      {"9223372036854775807B", kNoMemoryLimit},
      {"8388607TiB", 9223370937343148032},
  };
  for (const auto& row : kTable) {
    EXPECT_EQ(ParseGomemlimit(row.value), row.bytes) << "GOMEMLIMIT=" << row.value;
  }
}

TEST(EnvironmentTest, MalformedGomemlimitIsRefusedWhereGoRefusesIt) {
  for (const char* value : {"OFF",
                            "1PiB",
                            "512MB",
                            "512M",
                            "512K",
                            "512iB",
                            "1.5GiB",
                            "-1",
                            "-",
                            "-B",
                            "512 MiB",
                            " 512MiB",
                            "512MiB ",
                            "-KiB",
                            "+",
                            "+KiB",
                            "+-512",
                            "B",
                            "iB",
                            "KiB",
                            "mib",
                            "512mib",
                            "512Mib",
                            "1e9",
                            "8388608TiB",
                            "16777216TiB",
                            "9223372036854775808",
                            "18446744073709551616"}) {
    EXPECT_EQ(ParseGomemlimit(value), std::nullopt) << "GOMEMLIMIT=" << value;
  }
}

TEST(EnvironmentTest, ByteCountsRoundTrip) {
  for (const auto& [suffix, shift] :
       {std::pair{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}) {
    for (const int64_t n : {0, 1, 7, 999, 1024}) {
      EXPECT_EQ(ParseByteCount(std::to_string(n) + suffix), n << shift);
    }
  }
}

TEST(EnvironmentTest, ASettingOfGodebugIsTheLastValidNumber) {
  EXPECT_EQ(ParseGodebug("", "gctrace"), 0);
  EXPECT_EQ(ParseGodebug("gctrace=1", "gctrace"), 1);
  EXPECT_EQ(ParseGodebug("gctrace=2", "gctrace"), 2);
  EXPECT_EQ(ParseGodebug("madvdontneed=1,gctrace=1,scavtrace=1", "gctrace"), 1);
  EXPECT_EQ(ParseGodebug("gctrace=1,gctrace=0", "gctrace"), 0);
  EXPECT_EQ(ParseGodebug("gctrace=1,gctrace=x", "gctrace"), 1);
  EXPECT_EQ(ParseGodebug("gctrace", "gctrace"), 0);
  EXPECT_EQ(ParseGodebug("gctrace=", "gctrace"), 0);
  EXPECT_EQ(ParseGodebug("Gctrace=1, gctrace=1", "gctrace"), 0);
  EXPECT_EQ(ParseGodebug(",,gctrace=1,,", "gctrace"), 1);
  EXPECT_EQ(ParseGodebug("gctrace=1,disablethp=2", "disablethp"), 2);
  EXPECT_EQ(ParseGodebug("gctrace=1,disablethp=2", "thp"), 0);
}

}  // namespace
}  // namespace heapwise::runtime
