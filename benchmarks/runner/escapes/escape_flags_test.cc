#include "benchmarks/runner/escapes/escape_flags.h"

#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/runner/base/json_field.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kRoot[] = "/no/such/root";

class EscapeFlagsTest : public testing::Test {
 protected:
  // A compile_commands.json with one entry for src/a.cc.
  void WriteDatabase(const std::string& name, const Json& words) {
    Json entry = {{"directory", directory_.path().string()}, {"file", "src/a.cc"}};
    entry[words.is_string() ? "command" : "arguments"] = words;
    directory_.Write(name, Json::array({entry}).dump());
  }

  absl::StatusOr<EscapeFlags> Find(const std::vector<std::string>& more = {},
                                   const fs::path& root = kRoot) {
    return FindFlags(root, file_, more);
  }

  std::string Error(const std::vector<std::string>& more = {}) {
    return std::string(Find(more).status().message());
  }

  const test::TempDir directory_;
  const fs::path file_ = directory_.Write("src/a.cc", "");
};

TEST_F(EscapeFlagsTest, WithoutADatabaseTheyAreTheProjects) {
  const EscapeFlags flags = Find().value();
  EXPECT_THAT(flags.flags, ElementsAreArray(ProjectFlags()));
  EXPECT_EQ(flags.from, "");
  EXPECT_EQ(flags.directory, fs::current_path());
}

TEST_F(EscapeFlagsTest, ThoseBehindTheDashesComeLast) {
  const EscapeFlags flags = Find({"-DN=3", "-I", "include", "-O1"}).value();
  std::vector<std::string> expected = ProjectFlags();
  expected.insert(expected.end(), {"-DN=3", "-I", "include", "-O1"});
  EXPECT_THAT(flags.flags, ElementsAreArray(expected));
  EXPECT_EQ(flags.from, "the defaults, then those behind --");
  EXPECT_EQ(OptimisationLevel(flags.flags), "-O1");
}

TEST_F(EscapeFlagsTest, PathsBehindTheDashesAreMeantFromHere) {
  const std::string here = fs::current_path().filename().string();
  const std::string path = "../" + here;
  EXPECT_THAT(Find({"-I" + path, "-isystem", path, "-Inone", "-DX"}).value().flags,
              testing::IsSupersetOf({"-I" + fs::absolute(path).string(), std::string("-isystem"),
                                     fs::absolute(path).string(), std::string("-Inone")}));
}

TEST_F(EscapeFlagsTest, TheNearestDatabaseCounts) {
  WriteDatabase("compile_commands.json", "g++ -DFAR -c src/a.cc");
  WriteDatabase("src/build/compile_commands.json", "g++ -DNEAR -c src/a.cc");
  const EscapeFlags flags = Find().value();
  EXPECT_THAT(flags.flags, ElementsAre("-O2", "-DNEAR"));
  EXPECT_THAT(flags.from, EndsWith("src/build/compile_commands.json"));
  EXPECT_EQ(fs::canonical(flags.directory), fs::canonical(directory_.path()));
}

TEST_F(EscapeFlagsTest, OnlyWhatDecidesAboutTheCodeIsTaken) {
  WriteDatabase("build/compile_commands.json", Json::array({"/usr/bin/ccache",
                                                            "clang++",
                                                            "-DTEXT=\"a b\"",
                                                            "-Iinclude",
                                                            "-isystem",
                                                            "third party",
                                                            "-Wall",
                                                            "-Werror=shadow",
                                                            "-pedantic",
                                                            "-MD",
                                                            "-MF",
                                                            "a.d",
                                                            "-MTa.o",
                                                            "-o",
                                                            "a.o",
                                                            "-Xclang",
                                                            "-include-pch",
                                                            "-Xclang",
                                                            "pch.pch",
                                                            "-include",
                                                            "config.h",
                                                            "-O3",
                                                            "-march=native",
                                                            "-mcmodel=large",
                                                            "-Wp,-DX",
                                                            "-Wp,-MD,a.d",
                                                            "-c",
                                                            "src/a.cc"}));
  const EscapeFlags flags = Find({"-DMORE"}).value();
  EXPECT_THAT(flags.flags,
              ElementsAre("-O2", "-DTEXT=\"a b\"", "-Iinclude", "-isystem", "third party",
                          "-include", "config.h", "-O3", "-march=native", "-Wp,-DX", "-DMORE"));
  EXPECT_EQ(OptimisationLevel(flags.flags), "-O3");
  EXPECT_THAT(flags.from, EndsWith("build/compile_commands.json, then those behind --"));
}

TEST_F(EscapeFlagsTest, SaysWhenTheDatabaseDoesNotHaveTheFile) {
  directory_.Write("compile_commands.json", "[]");
  const EscapeFlags flags = Find().value();
  EXPECT_THAT(flags.flags, ElementsAreArray(ProjectFlags()));
  EXPECT_THAT(flags.from, AllOf(StartsWith("the defaults: "), EndsWith("does not have the file")));
}

TEST_F(EscapeFlagsTest, FilesOfTheProjectHaveTheProjectsAndTheirIncludePaths) {
  WriteDatabase("compile_commands.json", "g++ -DX -Iinclude -isystem third -O0 -c src/a.cc");
  const EscapeFlags flags = Find({}, directory_.path()).value();
  std::vector<std::string> expected = ProjectFlags();
  expected.insert(expected.end(), {"-Iinclude", "-isystem", "third"});
  EXPECT_THAT(flags.flags, ElementsAreArray(expected));
  EXPECT_EQ(flags.from, "");
}

TEST_F(EscapeFlagsTest, SaysInOneLineWhatCannotBeUsed) {
  EXPECT_EQ(Error({"-DN=3", "b.cc"}),
            "'b.cc' behind -- is no flag for the compiler, such as -Iinclude or -DNAME=1");
  directory_.Write("compile_commands.json", "{");
  EXPECT_THAT(Error(), EndsWith("compile_commands.json: is no JSON array of compile commands"));
  directory_.Write("compile_commands.json", "[{}]");
  EXPECT_THAT(Error(), EndsWith("[0].file: must be a string"));
  directory_.Write("compile_commands.json", R"([{"file":"src/a.cc"}])");
  EXPECT_THAT(Error(), EndsWith("[0].directory: must be a string"));
  directory_.Write("compile_commands.json", R"([{"file":"src/a.cc","directory":"."}])");
  EXPECT_THAT(Error(), EndsWith("[0]: must have a command or arguments"));
  directory_.Write("compile_commands.json", Json::array({{{"file", file_.string()},
                                                          {"directory", "/no/such/directory"},
                                                          {"command", "g++ -c a.cc"}}})
                                                .dump());
  EXPECT_THAT(Error(), HasSubstr("[0].directory: there is no /no/such/directory"));
}

TEST(SplitCommandTest, TakesQuotesAndBackslashesOff) {
  EXPECT_THAT(SplitCommand("g++  -DA='\"x y\"' -DB=\\\"z\\\" \"-I a\\\\b\" ''"),
              ElementsAre("g++", "-DA=\"x y\"", "-DB=\"z\"", "-I a\\b", ""));
  EXPECT_THAT(SplitCommand(""), ElementsAre());
}

}  // namespace
}  // namespace heapwise::runner
