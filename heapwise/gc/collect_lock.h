#ifndef HEAPWISE_GC_COLLECT_LOCK_H_
#define HEAPWISE_GC_COLLECT_LOCK_H_

#include <mutex>

namespace heapwise::runtime::internal {

// Held by whoever decides on a collection, while that runs, and by whoever changes a setting: one at a time. The first
// in the order of locks (LOCKS.md), never taken in a callback of bdwgc. A function that is to be called with it held asks
// for it as an argument.
class CollectLock {
 public:
  CollectLock() { mutex_.lock(); }
  ~CollectLock() { mutex_.unlock(); }
  CollectLock(const CollectLock&) = delete;
  CollectLock& operator=(const CollectLock&) = delete;

  // Around a fork, so that no thread that the child does not have holds it there.
  static void HoldForFork() { mutex_.lock(); }
  static void ReleaseAfterFork() { mutex_.unlock(); }

 private:
  static constinit inline std::mutex mutex_;
};

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_GC_COLLECT_LOCK_H_
