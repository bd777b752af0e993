#ifndef HEAPWISE_CLEANUP_H_
#define HEAPWISE_CLEANUP_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "heapwise/heap.h"

namespace heapwise::runtime {

namespace internal {
struct CleanupJob;
}  // namespace internal

// Stands for one call of AddCleanup (Go: runtime.Cleanup), and does not retain the object. Copies stand for the same one.
class Cleanup {
 public:
  Cleanup() = default;
  Cleanup(void* base, uint64_t id) : hidden_base_(~reinterpret_cast<uintptr_t>(base)), id_(id) {}

  // Takes the cleanup back: it does not run, and its function and argument are destroyed. Without effect if it is due
  // already, because nothing led to the object any more, or has run. Any thread.
  void Stop() const;

 private:
  uintptr_t hidden_base_ = 0;
  uint64_t id_ = 0;
};

namespace internal {

// A function with its argument, on the heap, so that what they hold is retained.
struct CleanupJob {
  void (*finish)(CleanupJob* self, bool run);  // runs it if so, and destroys both
};

template <class F, class A>
struct CleanupJobOf : CleanupJob {
  CleanupJobOf(F f, A a) : CleanupJob{Finish}, function(std::move(f)), argument(std::move(a)) {}

  static void Finish(CleanupJob* job, bool run) {
    auto* const self = static_cast<CleanupJobOf*>(job);
    if (run) std::invoke(self->function, self->argument);
    std::destroy_at(self);
  }

  F function;
  A argument;
};

// `argument` if that is a pointer, otherwise null; `function` are the bytes that hold what it captures.
Cleanup AttachCleanup(void* object, CleanupJob* job, const void* argument,
                      std::span<const std::byte> function);

}  // namespace internal

// Has cleanup(argument) called once, some time after nothing leads to the object any more (Go: runtime.AddCleanup,
// mcleanup.go:76). An object may have any number of cleanups. It may be given by a pointer into the middle: the cleanup is
// of the whole, as New or MakeSlice returned it. They run in any order, in the thread that finalizer.h tells of and by its
// rules; if the object has a finalizer too, then when a collection after that finds it dead once more.
//
//   runtime::AddCleanup(file, [](int fd) { close(fd); }, file->fd);
//
// Function and argument are moved to this heap, where they retain what they point to, and destroyed when the cleanup has
// run. If one of them leads to the object, that never dies; the simple cases are fatal, as in Go: the argument, or a
// pointer that the function captures, points into the object. So are a null object and one that is not of this heap: a
// message, and exit status 2.
template <class T, class F, class A>
requires std::invocable<F&, A&> Cleanup AddCleanup(T* object, F cleanup, A argument) {
  auto* const job = New<internal::CleanupJobOf<F, A>>(std::move(cleanup), std::move(argument));
  const void* pointer = nullptr;
  if constexpr (std::is_convertible_v<A, const void*>) pointer = job->argument;
  std::span<const std::byte> captures;
  if constexpr (!std::is_empty_v<F>) captures = std::as_bytes(std::span(&job->function, 1));
  return internal::AttachCleanup(const_cast<std::remove_cv_t<T>*>(object), job, pointer, captures);
}

}  // namespace heapwise::runtime

#endif  // HEAPWISE_CLEANUP_H_
