#include "heapwise/gc/survivors.h"

#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

#include "heapwise/base/bdwgc.h"

// bdwgc's own functions, which its headers keep to themselves (headers.c): linked with the archive they are there. Weak,
// so that a program links without them too.
extern "C" {
// The data is a word of its own, of the size of a pointer.
[[gnu::weak]] void GC_apply_to_all_blocks(void (*function)(void* block, void* data), void* data);
[[gnu::weak]] const unsigned char* GC_find_header(void* block);
}

namespace heapwise::runtime::internal {
namespace {

constexpr size_t kBlock = 4096;    // HBLKSIZE
constexpr size_t kGranule = 16;    // GRANULE_BYTES: a mark stands for so many bytes
constexpr size_t kSearched = 192;  // bytes of a header, which is longer than its 257 marks

// Where in a header the first mark is.
std::optional<size_t> marks_at;

constinit uint32_t counted_kinds = 0;  // a bit for each; guarded by bdwgc's lock

// The size of an object, or of those of a block; 0 if they do not count.
size_t CountedSize(void* object) {
  size_t bytes;
  const int kind = GC_get_kind_and_size(object, &bytes);
  return (counted_kinds >> kind & 1) != 0 ? bytes : 0;
}

void CountObject(void* object, size_t bytes, void* sum) {
  if (CountedSize(object) == 0) return;
  auto* survivors = static_cast<Survivors*>(sum);
  survivors->bytes += bytes;
  ++survivors->objects;
}

// The sum of the first `count` marks of a block, each of which is 0 or 1.
uint64_t Sum(const unsigned char* marks, size_t count) {
  uint64_t lanes = 0;  // of eight bytes: at most 32 in each
  for (; count >= 8; count -= 8, marks += 8) {
    uint64_t eight;
    std::memcpy(&eight, marks, 8);
    lanes += eight;
  }
  uint64_t rest = 0;
  for (size_t i = 0; i < count; ++i) rest += marks[i];
  constexpr uint64_t kEvenLanes = 0x00ff00ff00ff00ff;
  const uint64_t pairs = (lanes & kEvenLanes) + (lanes >> 8 & kEvenLanes);
  return rest + (pairs * 0x0001000100010001 >> 48);
}

void CountBlock(void* block, void* sum) {
  auto* const survivors = static_cast<Survivors*>(sum);
  const size_t bytes = CountedSize(block);
  if (bytes == 0) return;
  const unsigned char* const marks = GC_find_header(block) + *marks_at;
  // Behind the marks of the last object is one that is always set.
  const uint64_t objects =
      bytes > kBlock ? marks[0] : Sum(marks, kBlock / bytes * bytes / kGranule);
  survivors->objects += objects;
  survivors->bytes += objects * bytes;
}

// Which of the first bytes of a header are not as they were.
std::vector<size_t> Changed(const unsigned char* header, const unsigned char* before) {
  std::vector<size_t> changed;
  for (size_t i = 0; i < kSearched; ++i) {
    if (header[i] != before[i]) changed.push_back(i);
  }
  return changed;
}

// Marking an object changes its mark and, the same byte for all, the number of marks.
std::optional<size_t> PlaceOfMarks(void* block, void* one, void* other) {
  const unsigned char* const header = GC_find_header(block);
  const auto granule = [block](void* object) {
    return static_cast<size_t>(static_cast<char*>(object) - static_cast<char*>(block)) / kGranule;
  };
  const auto mark_of = [&](void* object) {
    unsigned char before[kSearched];
    std::memcpy(before, header, kSearched);
    GC_set_mark_bit(object);
    std::vector<size_t> changed = Changed(header, before);
    GC_clear_mark_bit(object);
    return changed;
  };
  for (const size_t place : mark_of(one)) {
    if (place < granule(one)) continue;
    const size_t first = place - granule(one);
    for (const size_t of_other : mark_of(other)) {
      if (of_other == first + granule(other)) return first;
    }
  }
  return std::nullopt;
}

}  // namespace

void CountKind(unsigned kind) {
  const AllocLock lock;
  counted_kinds |= uint32_t{1} << kind;
}

void FindMarks() {
  if (GC_apply_to_all_blocks == nullptr || GC_find_header == nullptr) return;
  // Two objects of one block, near its beginning; they are garbage afterwards.
  std::vector<void*> near;
  void* block = nullptr;
  for (void* object = GC_malloc_many(kGranule); object != nullptr; object = GC_NEXT(object)) {
    const auto address = reinterpret_cast<uintptr_t>(object);
    block = static_cast<char*>(object) - address % kBlock;
    if (address % kBlock >= kGranule && address % kBlock < 8 * kGranule) near.push_back(object);
  }
  if (near.size() >= 2) marks_at = PlaceOfMarks(block, near[0], near[1]);
}

bool MarksFound() { return marks_at.has_value(); }

Survivors CountSurvivors() {
  if (!marks_at) return EnumerateSurvivors();
  Survivors survivors;
  GC_apply_to_all_blocks(CountBlock, &survivors);
  return survivors;
}

Survivors EnumerateSurvivors() {
  Survivors survivors;
  GC_enumerate_reachable_objects_inner(CountObject, &survivors);
  return survivors;
}

}  // namespace heapwise::runtime::internal
