#ifndef HEAPWISE_ROOT_H_
#define HEAPWISE_ROOT_H_

#include <concepts>
#include <cstddef>
#include <utility>

namespace heapwise::runtime {

namespace internal {

// A word that the collector scans as a root, with `object` in it; `object` is not null. Any thread.
void** TakeRootSlot(void* object);
void GiveRootSlot(void** slot);

}  // namespace internal

// A pointer that retains its object wherever it is kept itself: in memory of malloc and operator new, in a thread_local
// variable, in what a lambda has captured, in an exception, in a future. ROOTS.md says where a plain pointer does.
//
//   std::thread worker([page = Root(page)] { ... page->Print(); });
//   thread_local Root<Cache> cache;
//
// It retains until it is destroyed, assigned to or moved from; then it is null. Not inside of objects of the heap, which are
// not destroyed when they are collected: it would retain for ever. There a plain pointer retains as well.
//
// Any thread may copy, move and destroy it, with a ThreadScope or without; who uses the object needs one. As with a
// shared_ptr, different threads may use different Roots to one object at the same time, but not the same Root if one of
// them changes it.
//
// Making and destroying one takes some 4 ns on a thread that has allocated from the heap, and on another one bdwgc's lock;
// moving it a copy of a pointer, Get one load more than a plain pointer. Its 8 bytes in the heap are used again, but not
// given back; they count as the library's own.
template <class T>
class Root {
 public:
  Root() = default;
  explicit Root(T* object) : slot_(SlotOf(object)) {}
  Root(const Root& other) : Root(other.Get()) {}
  Root(Root&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  // From one to a derived class, or to a T that is not const.
  template <class U>
  requires(!std::same_as<U, T> && std::convertible_to<U*, T*>)
      Root(const Root<U>& other)  // NOLINT: as pointers do
      : Root(static_cast<T*>(other.Get())) {}
  Root& operator=(Root other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~Root() {
    if (slot_ != nullptr) internal::GiveRootSlot(slot_);
  }

  // The object, or null.
  T* Get() const { return slot_ == nullptr ? nullptr : static_cast<T*>(*slot_); }
  T& operator*() const { return *Get(); }
  T* operator->() const { return Get(); }
  explicit operator bool() const { return slot_ != nullptr; }

  friend bool operator==(const Root& a, const Root& b) { return a.Get() == b.Get(); }
  friend bool operator==(const Root& a, const T* b) { return a.Get() == b; }

 private:
  static void** SlotOf(T* object) {
    if (object == nullptr) return nullptr;
    return internal::TakeRootSlot(const_cast<std::remove_cv_t<T>*>(object));
  }

  void** slot_ = nullptr;
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_ROOT_H_
