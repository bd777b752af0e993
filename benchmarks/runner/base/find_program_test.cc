#include "benchmarks/runner/base/find_program.h"

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

TEST(FindProgramTest, WhatMayBeExecutedInTheOrderOfThePath) {
  const test::TempDir dir;
  dir.Write("data/tool", "not executable");
  fs::create_directories(dir.path() / "folder/tool");
  for (const char* name : {"one/tool", "two/tool"}) {
    fs::permissions(dir.Write(name, "#!/bin/sh\n"), fs::perms::owner_all);
  }
  const std::string in = dir.path().string();
  const std::string path =
      in + "/data::" + in + "/absent:" + in + "/folder:" + in + "/two:" + in + "/one";
  EXPECT_THAT(FindPrograms(path, "tool"),
              ElementsAre(dir.path() / "two/tool", dir.path() / "one/tool"));
  EXPECT_EQ(FindProgram(path, "tool"), dir.path() / "two/tool");
  EXPECT_EQ(FindProgram(path, "other"), std::nullopt);
  EXPECT_EQ(FindProgram("", "tool"), std::nullopt);
}

TEST(FindProgramTest, TheVariableIsWhatAShellHas) {
  EXPECT_NE(FindProgram(SearchPath(), "sh"), std::nullopt);
}

}  // namespace
}  // namespace heapwise::runner
