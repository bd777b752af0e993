#include "heapwise/pprof/testing.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::pprof::testing {

std::vector<ParsedSample> Decode(const std::string& encoded) {
  absl::StatusOr<ParsedProfile> profile = Parse(encoded);
  EXPECT_TRUE(profile.ok()) << profile.status();
  if (!profile.ok()) return {};
  EXPECT_THAT(profile->types, ::testing::ElementsAre("alloc_objects", "alloc_space",
                                                     "inuse_objects", "inuse_space"));
  return std::move(profile->samples);
}

int64_t LineOf(const std::string& file, const std::string& mark) {
  std::ifstream in(file);
  std::string text;
  for (int64_t line = 1; std::getline(in, text); ++line) {
    if (text.ends_with(mark)) return line;
  }
  return 0;
}

}  // namespace heapwise::pprof::testing
