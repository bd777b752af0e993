#include "heapwise/modes.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "heapwise/base/clock.h"
#include "heapwise/heap.h"
#include "testing/run.h"

namespace heapwise::runtime {
namespace {

// What a new process prints of its markers, and of the variable that it was given.
std::string MarkersOf(const std::string& variable) {
  const test::Ran ran = test::Execute(
      {std::filesystem::read_symlink("/proc/self/exe"), "--gtest_also_run_disabled_tests",
       "--gtest_filter=ModesTest.DISABLED_PrintsItsMarkers"},
      {.environment = {{"GC_MARKERS", variable}}});
  EXPECT_EQ(ran.status, 0) << ran.output;
  const size_t from = ran.output.find("markers ");
  EXPECT_NE(from, std::string::npos) << ran.output;
  return ran.output.substr(from, ran.output.find('\n', from) - from);
}

TEST(ModesTest, DISABLED_PrintsItsMarkers) {
  GC();  // starts them
  std::printf("markers %d, GC_MARKERS=%s\n", Markers(), std::getenv("GC_MARKERS"));
}

TEST(ModesTest, MarkersAreOneForEachProcessorUnlessToldOtherwise) {
  const std::string usual = "markers " + std::to_string(std::clamp(Processors(), 1, 16));
  for (const std::string variable : {"0", "abc", "-1", "", " 2", "2x", "99999999999"}) {
    EXPECT_EQ(MarkersOf(variable), usual + ", GC_MARKERS=" + variable);
  }
  EXPECT_EQ(MarkersOf("1"), "markers 1, GC_MARKERS=1");
  EXPECT_EQ(MarkersOf("3"), "markers 3, GC_MARKERS=3");
}

}  // namespace
}  // namespace heapwise::runtime
