#include "heapwise/pprof/profile.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/encode.h"
#include "heapwise/pprof/reader.h"
#include "heapwise/pprof/symbolizer.h"
#include "heapwise/pprof/testdata/sites.h"
#include "heapwise/pprof/testing.h"
#include "profile.pb.h"
#include "testing/go.h"
#include "testing/run.h"
#include "testing/sanitizers.h"
#include "testing/temp_dir.h"

namespace heapwise::pprof {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kTestdata = PPROF_TESTDATA;
const std::string kProbe = PPROF_PROBE;
const std::string kProbeAtFixedAddress = PPROF_PROBE_FIXED;
const std::string kProbeWithoutDebugInfo = PPROF_PROBE_PLAIN;

std::string SourceOf(const sites::Site& site) {
  return kTestdata + (std::string(site.name) == "library" ? "/sites_library.cc" : "/sites.cc");
}

// Where `rounds` rounds at every site lead: all bytes must be at the right function and line.
void ExpectEverySite(const std::vector<ParsedSample>& samples, int64_t rounds) {
  for (const sites::Site& site : sites::All()) {
    const int64_t line = testing::LineOf(SourceOf(site), std::string("// site ") + site.name);
    ASSERT_GT(line, 0) << site.name;
    int64_t objects = 0;
    int64_t bytes = 0;
    for (const ParsedSample& sample : samples) {
      const Line& innermost = sample.stack.front();
      if (innermost.function.find(site.function) == std::string::npos || innermost.line != line ||
          innermost.file != SourceOf(site)) {
        continue;
      }
      objects += sample.values[0];
      bytes += sample.values[1];
    }
    EXPECT_EQ(objects, rounds) << site.name;
    EXPECT_EQ(bytes, rounds * static_cast<int64_t>(site.bytes)) << site.name;
  }
}

TEST(ProfileTest, EveryByteIsAtTheRightFunctionAndLine) {
  const int64_t rate = SetMemProfileRate(1);
  constexpr int kRounds = 100;
  uint64_t expected = 0;
  Profile before;
  // On a stack of its own, so that no forgotten word of this one retains an object.
  std::thread([&] {
    runtime::ThreadScope scope;
    runtime::GC();
    before = HeapProfile();
    for (const sites::Site& site : sites::All()) {
      for (int i = 0; i < kRounds; ++i) site.allocate();
      expected += kRounds * site.bytes;
    }
  }).join();
  runtime::GC();
  const Profile after = HeapProfile();
  SetMemProfileRate(0);
  const Profile made = Delta(before, after);
  const std::vector<ParsedSample> samples = testing::Decode(Encode(
      {.samples = made.samples, .rate = 1, .time_unix_ns = 0, .duration_ns = 0}, Kind::kHeap));
  ExpectEverySite(samples, kRounds);
  // And nowhere else.
  int64_t allocated = 0;
  int64_t in_use = 0;
  for (const ParsedSample& sample : samples) {
    allocated += sample.values[1];
    // What was there before and is gone has nothing allocated.
    if (sample.values[0] > 0) in_use += sample.values[3];
    // An inlined function's callers follow it.
    if (sample.stack[0].function.find("::Inlined") != std::string::npos) {
      ASSERT_GT(sample.stack.size(), 1u);
      EXPECT_THAT(sample.stack[1].function, HasSubstr("CallsInlined()"));
    }
  }
  EXPECT_EQ(allocated, static_cast<int64_t>(expected));
  EXPECT_EQ(in_use, static_cast<int64_t>(expected));

  sites::ForgetAll();
  runtime::GC();
  int64_t freed = 0;
  for (const Sample& sample : Delta(after, HeapProfile()).samples) {
    freed -= static_cast<int64_t>(sample.inuse_bytes);
  }
  // A word of bdwgc's own that holds the address of a block may retain the one object in it.
  EXPECT_LE(freed, static_cast<int64_t>(expected));
  EXPECT_GE(freed, static_cast<int64_t>(expected) - 3008);
  SetMemProfileRate(rate);
}

// What pprof takes from the file and our reader does not: in which mapping an address is, and whether to demangle a name.
TEST(ProfileTest, AddressesAreInTheirMappingsAndPlainNamesAreNotDemangledAgain) {
  const int64_t rate = SetMemProfileRate(1);
  for (const sites::Site& site : sites::All()) site.allocate();
  SetMemProfileRate(rate);
  sites::ForgetAll();
  runtime::GC();
  perftools::profiles::Profile proto;
  ASSERT_TRUE(
      proto.ParseFromString(internal::Decompress(Encode(HeapProfile(), Kind::kHeap)).value()));
  int mapped = 0;
  for (const auto& location : proto.location()) {
    if (location.mapping_id() == 0) continue;
    ++mapped;
    ASSERT_LE(location.mapping_id(), static_cast<uint64_t>(proto.mapping_size()));
    const auto& mapping = proto.mapping(static_cast<int>(location.mapping_id()) - 1);
    EXPECT_EQ(mapping.id(), location.mapping_id());
    EXPECT_GE(location.address(), mapping.memory_start());
    EXPECT_LT(location.address(), mapping.memory_limit());
  }
  EXPECT_GT(mapped, 10);
  int plain = 0;
  for (const auto& function : proto.function()) {
    // pprof demangles where the two are the same.
    const std::string& name = proto.string_table(static_cast<int>(function.name()));
    const bool is_plain = name.find("::") != std::string::npos;
    plain += is_plain ? 1 : 0;
    EXPECT_EQ(function.system_name(), is_plain ? 0 : function.name()) << name;
  }
  EXPECT_LT(plain, proto.function_size());
}

// Two functions of the same shape, which call each other in any order; their frames grow by what
// they are asked.
constexpr size_t kShallowBytes = 4321;
constexpr size_t kDeepBytes = 4322;
char* Descend(const std::string& path, size_t depth);
[[gnu::noinline]] char* GoLeft(const std::string& path, size_t depth) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(16 * (1 + depth % 3)));
  room[0] = 'l';
  char* memory = Descend(path, depth + 1);
  memory[0] = room[0];
  return memory;
}
[[gnu::noinline]] char* GoRight(const std::string& path, size_t depth) {
  auto* room = static_cast<volatile char*>(__builtin_alloca(16 * (3 - depth % 3)));
  room[0] = 'r';
  char* memory = Descend(path, depth + 1);
  memory[0] = room[0];
  return memory;
}
[[gnu::noinline]] char* Descend(const std::string& path, size_t depth) {
  if (depth == path.size()) {
    char* memory = new char[path.size() > 64 ? kDeepBytes : kShallowBytes];
    memory[1] = 'x';
    return memory;
  }
  char* memory = path[depth] == 'l' ? GoLeft(path, depth) : GoRight(path, depth);
  memory[2] = 'x';
  return memory;
}

// A sample keeps what it can of the sample before: no frame may come from another call.
TEST(ProfileTest, StacksThatDifferALittleAreToldApart) {
  const int64_t rate = SetMemProfileRate(1);
  std::mt19937 random(1);
  std::map<std::string, int64_t> expected;
  for (int i = 0; i < 5000; ++i) {
    std::string path;
    for (const size_t depth = 1 + random() % 7; path.size() < depth;) {
      path += random() % 2 == 0 ? 'l' : 'r';
    }
    delete[] Descend(path, 0);
    ++expected[path];
  }
  runtime::GC();
  SetMemProfileRate(rate);
  std::map<std::string, int64_t> seen;
  for (const Sample& sample : HeapProfile().samples) {
    if (sample.bytes_each != kShallowBytes) continue;
    std::string path;
    for (const internal::Call& call : internal::VisibleCalls(sample.stack)) {
      for (const internal::Frame& frame : call.frames) {
        if (frame.function.find("GoLeft") != std::string::npos) path.insert(0, 1, 'l');
        if (frame.function.find("GoRight") != std::string::npos) path.insert(0, 1, 'r');
      }
    }
    seen[path] += static_cast<int64_t>(sample.alloc_objects);
  }
  EXPECT_EQ(seen, expected);
}

TEST(ProfileTest, DeepStacksKeepTheirInnermostFrames) {
  // Made before: each sample shall find the one before it to go on from, which does not know its own outermost frames.
  std::vector<std::string> paths;
  for (size_t depth = 400; depth > 200; depth -= 7) paths.emplace_back(depth, 'l');
  const int64_t rate = SetMemProfileRate(1);
  for (const std::string& path : paths) delete[] Descend(path, 0);
  runtime::GC();
  SetMemProfileRate(rate);
  size_t deep = 0;
  for (const Sample& sample : HeapProfile().samples) {
    if (sample.bytes_each != kDeepBytes) continue;
    EXPECT_EQ(sample.stack.size(), 128u);
    deep += sample.alloc_objects;
  }
  EXPECT_EQ(deep, 29u);
}

TEST(ProfileTest, TheEncodingHasWhatPprofReads) {
  Profile profile{.samples = {}, .rate = 524288, .time_unix_ns = 1234567890, .duration_ns = 42};
  const auto here = reinterpret_cast<uintptr_t>(&SetMemProfileRate) + 1;
  profile.samples.push_back({{here}, 524288, 1, 524288, 1, 524288, 524288});
  perftools::profiles::Profile proto;
  ASSERT_TRUE(proto.ParseFromString(internal::Decompress(Encode(profile, Kind::kHeap)).value()));
  const auto text = [&proto](int64_t i) { return proto.string_table(static_cast<int>(i)); };
  EXPECT_EQ(text(proto.period_type().type()), "space");
  EXPECT_EQ(text(proto.period_type().unit()), "bytes");
  EXPECT_EQ(proto.period(), 524288);
  EXPECT_EQ(proto.time_nanos(), 1234567890);
  EXPECT_EQ(proto.duration_nanos(), 42);
  std::string types;
  for (const auto& type : proto.sample_type())
    types += text(type.type()) + '/' + text(type.unit()) + ' ';
  EXPECT_EQ(types, "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes ");
  EXPECT_EQ(proto.default_sample_type(), 0);
  ASSERT_EQ(proto.sample_size(), 1);
  EXPECT_THAT(proto.sample(0).value(), ::testing::ElementsAre(1, 829411, 1, 829411));
  ASSERT_EQ(proto.sample(0).label_size(), 1);
  EXPECT_EQ(text(proto.sample(0).label(0).key()), "bytes");
  EXPECT_EQ(proto.sample(0).label(0).num(), 524288);
  ASSERT_EQ(proto.location_size(), 1);
  EXPECT_EQ(proto.location(0).address(), here - 1);
  // The program comes first, with its build id.
  EXPECT_THAT(text(proto.mapping(0).filename()), HasSubstr("pprof_test"));
  EXPECT_EQ(text(proto.mapping(0).build_id()).size(), 40u);
  EXPECT_EQ(proto.location(0).mapping_id(), 1u);
  // As the linker laid them out, and nothing that pprof would have to look up by itself.
  const std::vector<internal::Segment> segments = internal::ExecutableSegments();
  ASSERT_EQ(static_cast<size_t>(proto.mapping_size()), segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    const auto& mapping = proto.mapping(static_cast<int>(i));
    EXPECT_EQ(mapping.id(), i + 1);
    EXPECT_EQ(mapping.memory_start(), segments[i].start);
    EXPECT_EQ(mapping.memory_limit(), segments[i].limit);
    EXPECT_EQ(mapping.file_offset(), segments[i].offset);
    EXPECT_EQ(text(mapping.filename()), segments[i].file);
    EXPECT_EQ(text(mapping.build_id()), segments[i].build_id);
    EXPECT_TRUE(mapping.has_functions() && mapping.has_filenames() && mapping.has_line_numbers() &&
                mapping.has_inline_frames());
  }
  // Each text once, the empty one first.
  std::set<std::string> texts(proto.string_table().begin(), proto.string_table().end());
  EXPECT_EQ(texts.size(), static_cast<size_t>(proto.string_table_size()));
  EXPECT_EQ(text(0), "");
  ASSERT_GE(proto.location(0).line_size(), 1);
  ASSERT_GE(proto.function_size(), 1);
  EXPECT_EQ(proto.location(0).line(0).function_id(), 1u);
  EXPECT_THAT(text(proto.function(0).filename()), ::testing::EndsWith("/profile.cc"));
  EXPECT_GT(proto.function(0).start_line(), 0);
  EXPECT_GE(proto.location(0).line(0).line(), proto.function(0).start_line());

  ASSERT_TRUE(proto.ParseFromString(internal::Decompress(Encode(profile, Kind::kAllocs)).value()));
  EXPECT_EQ(text(proto.default_sample_type()), "alloc_space");
}

TEST(ProfileTest, WhatNobodyFilledInIsZero) {
  const Sample sample;
  for (const uint64_t n : {sample.bytes_each, sample.alloc_objects, sample.alloc_bytes,
                           sample.inuse_objects, sample.inuse_bytes}) {
    EXPECT_EQ(n, 0u);
  }
  EXPECT_EQ(sample.rate, 0);
  const Profile profile;
  EXPECT_EQ(profile.rate, 0);
  EXPECT_EQ(profile.time_unix_ns, 0);
  EXPECT_EQ(profile.duration_ns, 0);
  const internal::Frame frame;
  EXPECT_EQ(frame.line, 0);
  EXPECT_EQ(frame.start_line, 0);
  EXPECT_EQ(frame.offset, 0u);
}

TEST(ProfileTest, ADeltaIsWhatCameBetween) {
  const Profile earlier{.samples = {{{1, 2}, 10, 5, 50, 4, 40, 1},
                                    {{1, 3}, 10, 1, 10, 1, 10, 1},
                                    {{1, 3}, 10, 7, 70, 7, 70, 4096}},
                        .rate = 1,
                        .time_unix_ns = 1000,
                        .duration_ns = 0};
  const Profile later{.samples = {{{1, 2}, 10, 6, 60, 1, 10, 1},
                                  {{1, 3}, 10, 1, 10, 1, 10, 1},
                                  {{1, 3}, 10, 7, 70, 7, 70, 4096},
                                  {{1, 2}, 20, 2, 40, 2, 40, 1}},
                      .rate = 1,
                      .time_unix_ns = 5000,
                      .duration_ns = 0};
  const Profile delta = Delta(earlier, later);
  EXPECT_EQ(delta.time_unix_ns, 5000);
  EXPECT_EQ(delta.duration_ns, 4000);
  ASSERT_EQ(delta.samples.size(), 2u);
  EXPECT_EQ(delta.samples[0].alloc_objects, 1u);
  EXPECT_EQ(static_cast<int64_t>(delta.samples[0].inuse_objects), -3);
  EXPECT_EQ(static_cast<int64_t>(delta.samples[0].inuse_bytes), -30);
  EXPECT_EQ(delta.samples[1].bytes_each, 20u);
  EXPECT_EQ(delta.samples[1].alloc_bytes, 40u);
  EXPECT_THAT(Text(delta), StartsWith("heap profile: -1: 10 [3: 50] @ heap/2\n"));
}

TEST(ProfileTest, TextIsGosForm) {
  const auto here = reinterpret_cast<uintptr_t>(&SetMemProfileRate) + 1;
  const Profile profile{
      .samples = {{{here}, 32, 2, 64, 2, 64, 524288}, {{here}, 16, 3, 48, 1, 16, 524288}},
      .rate = 524288,
      .time_unix_ns = 0,
      .duration_ns = 0};
  std::string text;
  std::thread([&] { text = Text(profile); }).join();  // a thread that the collector does not know
  // What is least in use comes first.
  EXPECT_THAT(text, StartsWith("heap profile: 3: 80 [5: 112] @ heap/1048576\n1: 16 [3: 48] @ 0x"));
  EXPECT_THAT(text, HasSubstr("\n2: 64 [2: 64] @ 0x"));
  EXPECT_THAT(text, ContainsRegex("\n1: 16 \\[3: 48\\] @ 0x[0-9a-f]+\n"
                                  "#\t0x[0-9a-f]+\theapwise::pprof::SetMemProfileRate\\(long\\)"
                                  "\\+0x0\t[^\n]*/profile.cc:[0-9]+\n\n"));
  EXPECT_THAT(text, ContainsRegex("\n# runtime.MemStats\n# Alloc = [0-9]+\n"));
  EXPECT_THAT(text, ContainsRegex("\n# NumGC = [0-9]+\n"));
}

// As it is where the rate has changed since they were sampled.
TEST(ProfileTest, EachSampleIsScaledByItsOwnRate) {
  const auto here = reinterpret_cast<uintptr_t>(&SetMemProfileRate) + 1;
  const Profile profile{
      .samples = {{{here}, 524288, 1, 524288, 1, 524288, 524288}, {{here}, 16, 3, 48, 1, 16, 1}},
      .rate = 4096,
      .time_unix_ns = 0,
      .duration_ns = 0};
  const std::vector<ParsedSample> samples = testing::Decode(Encode(profile, Kind::kHeap));
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_THAT(samples[0].values, ::testing::ElementsAre(1, 829411, 1, 829411));
  EXPECT_THAT(samples[1].values, ::testing::ElementsAre(3, 48, 1, 16));
  // The text has one rate: the least.
  EXPECT_THAT(Text(profile), StartsWith("heap profile: 2: 829427 [4: 829459] @ heap/2\n"
                                        "1: 16 [3: 48] @ 0x"));
  EXPECT_THAT(Text(profile), HasSubstr("\n1: 829411 [1: 829411] @ 0x"));
  const Profile empty{.samples = {}, .rate = 4096, .time_unix_ns = 0, .duration_ns = 0};
  EXPECT_THAT(Text(empty), StartsWith("heap profile: 0: 0 [0: 1] @ heap/8192\n"));
}

TEST(ProfileTest, TextHasTheSiteFirstAndReturnAddresses) {
  const auto allocator =
      reinterpret_cast<uintptr_t>(static_cast<void* (*)(std::size_t)>(&::operator new)) + 1;
  const auto site = reinterpret_cast<uintptr_t>(&SetMemProfileRate) + 1;
  const Profile profile{.samples = {{{allocator, site}, 16, 1, 16, 1, 16, 1}},
                        .rate = 1,
                        .time_unix_ns = 0,
                        .duration_ns = 0};
  EXPECT_THAT(Text(profile), StartsWith("heap profile: 1: 16 [1: 17] @ heap/2\n"));  // never equal
  std::ostringstream address;
  address << "0x" << std::hex << site;
  EXPECT_THAT(Text(profile), HasSubstr("\n1: 16 [1: 16] @ " + address.str() + "\n#\t"));
}

TEST(ProfileTest, AFileThatCannotBeWrittenIsAnError) {
  EXPECT_EQ(WriteHeapProfileTo("/nonexistent/heap.pb.gz"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(WriteHeapProfileTo("/dev/full"), std::errc::no_space_on_device);
  EXPECT_EQ(WriteHeapProfileTo("/dev/null"), std::error_code());
  std::ofstream closed;
  EXPECT_FALSE(WriteHeapProfile(closed));
  std::ostringstream open;
  EXPECT_TRUE(WriteHeapProfile(open));
  EXPECT_THAT(open.str(), StartsWith("\x1f\x8b"));
}

TEST(SymbolizerTest, TellsAllocatorsFromUsers) {
  for (const char* name :
       {"_Znwm", "_Znam", "_ZnwmSt11align_val_t", "_ZNSt6vectorIiSaIiEE17_M_realloc_insertIJiEEEvv",
        "_ZNSs4_Rep9_S_createEmmRKSaIcE", "_ZSt11make_uniqueI1TJEEv", "_ZNKSt8functionIFvvEEclEv",
        "_ZN9__gnu_cxx13new_allocatorIiE8allocateEmPKv", "_ZN8heapwise7runtime3NewI1TJEEEPT_DpOT0_",
        "_ZN8heapwise7runtime8internal17AllocateSmallSlowEmNS1_4KindE", "operator new",
        "std::vector<int>::reserve", "heapwise::runtime::New<T>",
        "_ZZNSt6thread4_M_runEvENKUlvE_clEv"}) {
    EXPECT_TRUE(internal::IsAllocator(name)) << name;
  }
  for (const char* name : {"main", "_Z3fooSt6vectorIiSaIiEE", "_ZN3FoonwEm", "_ZZ4mainENKUlvE_clEv",
                           "_ZN8heapwise5pprof5sites3AllEv", "_ZN2St3runEv", "malloc", "", "_Z",
                           "_ZN", "_ZN8heapwise5bench3RunEv", "std_like::f", "my::std::f"}) {
    EXPECT_FALSE(internal::IsAllocator(name)) << name;
  }
}

const std::vector<uintptr_t> kOneCall = {reinterpret_cast<uintptr_t>(&SetMemProfileRate) + 1};

// How many children, one after the other, look up an address while another thread of their parent does. The first that
// does not, or hangs, is the last.
int ChildrenThatLookUp(int children) {
  std::atomic<bool> done{false};
  std::thread busy([&] {
    while (!done.load()) internal::VisibleCalls(kOneCall);
  });
  int good = 0;
  for (int status = 0; good < children && status == 0; good += status == 0 ? 1 : 0) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      _exit(internal::VisibleCalls(kOneCall).size() == 1 ? 0 : 1);
    }
    waitpid(child, &status, 0);
  }
  done.store(true);
  busy.join();
  return good;
}

TEST(SymbolizerTest, ChildrenOfAParentThatLooksUpMayToo) {
  if (test::kAddressSanitizer) GTEST_SKIP() << "children may hang";
  EXPECT_EQ(ChildrenThatLookUp(100), 100);
}

// In processes in which nobody has looked up anything yet.
TEST(SymbolizerTest, ChildrenOfAParentThatLooksUpForTheFirstTimeMayToo) {
  if (test::kAddressSanitizer) GTEST_SKIP() << "children may hang";
  for (int i = 0; i < 40; ++i) {
    const pid_t parent = fork();
    if (parent == 0) _exit(ChildrenThatLookUp(1) == 1 ? 0 : 1);
    int status = -1;
    waitpid(parent, &status, 0);
    ASSERT_EQ(status, 0) << i;
  }
}

TEST(SymbolizerTest, AnAddressOfNothingHasNoFrames) {
  EXPECT_TRUE(internal::Symbolize(16).empty());
  const std::vector<uintptr_t> stack = {17, 33};
  EXPECT_EQ(internal::VisibleCalls(stack).size(), 2u);
}

TEST(ProbeTest, NothingIsPublishedBeforeACollectionExceptTheFirstTime) {
  const test::Ran ran = test::Execute({kProbe, "publication"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.output,
            "nothing published yet: 1 allocated, 1 in use\n"
            "no collection since: 1 allocated, 1 in use\n"
            "deleted: 1 allocated, 1 in use\n"
            "collected: 2 allocated, 1 in use\n"
            "deleted again: 2 allocated, 1 in use\n"
            "collected again: 2 allocated, 0 in use\n");
}

TEST(ProbeTest, TheIncrementalModeFreesToo) {
  EXPECT_EQ(test::Execute({kProbe, "incremental"}).output, "alive, then dead\n");
}

TEST(ProbeTest, WhatIsAllocatedBeforeMainIsSeen) {
  EXPECT_EQ(test::Execute({kProbe, "early"}).output, "67108864\n");
}

TEST(ProbeTest, AProgramAtAFixedAddressHasLines) {
  const test::TempDir directory;
  const std::string file = directory.path() / "fixed.pb.gz";
  const test::Ran ran = test::Execute({kProbeAtFixedAddress, "write", file});
  ASSERT_EQ(ran.status, 0) << ran.output;
  ExpectEverySite(testing::Decode(test::ReadFile(file)), 100);
}

// Without debug information the symbol table names the functions.
TEST(ProbeTest, AProgramWithoutDebugInformationHasFunctionsWithoutLines) {
  const test::TempDir directory;
  const std::string file = directory.path() / "plain.pb.gz";
  const test::Ran ran = test::Execute({kProbeWithoutDebugInfo, "write", file});
  ASSERT_EQ(ran.status, 0) << ran.output;
  std::map<std::string, int64_t> bytes;
  for (const ParsedSample& sample : testing::Decode(test::ReadFile(file))) {
    const Line& innermost = sample.stack.front();
    bytes[innermost.function] += sample.values[1];
    if (innermost.function.find("PlainArray") != std::string::npos) {
      EXPECT_EQ(innermost.line, 0);
    }
  }
  const auto of = [&bytes](const std::string& part) {
    int64_t sum = 0;
    for (const auto& [name, n] : bytes) sum += name.find(part) == std::string::npos ? 0 : n;
    return sum;
  };
  EXPECT_EQ(of("PlainArray()"), 40'000);
  EXPECT_EQ(of("LongString()"), 100'100);
  EXPECT_EQ(of("CollectedSlice()"), 300'800);
  EXPECT_EQ(of("MakeOne<"), 19'200);
}

// The real reader, where there is one.
class GoToolPprofTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (test::Shell("go tool -n pprof", environment_).status != 0) {
      GTEST_SKIP() << "no `go tool pprof` here (Debian: golang-go)";
    }
    const test::Ran ran = test::Execute({kProbe, "write", File()});
    ASSERT_EQ(ran.status, 0) << ran.output;
  }

  std::string File() const { return directory_.path() / "probe.pb.gz"; }

  std::string Pprof(std::vector<std::string> flags) {
    // By a shell, which finds `go` on the PATH that it is given. From the top: in a directory named pprof, -list looks for
    // sources below the last pprof/ of their paths.
    std::string command = "cd / && go tool pprof";
    for (const std::string& flag : flags) command += " '" + flag + "'";
    const test::Ran ran = test::Shell(command + " \"$PROFILE\"", environment_);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.output;
  }

  const test::TempDir directory_;
  const test::RunOptions environment_ = {.environment = {{"PATH", test::PathWithGo()},
                                                         {"PPROF_TMPDIR", directory_.path()},
                                                         {"PROFILE", File()}}};
};

TEST_F(GoToolPprofTest, TopNamesTheFunctions) {
  const std::string top =
      Pprof({"-top", "-nodecount=40", "-nodefraction=0", "-unit=B", "-sample_index=alloc_space"});
  EXPECT_THAT(top, HasSubstr("Type: alloc_space"));
  EXPECT_THAT(top, ContainsRegex("\n +512000B +[0-9.]+% +[0-9.]+% +512000B +[0-9.]+% "
                                 "+[^\n]*FilledVector"));
  EXPECT_THAT(top, ContainsRegex("\n +40000B [^\n]*PlainArray"));
  EXPECT_THAT(top, ContainsRegex("\n +204800B [^\n]*AllocateInLibrary"));
  EXPECT_THAT(top, ContainsRegex("\n +300800B [^\n]*CollectedSlice"));
  EXPECT_THAT(top, HasSubstr(" (anonymous namespace)::Early::Early (inline)"));
  EXPECT_THAT(top, Not(HasSubstr("operator new")));
  EXPECT_THAT(top, Not(HasSubstr("AllocateSmall")));
  EXPECT_THAT(Pprof({"-top", "-unit=B"}), HasSubstr("Type: inuse_space"));
}

TEST_F(GoToolPprofTest, ListFindsTheLines) {
  const std::string list = Pprof({"-list", "PlainArray", "-unit=B"});
  EXPECT_THAT(list, ContainsRegex(
                        "40000B +40000B +" +
                        std::to_string(testing::LineOf(kTestdata + "/sites.cc", "// site array")) +
                        ": +auto\\* array = new int"));
}

TEST_F(GoToolPprofTest, TracesShowTheStacks) {
  const std::string traces = Pprof({"-traces"});
  EXPECT_THAT(traces, ContainsRegex("bytes: +2kB\n"));
  EXPECT_THAT(traces, ContainsRegex("AllocateInLibrary\n[^\n]*Library\n"));
  EXPECT_THAT(traces, ContainsRegex("Inlined[^\n]*\n[^\n]*CallsInlined"));
}

TEST_F(GoToolPprofTest, SvgIsDrawn) {
  if (test::Shell("dot -V").status != 0) GTEST_SKIP() << "no `dot` here (Debian: graphviz)";
  const std::string svg = Pprof({"-svg", "-output=/dev/stdout"});
  EXPECT_THAT(svg, HasSubstr("<svg"));
  EXPECT_THAT(svg, HasSubstr("FilledVector"));
}

}  // namespace
}  // namespace heapwise::pprof
