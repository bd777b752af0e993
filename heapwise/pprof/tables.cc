#include "heapwise/pprof/tables.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "heapwise/pprof/mix.h"

namespace heapwise::pprof::internal {
namespace {

constexpr size_t kSlots = size_t{1} << 14;
constexpr size_t kLeastCapacity = 1024;

}  // namespace

Counts& Bucket::At(uint64_t stop) {
  if (stop != current_stop) {
    waiting += std::exchange(current, Counts{});
    current_stop = stop;
  }
  return current;
}

void Bucket::Publish(uint64_t before_stop) {
  published += std::exchange(waiting, Counts{});
  if (current_stop < before_stop) published += std::exchange(current, Counts{});
}

bool BucketTable::Start() {
  slots_ = static_cast<Bucket**>(std::calloc(kSlots, sizeof(Bucket*)));
  return slots_ != nullptr;
}

Bucket* BucketTable::Find(const uintptr_t* stack, size_t depth, size_t bytes, int64_t interval) {
  uint64_t hash = Mix(bytes + Mix(static_cast<uint64_t>(interval)));
  for (size_t i = 0; i < depth; ++i) hash = Mix(hash + stack[i]);
  Bucket*& slot = slots_[hash % kSlots];
  for (Bucket* bucket = slot; bucket != nullptr; bucket = bucket->next_in_slot) {
    if (bucket->hash == hash && bucket->bytes == bytes && bucket->interval == interval &&
        bucket->depth == depth && std::equal(stack, stack + depth, bucket->stack())) {
      return bucket;
    }
  }
  void* const memory = std::calloc(1, sizeof(Bucket) + depth * sizeof(uintptr_t));
  if (memory == nullptr) return nullptr;
  auto* const bucket = new (memory) Bucket{.next_in_slot = slot,
                                           .next = first_,
                                           .hash = hash,
                                           .bytes = bytes,
                                           .interval = interval,
                                           .depth = depth,
                                           .published = {},
                                           .waiting = {},
                                           .current = {},
                                           .current_stop = 0};
  std::copy(stack, stack + depth, reinterpret_cast<uintptr_t*>(bucket + 1));
  slot = first_ = bucket;
  ++size_;
  return bucket;
}

bool NewTable::Insert(void* memory, Bucket* bucket) {
  if (2 * (count_ + 1) > capacity_ && !Grow()) return false;
  Place(memory, bucket);
  ++count_;
  return true;
}

Bucket* NewTable::Remove(void* memory) {
  if (capacity_ == 0) return nullptr;
  size_t i = Home(memory);
  while (entries_[i].memory != memory) {
    if (entries_[i].memory == nullptr) return nullptr;
    i = (i + 1) & (capacity_ - 1);
  }
  Bucket* const bucket = entries_[i].bucket;
  // What was pushed past this place moves up, so that no search ends too early.
  size_t hole = i;
  for (size_t j = (i + 1) & (capacity_ - 1); entries_[j].memory != nullptr;
       j = (j + 1) & (capacity_ - 1)) {
    const size_t from_home = (j - Home(entries_[j].memory)) & (capacity_ - 1);
    if (from_home >= ((j - hole) & (capacity_ - 1))) {
      entries_[hole] = entries_[j];
      hole = j;
    }
  }
  entries_[hole] = {};
  --count_;
  return bucket;
}

size_t NewTable::Home(void* memory) const {
  return Mix(reinterpret_cast<uintptr_t>(memory)) & (capacity_ - 1);
}

void NewTable::Place(void* memory, Bucket* bucket) {
  size_t i = Home(memory);
  while (entries_[i].memory != nullptr) i = (i + 1) & (capacity_ - 1);
  entries_[i] = {memory, bucket};
}

bool NewTable::Grow() {
  const size_t capacity = std::max<size_t>(kLeastCapacity, 2 * capacity_);
  auto* const entries = static_cast<Entry*>(std::calloc(capacity, sizeof(Entry)));
  if (entries == nullptr) return false;
  Entry* const old = std::exchange(entries_, entries);
  const size_t old_capacity = std::exchange(capacity_, capacity);
  for (size_t i = 0; i < old_capacity; ++i) {
    if (old[i].memory != nullptr) Place(old[i].memory, old[i].bucket);
  }
  std::free(old);
  return true;
}

bool ObjectTable::Insert(void* object, Bucket* bucket, uint64_t stop) {
  if (count_ == capacity_) {
    const size_t capacity = std::max<size_t>(kLeastCapacity, 2 * capacity_);
    void* const entries = std::realloc(entries_, capacity * sizeof(Entry));
    if (entries == nullptr) return false;
    entries_ = static_cast<Entry*>(entries);
    capacity_ = capacity;
  }
  entries_[count_++] = {object, bucket, stop};
  return true;
}

void ObjectTable::RemoveDead(uint64_t before_stop, bool (*is_marked)(void* object)) {
  size_t kept = 0;
  for (size_t i = 0; i < count_; ++i) {
    const Entry& entry = entries_[i];
    if (entry.stop < before_stop && !is_marked(entry.object)) {
      ++entry.bucket->published.frees;
    } else {
      entries_[kept++] = entry;
    }
  }
  count_ = kept;
}

}  // namespace heapwise::pprof::internal
