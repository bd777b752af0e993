#ifndef HEAPWISE_PPROF_TABLES_H_
#define HEAPWISE_PPROF_TABLES_H_

#include <cstddef>
#include <cstdint>

// What the profiler remembers: how much came from each place, and where the sampled memory that is in use came from. All
// of it lies in malloc's memory: no collector scans it and no operator new counts it. Not thread-safe: hooks.cc serialises.
//
// A stop is one of the world's, for a collection; stops are numbered from 1, and a profile shows the moment of one. What
// happened since waits for the next, as in Go (mprof.go:73).
namespace heapwise::pprof::internal {

struct Counts {
  uint64_t allocs = 0;
  uint64_t frees = 0;

  Counts& operator+=(const Counts& other) {
    allocs += other.allocs;
    frees += other.frees;
    return *this;
  }
};

// One stack, size and interval (sampler.h). The addresses of the stack follow it in memory.
struct Bucket {
  Bucket* next_in_slot;
  Bucket* next;  // of all
  uint64_t hash;
  size_t bytes;
  int64_t interval;
  size_t depth;
  Counts published;
  Counts waiting;  // from before some stop, not yet published
  Counts current;  // from after stop number current_stop
  uint64_t current_stop;

  const uintptr_t* stack() const { return reinterpret_cast<const uintptr_t*>(this + 1); }

  // Where to count what happens now, after that stop.
  Counts& At(uint64_t stop);

  // Publishes what happened before that stop.
  void Publish(uint64_t before_stop);
};

// All buckets. None is ever freed.
class BucketTable {
 public:
  // False where memory is exhausted. Once, before the rest.
  bool Start();

  // The one of these, made if need be, or null where memory is exhausted.
  Bucket* Find(const uintptr_t* stack, size_t depth, size_t bytes, int64_t interval);

  Bucket* first() const { return first_; }  // and on by `next`
  size_t size() const { return size_; }

 private:
  Bucket** slots_ = nullptr;
  Bucket* first_ = nullptr;
  size_t size_ = 0;
};

// The sampled memory of operator new that is in use, by address: open addressing, linear probing.
class NewTable {
 public:
  // False where memory is exhausted.
  bool Insert(void* memory, Bucket* bucket);

  // The bucket of an address, which is forgotten, or null.
  Bucket* Remove(void* memory);

 private:
  struct Entry {
    void* memory;
    Bucket* bucket;
  };

  size_t Home(void* memory) const;
  void Place(void* memory, Bucket* bucket);
  bool Grow();

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;  // a power of two, or 0
  size_t count_ = 0;
};

// The sampled objects of the collected heap that no collection has found dead.
class ObjectTable {
 public:
  // An object that was allocated after that stop. False where memory is exhausted.
  bool Insert(void* object, Bucket* bucket, uint64_t stop);

  // Publishes those as freed that marking has not reached, and forgets them: of those from before the stop, as what is
  // newer is not marked.
  void RemoveDead(uint64_t before_stop, bool (*is_marked)(void* object));

 private:
  struct Entry {
    void* object;
    Bucket* bucket;
    uint64_t stop;
  };

  Entry* entries_ = nullptr;
  size_t capacity_ = 0;
  size_t count_ = 0;
};

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_TABLES_H_
