#include "heapwise/gc/heap_memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/debug.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/modes.h"

namespace heapwise::runtime::internal {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

char* GetMemory(size_t bytes) {
  Init();
  const AllocLock lock;
  return static_cast<char*>(__wrap_GC_unix_get_mem(bytes));
}

// Whether the system was given this advice about the page at `address`: "hg" huge pages, "nh" none.
bool HasFlag(const void* address, const std::string& flag) {
  std::ifstream smaps("/proc/self/smaps");
  const auto page = reinterpret_cast<uintptr_t>(address);
  bool here = false;
  for (std::string line; std::getline(smaps, line);) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) here = from <= page && page < to;
    if (here && line.starts_with("VmFlags:")) {
      return (line + " ").find(" " + flag + " ") != std::string::npos;
    }
  }
  ADD_FAILURE() << "not mapped";
  return false;
}

TEST(HeapMemoryTest, PiecesFollowOneAnotherInARegion) {
  char* const first = GetMemory(kHugePage);
  char* at = first + kHugePage;
  int followed = 0;
  for (int i = 0; i < 100; ++i) {
    char* const piece = GetMemory(16 * kPage);
    ASSERT_NE(piece, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(piece) % kPage, 0u);
    EXPECT_TRUE(std::all_of(piece, piece + 16 * kPage, [](char c) { return c == 0; }));
    piece[0] = piece[16 * kPage - 1] = 1;
    followed += piece == at;
    at = piece + 16 * kPage;
  }
  // 32 pieces a region; where one ends, the next may be elsewhere.
  EXPECT_GE(followed, 96);
}

TEST(HeapMemoryTest, APieceMayBeLargerThanARegion) {
  char* const large = GetMemory(5 * kHugePage + kPage);
  ASSERT_NE(large, nullptr);
  for (size_t at = 0; at < 5 * kHugePage + kPage; at += kPage) large[at] = 1;
  char* const after = GetMemory(kPage);
  EXPECT_TRUE(after < large || after >= large + 5 * kHugePage + kPage);
}

TEST(HeapMemoryTest, NoMemoryIsNull) {
  EXPECT_EQ(GetMemory(~size_t{0} & ~(kPage - 1)), nullptr);
  EXPECT_EQ(GetMemory(size_t{1} << 60), nullptr);
  EXPECT_NE(GetMemory(kPage), nullptr) << "and what is left can be had";
}

// The address space of this process in bytes.
rlim_t MappedBytes() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * kPage;
}

// Takes what is left of the newest region, leaves room for half a huge page, and fills that with pieces.
[[noreturn]] void FillHalfAHugePage() {
  constexpr size_t kPiece = 16 * kPage;
  constexpr int kPieces = kHugePage / 2 / kPiece;
  const auto after = reinterpret_cast<uintptr_t>(GetMemory(kPage)) + kPage;
  if (after % kHugePage != 0) GetMemory(kHugePage - after % kHugePage);
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0) std::perror("getrlimit");
  limit.rlim_cur = MappedBytes() + kHugePage / 2;
  if (setrlimit(RLIMIT_AS, &limit) != 0) std::perror("setrlimit");
  int pieces = 0;
  while (char* const piece = GetMemory(kPiece)) {
    piece[0] = piece[kPiece - 1] = 1;
    if (++pieces > kPieces) break;
  }
  std::fprintf(stderr, "%d of %d pieces\n", pieces, kPieces);
  std::_Exit(pieces == kPieces ? 0 : 1);
}

TEST(HeapMemoryTest, WhereThereIsNoRoomForARegionThereAreSmallPieces) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(FillHalfAHugePage(), testing::ExitedWithCode(0), "16 of 16 pieces");
}

// In a frame of its own, so that no pointer stays behind on the stack.
[[gnu::noinline]] void HoldAndDrop(size_t slices) {
  std::vector<std::span<char>, Allocator<std::span<char>>> kept(slices);
  for (std::span<char>& slice : kept) slice = MakeSlice<char>(size_t{1} << 20);
  for (std::span<char>& slice : kept) slice = {};
}

uint64_t ReleasedMiB() {
  MemStats stats;
  ReadMemStats(&stats);
  return stats.HeapReleased >> 20;
}

// Ends well if collections give 64 MiB that were dropped back to the system, or nothing of it where free memory is to be
// kept, and FreeOSMemory gives it back in either case.
[[noreturn]] void DropMemory(bool keep) {
  if (keep) KeepFreeMemory();
  HoldAndDrop(64);
  for (int i = 0; i < 16; ++i) GC();
  const uint64_t collected = ReleasedMiB();
  debug::FreeOSMemory();
  const uint64_t freed = ReleasedMiB();
  std::fprintf(stderr, "given back: %lu MiB, then %lu MiB\n", collected, freed);
  std::_Exit((keep ? collected == 0 : collected >= 48) && freed >= 48 ? 0 : 1);
}

TEST(HeapMemoryTest, FreeMemoryIsGivenBackUnlessItIsToBeKept) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(DropMemory(false), testing::ExitedWithCode(0), "given back");
  EXPECT_EXIT(DropMemory(true), testing::ExitedWithCode(0), "given back: 0 MiB");
}

TEST(HeapMemoryTest, TheHeapIsOfHugePages) {
  const auto object = MakeSlice<char>(4 * kHugePage);
  EXPECT_TRUE(HasFlag(&object[2 * kHugePage], "hg"));
}

// There is no way back to huge pages: in a process of its own.
void ExpectSmallPagesAfter(void (*choose)()) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        choose();
        const auto object = MakeSlice<char>(4 * kHugePage);
        std::exit(HasFlag(&object[2 * kHugePage], "hg") ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST(HeapMemoryTest, InTheIncrementalModeItIsOfSmallOnes) {
  ExpectSmallPagesAfter([] { EnableIncremental(std::chrono::milliseconds(5)); });
}

TEST(HeapMemoryTest, WhoAsksForSmallPagesHasThem) {
  ExpectSmallPagesAfter(debug::DisableHugePages);
}

TEST(HeapMemoryTest, GodebugSwitchesHugePagesOff) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("GODEBUG", "disablethp=1", 1);  // for the child, which starts anew
  ExpectSmallPagesAfter([] {});
  unsetenv("GODEBUG");
}

}  // namespace
}  // namespace heapwise::runtime::internal
