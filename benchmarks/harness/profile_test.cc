// Runs a lesson program that has the profiler, and reads the profiles that it wrote.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "profile.pb.h"
#include "runtime/pprof/encode.h"

namespace {

namespace fs = std::filesystem;

constexpr int64_t kMiB = 1 << 20;

class ProfileTest : public testing::Test {
 protected:
  ProfileTest()
      : dir_(fs::path(testing::TempDir()) / ("profile_test_" + std::to_string(getpid()))) {
    fs::create_directories(dir_);
  }
  ~ProfileTest() override { fs::remove_all(dir_); }

  int Run(const std::string& arguments) const {
    const std::string command = std::string(PROFILED_LESSON) + " " + arguments + " >" +
                                (dir_ / "output").string() + " 2>&1";
    return std::system(command.c_str());
  }

  // The sum over the samples of one of their values.
  int64_t Sum(const std::string& name, const std::string& type) const {
    std::ifstream in(dir_ / name, std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    perftools::profiles::Profile profile;
    EXPECT_TRUE(profile.ParseFromString(heapwise::pprof::internal::Gunzip(content.str())));
    int64_t sum = 0;
    for (int i = 0; i < profile.sample_type_size(); ++i) {
      if (profile.string_table(static_cast<int>(profile.sample_type(i).type())) != type) continue;
      for (const auto& sample : profile.sample()) sum += sample.value(i);
    }
    return sum;
  }

  fs::path dir_;
};

TEST_F(ProfileTest, WritesTheEndAndWhatWasSaved) {
  ASSERT_EQ(Run("--benchmark_filter=^keeps --heapwise_profile_rate=1 --heapwise_profile=" +
                (dir_ / "mem.pb.gz").string()),
            0);
  // The body keeps 1 MiB an operation until its loop ends; the second operation saves a profile.
  EXPECT_EQ(Sum("mem.early.pb.gz", "inuse_space") / kMiB, 2);
  EXPECT_EQ(Sum("mem.pb.gz", "inuse_space") / kMiB, 0);
  EXPECT_EQ(Sum("mem.pb.gz", "alloc_space") / kMiB, 8);
}

TEST_F(ProfileTest, WritesNothingUnasked) {
  ASSERT_EQ(Run("--benchmark_filter=^keeps"), 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()), 1);  // output
}

TEST_F(ProfileTest, SaysWhereItCannotWrite) {
  EXPECT_NE(Run("--benchmark_filter=^fast$ --heapwise_profile=/nonexistent/mem.pb.gz"), 0);
  std::ifstream output(dir_ / "output");
  std::stringstream said;
  said << output.rdbuf();
  EXPECT_NE(said.str().find("/nonexistent/mem.pb.gz: No such file or directory"), std::string::npos)
      << said.str();
}

}  // namespace
