#include "heapwise/pprof/reader.h"

#include <zlib.h>

#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/encode.h"
#include "profile.pb.h"

namespace heapwise::pprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// Two types, three functions, an inlined call, an address of which nothing is known.
perftools::profiles::Profile Message() {
  perftools::profiles::Profile message;
  for (const char* text : {"", "alloc_space", "inuse_space", "_Z5Outerv", "inner.cc", "ns::Inner()",
                           "outer.cc", "_Z3Newv", "new.cc"}) {
    message.add_string_table(text);
  }
  message.add_sample_type()->set_type(1);
  message.add_sample_type()->set_type(2);
  message.set_default_sample_type(2);
  message.set_period(512);
  message.set_time_nanos(11);
  message.set_duration_nanos(22);
  const auto function = [&message](uint64_t id, int64_t name, int64_t file, int64_t start) {
    auto& added = *message.add_function();
    added.set_id(id);
    added.set_name(name);
    added.set_filename(file);
    added.set_start_line(start);
  };
  function(70, 3, 6, 10);
  function(71, 5, 4, 20);
  function(72, 7, 8, 30);
  const auto location = [&message](uint64_t id,
                                   std::vector<std::pair<uint64_t, int64_t>> function_lines) {
    auto& added = *message.add_location();
    added.set_id(id);
    for (const auto& [function_id, line] : function_lines) {
      added.add_line()->set_function_id(function_id);
      added.mutable_line(added.line_size() - 1)->set_line(line);
    }
  };
  location(5, {{72, 33}});
  location(6, {{71, 24}, {70, 15}});  // Inner, inlined into Outer
  location(7, {});
  const auto sample = [&message](std::vector<uint64_t> locations, int64_t alloc, int64_t inuse) {
    auto& added = *message.add_sample();
    for (const uint64_t id : locations) added.add_location_id(id);
    added.add_value(alloc);
    added.add_value(inuse);
  };
  sample({5, 6}, 1000, 100);
  sample({6}, 2000, 200);
  sample({7, 6}, 4000, -400);
  return message;
}

std::string Plain() { return Message().SerializeAsString(); }

// 0 where a profile does not say.
TEST(ReaderTest, WhatIsUnknownIsZero) {
  const Line line;
  EXPECT_EQ(line.line, 0);
  EXPECT_EQ(line.start_line, 0);
  const ParsedProfile profile;
  EXPECT_EQ(profile.period, 0);
  EXPECT_EQ(profile.time_unix_ns, 0);
  EXPECT_EQ(profile.duration_ns, 0);
  EXPECT_EQ(kMaxProfileBytes, 268'435'456u) << "256 MiB, as the message says";
}

TEST(ReaderTest, FunctionsAndLinesStandInForIds) {
  const auto profile = Parse(internal::Gzip(Plain()));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_THAT(profile->types, ElementsAre("alloc_space", "inuse_space"));
  EXPECT_EQ(profile->default_type, "inuse_space");
  EXPECT_EQ(profile->period, 512);
  EXPECT_EQ(profile->time_unix_ns, 11);
  EXPECT_EQ(profile->duration_ns, 22);
  ASSERT_EQ(profile->samples.size(), 3u);
  const Line make{.file = "new.cc", .line = 33, .function = "New()", .start_line = 30};
  const Line inner{.file = "inner.cc", .line = 24, .function = "ns::Inner()", .start_line = 20};
  const Line outer{.file = "outer.cc", .line = 15, .function = "Outer()", .start_line = 10};
  EXPECT_THAT(profile->samples[0].stack, ElementsAre(make, inner, outer));
  EXPECT_THAT(profile->samples[0].values, ElementsAre(1000, 100));
  EXPECT_THAT(profile->samples[1].stack, ElementsAre(inner, outer));
  EXPECT_THAT(profile->samples[2].stack, ElementsAre(Line{}, inner, outer));
  EXPECT_THAT(profile->samples[2].values, ElementsAre(4000, -400));
}

TEST(ReaderTest, BytesAreAtTheInnermostLineThatCounts) {
  const ParsedProfile profile = Parse(Plain()).value();
  EXPECT_THAT(BytesByFunction(profile, "alloc_space"),
              ElementsAre(Pair("", 4000), Pair("New()", 1000), Pair("ns::Inner()", 2000)));
  EXPECT_THAT(BytesByFunction(profile, "inuse_space"),
              ElementsAre(Pair("", -400), Pair("New()", 100), Pair("ns::Inner()", 200)));
  EXPECT_TRUE(BytesByFunction(profile, "cpu").empty());
  const auto is_inner = [](const Line& line) { return line.file == "inner.cc"; };
  const Line inner{.file = "inner.cc", .line = 24, .function = "ns::Inner()", .start_line = 20};
  EXPECT_THAT(BytesByLine(profile, "alloc_space", is_inner), ElementsAre(Pair(inner, 7000)));
  EXPECT_TRUE(BytesByLine(profile, "alloc_space", [](const Line&) { return false; }).empty());
}

TEST(ReaderTest, CompressedOrNotOrInSeveralMembers) {
  const std::string plain = Plain();
  const std::string half = plain.substr(0, plain.size() / 2);
  const std::string members = internal::Gzip(half) + internal::Gzip(plain.substr(half.size()));
  for (const std::string& encoded : {plain, internal::Gzip(plain), members}) {
    const auto profile = Parse(encoded);
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_EQ(profile->samples.size(), 3u);
  }
}

absl::StatusCode CodeOf(const std::string& encoded) { return Parse(encoded).status().code(); }

TEST(ReaderTest, WhatIsCutShortIsAnError) {
  const std::string encoded = internal::Gzip(Plain());
  for (size_t length = 0; length < encoded.size(); ++length) {
    ASSERT_EQ(CodeOf(encoded.substr(0, length)), absl::StatusCode::kInvalidArgument) << length;
  }
  EXPECT_THAT(std::string(Parse(encoded.substr(0, encoded.size() - 1)).status().message()),
              HasSubstr("it is cut short"));
  EXPECT_EQ(CodeOf(encoded + encoded.substr(0, 20)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(encoded + "more"), absl::StatusCode::kInvalidArgument);
}

TEST(ReaderTest, GarbageIsAnError) {
  for (const std::string& garbage :
       {std::string(), std::string("heap profile: 0: 0 [0: 1] @ heap/1048576\n"),
        std::string("\x1f\x8b"), std::string("\x1f\x8bgzip"), std::string(1000, '\0'),
        internal::Gzip(""), internal::Gzip("no message")}) {
    EXPECT_EQ(CodeOf(garbage), absl::StatusCode::kInvalidArgument) << garbage.substr(0, 20);
  }
}

// A profile in which one byte is wrong is read or refused; it brings nothing down.
TEST(ReaderTest, NoChangeOfAByteDoesHarm) {
  const std::string plain = Plain();
  const std::string compressed = internal::Gzip(plain);
  std::mt19937 random(1);
  for (int i = 0; i < 4000; ++i) {
    std::string changed = i % 2 == 0 ? plain : compressed;
    changed[random() % changed.size()] = static_cast<char>(random());
    const auto profile = Parse(changed);
    if (!profile.ok()) {
      ASSERT_EQ(profile.status().code(), absl::StatusCode::kInvalidArgument);
      continue;
    }
    for (const ParsedSample& sample : profile->samples) {
      ASSERT_EQ(sample.values.size(), profile->types.size());
    }
    BytesByFunction(*profile, "alloc_space");
  }
}

// What follows is well-formed but refers to what is not there.
TEST(ReaderTest, DanglingReferencesAreErrors) {
  const auto refused = [](auto change) {
    perftools::profiles::Profile message = Message();
    change(message);
    const auto profile = Parse(message.SerializeAsString());
    EXPECT_EQ(profile.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(profile.status().message());
  };
  EXPECT_EQ(refused([](auto& message) { message.clear_string_table(); }),
            "not a profile: its first string is not the empty one");
  EXPECT_EQ(refused([](auto& message) { message.set_string_table(0, "x"); }),
            "not a profile: its first string is not the empty one");
  EXPECT_EQ(refused([](auto& message) { message.mutable_function(0)->set_name(9); }),
            "not a profile: there is no string 9");
  EXPECT_EQ(refused([](auto& message) { message.mutable_function(0)->set_filename(-1); }),
            "not a profile: there is no string -1");
  EXPECT_EQ(refused([](auto& message) { message.mutable_sample_type(0)->set_type(99); }),
            "not a profile: there is no string 99");
  EXPECT_EQ(refused([](auto& message) { message.set_default_sample_type(1 << 20); }),
            "not a profile: there is no string 1048576");
  EXPECT_EQ(refused([](auto& message) {
              message.mutable_location(1)->mutable_line(1)->set_function_id(4);
            }),
            "not a profile: there is no function 4");
  EXPECT_EQ(refused([](auto& message) { message.mutable_sample(2)->set_location_id(1, 8); }),
            "not a profile: there is no location 8");
  EXPECT_EQ(refused([](auto& message) { message.mutable_sample(1)->add_value(1); }),
            "not a profile: a sample has 3 values for 2 types");
}

TEST(ReaderTest, AHugeOneIsRefusedBeforeItFillsTheMemory) {
  const std::string plain = Plain();
  const std::string compressed = internal::Gzip(plain);
  EXPECT_TRUE(Parse(compressed, plain.size()).ok());
  EXPECT_TRUE(Parse(plain, plain.size()).ok());
  for (const std::string& encoded : {plain, compressed}) {
    EXPECT_EQ(Parse(encoded, plain.size() - 1).status().code(),
              absl::StatusCode::kResourceExhausted);
  }
  // 64 MiB of zeros in 64 KiB, eight times over.
  const std::string member = internal::Gzip(std::string(size_t{64} << 20, '\0'));
  std::string bomb;
  for (int i = 0; i < 8; ++i) bomb += member;
  const absl::Status status = Parse(bomb).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "the profile is larger than 268435456 bytes");
}

}  // namespace
}  // namespace heapwise::pprof
