#ifndef HEAPWISE_POOL_BASE_H_
#define HEAPWISE_POOL_BASE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heapwise::sync {

// The pool of untyped pointers under Pool<T>. Internal; pool.h holds the contract.
//
// Each thread that uses a pool has a Local in it. Its owner works on it without atomic
// instructions, between storing 1 and 0 in `pinned`. Two others touch a Local:
//   - the collector, with the world stopped, to rotate it. If the owner was stopped inside an
//     operation (pinned) or a thief was, the rotation is only noted, and made by the next one that
//     works on the Local.
//   - a thief, which sets `blocked`, then makes every thread of the process pass a memory barrier
//     (membarrier(2)), and backs off if it still sees the owner pinned. The owner, having pinned
//     itself, looks at `blocked` before it goes on. So the cost of the ordering falls on the rare
//     thief, not on the owner.
class PoolBase {
 public:
  PoolBase();
  ~PoolBase();
  PoolBase(const PoolBase&) = delete;
  PoolBase& operator=(const PoolBase&) = delete;

  // An object, or null when there is none anywhere.
  void* Take();
  void Give(void* object);

  struct Local;

 private:
  friend struct PoolRegistry;

  struct Place;

  Local* Find() const;
  Local* Adopt();
  void* TakeElsewhere(Local* own);

  // Its place in each thread's table, which a later pool takes over with whatever stands there; and what tells the two
  // apart.
  Place* place_;
  size_t index_;
  uint64_t id_;  // never used again by another pool
  // Only ever added to; written with the allocation lock held
  std::atomic<Local*> locals_{nullptr};
  PoolBase* next_ = nullptr;  // all pools; guarded by the allocation lock
};

}  // namespace heapwise::sync

#endif  // HEAPWISE_POOL_BASE_H_
