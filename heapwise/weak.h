#ifndef HEAPWISE_WEAK_H_
#define HEAPWISE_WEAK_H_

#include <memory>

#include "heapwise/specials.h"

namespace heapwise::runtime {

namespace internal {

// A hidden pointer that the collector clears when nothing else leads to the object.
class WeakLink {
 public:
  explicit WeakLink(void* object);
  ~WeakLink();
  WeakLink(const WeakLink&) = delete;
  WeakLink& operator=(const WeakLink&) = delete;

  void* Get() const;

 private:
  WeakEntry entry_;
};

}  // namespace internal

// A pointer to an object of the GC heap that does not retain it, for caches:
//
//   Weak<Page> cached(page);
//   if (Page* page = cached.Get()) ...   // null once it was collected
//
// Copies share one link. Thread-safe like a shared_ptr; each function that touches the link takes
// the collector's allocation lock. Keep a Weak where its destructor runs (the stack, a standard
// container), not inside an object that New made: there the link would leak. A Weak of null is null;
// a pointer to memory outside the heap is fatal: a message, and exit status 2. It points where it did, also to the middle of
// an object. Null it is as soon as nothing leads to the object: before a finalizer of the object runs, even if that makes it
// reachable again, but not while the finalizer of another object is still to see it (Go: weak/pointer.go).
template <class T>
class Weak {
 public:
  Weak() = default;
  explicit Weak(T* object)
      : link_(object == nullptr ? nullptr : std::make_shared<internal::WeakLink>(object)) {}

  // The object, which the returned pointer retains from now on, or null.
  T* Get() const { return link_ == nullptr ? nullptr : static_cast<T*>(link_->Get()); }

 private:
  std::shared_ptr<internal::WeakLink> link_;
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_WEAK_H_
