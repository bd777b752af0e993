#ifndef HEAPWISE_POOL_H_
#define HEAPWISE_POOL_H_

#include <functional>
#include <type_traits>
#include <utility>

#include "heapwise/pool_base.h"

namespace heapwise::sync {

// Go's sync.Pool (sync/pool.go): a set of temporary objects that may be taken out again instead of
// made anew.
//
//   heapwise::sync::Pool<Buffer> pool([] { return heapwise::runtime::New<Buffer>(); });
//   Buffer* buffer = pool.Get();
//   buffer->Reset();              // the pool does not: a Get may see what the last user left
//   ...
//   pool.Put(buffer);
//
// Each thread has a slot of its own and a list of its own; Put fills the slot first, then the head
// of the list. Get looks in the slot, at the list's head, at the tails of the other threads' lists,
// and then, in the same way, among the victims; if all are empty it calls new_value. Each
// collection drops the victims and makes victims of the rest: an object that nobody takes survives
// one collection and is gone after two.
//
// Get and Put are thread-safe, take no lock, and run in a few nanoseconds; the calling thread must
// be registered (ThreadScope). Objects belong on the GC heap: the pool forgets them and never
// destroys them. A null pointer that is Put is ignored. The pool must outlive its users; it is not
// copied.
template <class T>
class Pool {
 public:
  // new_value makes an object where the pool has none; without one Get returns null then (Go:
  // Pool.New).
  explicit Pool(std::function<T*()> new_value = nullptr) : new_value_(std::move(new_value)) {}

  T* Get() {
    if (void* object = base_.Take()) return static_cast<T*>(object);
    return new_value_ ? new_value_() : nullptr;
  }

  void Put(T* object) {
    if (object != nullptr) base_.Give(const_cast<std::remove_cv_t<T>*>(object));
  }

 private:
  PoolBase base_;
  std::function<T*()> new_value_;
};

}  // namespace heapwise::sync

#endif  // HEAPWISE_POOL_H_
