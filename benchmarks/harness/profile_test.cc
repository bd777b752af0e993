// Runs a lesson program that has the profiler, and reads the profiles that it wrote.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/reader.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

namespace fs = std::filesystem;
using heapwise::test::Execute;
using heapwise::test::Ran;

constexpr int64_t kMiB = 1 << 20;

class ProfileTest : public testing::Test {
 protected:
  Ran Run(const std::string& filter, std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {PROFILED_LESSON, "--benchmark_filter=" + filter});
    return Execute(flags, {.directory = dir_.path()});
  }

  // The sum of one of the samples' values over what the lesson's own lines led to. What the harness allocates, before it
  // sets the rate and after, is not the matter.
  int64_t Sum(const std::string& name, const std::string& type) const {
    const auto profile = heapwise::pprof::Parse(heapwise::test::ReadFile(dir_.path() / name));
    EXPECT_TRUE(profile.ok()) << profile.status();
    if (!profile.ok()) return -1;
    int64_t sum = 0;
    const auto is_lessons = [](const heapwise::pprof::Line& line) {
      return line.file.ends_with("/sample_lesson.cc");
    };
    for (const auto& [line, bytes] : heapwise::pprof::BytesByLine(*profile, type, is_lessons)) {
      sum += bytes;
    }
    return sum;
  }

  const heapwise::test::TempDir dir_;
};

TEST_F(ProfileTest, WritesTheEndAndWhatWasSaved) {
  const std::string file = dir_.path() / "mem.pb.gz";
  ASSERT_EQ(Run("^keeps", {"--heapwise_profile_rate=1", "--heapwise_profile=" + file}).status, 0);
  // The body keeps 1 MiB an operation until its loop ends; the second operation saves a profile.
  EXPECT_EQ(Sum("mem.early.pb.gz", "inuse_space") / kMiB, 2);
  EXPECT_EQ(Sum("mem.pb.gz", "inuse_space") / kMiB, 0);
  EXPECT_EQ(Sum("mem.pb.gz", "alloc_space") / kMiB, 8);
}

TEST_F(ProfileTest, TakesNamesThatAreGoodForAFile) {
  const auto save = [&](const std::string& name) {
    return Execute({PROFILED_LESSON, "--benchmark_filter=^keeps",
                    "--heapwise_profile=" + (dir_.path() / "mem.pb.gz").string()},
                   {.directory = dir_.path(), .environment = {{"SAMPLE_PROFILE", name}}});
  };
  EXPECT_EQ(save("az-09").status, 0);
  EXPECT_TRUE(fs::exists(dir_.path() / "mem.az-09.pb.gz"));
  for (const std::string name : {"", "end", "Early", "a/b", "a.b", "a_b", "{", "a b"}) {
    const Ran ran = save(name);
    EXPECT_EQ(ran.status, 2) << name;
    EXPECT_THAT(ran.output,
                testing::HasSubstr("SaveProfile(\"" + name +
                                   "\"): must be a name of a-z, 0-9 and -, and not \"end\"\n"));
  }
}

// The name comes before the ending, where the file has one: a dot in a directory's name, or at a name's beginning, is none.
TEST_F(ProfileTest, ASavedProfileIsNamedAfterTheFile) {
  fs::create_directory(dir_.path() / "a.d");
  const std::pair<const char*, const char*> names[] = {{"mem.pb.gz", "mem.early.pb.gz"},
                                                       {"mem.prof", "mem.early.prof"},
                                                       {"mem", "mem.early"},
                                                       {"a.b.c", "a.b.early.c"},
                                                       {"a.d/mem", "a.d/mem.early"},
                                                       {"a.d/mem.x", "a.d/mem.early.x"},
                                                       {"a.d/.mem", "a.d/.mem.early"},
                                                       {".pb.gz", ".early.pb.gz"},
                                                       {"m.", "m.early."},
                                                       {".mem", ".mem.early"}};
  for (const auto& [file, saved] : names) {
    ASSERT_EQ(Run("^keeps", {std::string("--heapwise_profile=") + file}).status, 0) << file;
    EXPECT_TRUE(fs::exists(dir_.path() / file)) << file;
    EXPECT_TRUE(fs::remove(dir_.path() / saved)) << saved;
  }
}

TEST_F(ProfileTest, WritesNothingUnasked) {
  ASSERT_EQ(Run("^keeps").status, 0);
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(ProfileTest, SaysWhereItCannotWrite) {
  const Ran ran = Run("^fast$", {"--heapwise_profile=/nonexistent/mem.pb.gz"});
  EXPECT_NE(ran.status, 0);
  EXPECT_THAT(ran.output, testing::HasSubstr("/nonexistent/mem.pb.gz: No such file or directory"));
}

}  // namespace
