#ifndef HEAPWISE_HEAP_H_
#define HEAPWISE_HEAP_H_

#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "heapwise/thread_heap.h"

// A garbage-collected heap with Go's controls: New and MakeSlice as Go's new and make, paced by
// GOGC and GOMEMLIMIT (debug.h sets them at run time).
//
//   Node* node = heapwise::runtime::New<Node>(left, right);  // collected when nothing points to it
//   std::span<char> buffer = heapwise::runtime::MakeSlice<char>(1024);
//   std::vector<Node*, heapwise::runtime::Allocator<Node*>> nodes;
//
// What retains an object: a pointer to any of its bytes, from a stack, a register, static data or
// another object of this heap - so pointers to a second base class, to a member, and spans into the
// middle all do. A pointer one past the end retains an array (MakeSlice, Allocator) but not a
// single object (New). What does not: pointers in thread_local variables, and in memory of malloc
// and operator new. That is where a std::vector without the Allocator above keeps its elements, and where lie: what a
// std::thread or a std::function of more than 16 bytes captures, the results of promises and std::async, coroutine frames,
// and exceptions, also while they are handled. There a Root does (root.h), and so does memory of AllocateScanned
// (scanned.h). ROOTS.md has a table of places.
//
// Scanning is conservative: an integer that happens to look like the address of an object retains
// it too.
//
// Threads: every thread but the main one needs a ThreadScope (thread_heap.h), and stacks that are no thread's own a FiberStack
// (fiber.h). A signal handler may use the heap, on an alternate stack too, if, as for malloc, it has not interrupted who
// does. Running out of memory is fatal, as in Go: a message, and exit status 2.
//
// Signals: a collection stops every other registered thread by signal SIGRTMIN+6 and has it go on by SIGRTMIN+5 (at most as
// many are pending as there are threads: RLIMIT_SIGPENDING).
//   - They interrupt system calls. Most are started again, but poll, select, epoll_wait, nanosleep, sem_wait and their like
//     return EINTR in a thread that does nothing itself, as for any handled signal (signal(7)): call them in a loop.
//   - A thread must take both, and SIGSEGV in the incremental mode, which protects pages. ThreadScope, also one more of
//     them, and a thread's first allocation unblock all three; a thread that blocks all signals later ends the program at
//     the next collection, after a quarter of a minute, with a message. fork may be called with all signals blocked.
//     SIGPWR and SIGXCPU, bdwgc's own choice, are the program's.
//   - The library's threads take no signal that is meant for the process.
//
// System calls that write into an object of this heap, such as read(2), work; but in the incremental mode they fail with
// EFAULT where the object may hold pointers, as its pages are protected: read into pointer-free memory (kIsPointerFree,
// MakeSlice<char>) there, or onto the stack.
namespace heapwise::runtime {

// Starts the collector and reads GOGC, GOMEMLIMIT and GODEBUG, which happens before main anyway.
// Idempotent, thread-safe. A malformed GOMEMLIMIT ends the process with status 2, as in Go.
void Init();

// A full collection: blocks until it is complete (Go: runtime.GC). Finalizers and cleanups that have become due run
// afterwards, in their own thread.
void GC();

// Whether T holds no pointers, so that its memory need not be scanned (bdwgc: "atomic"). True for
// numbers, enums, and arrays, pairs and optionals of such. Specialise it for a struct of yours
// without pointers:
//   template <> inline constexpr bool heapwise::runtime::kIsPointerFree<Pixel> = true;
// A wrong `true` loses objects; a wrong `false` costs time.
template <class T>
inline constexpr bool kIsPointerFree = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <class T>
inline constexpr bool kIsPointerFree<const T> = kIsPointerFree<T>;
template <class T, size_t n>
inline constexpr bool kIsPointerFree<T[n]> = kIsPointerFree<T>;
template <class T, size_t n>
inline constexpr bool kIsPointerFree<std::array<T, n>> = kIsPointerFree<T>;
template <class A, class B>
inline constexpr bool kIsPointerFree<std::pair<A, B>> = kIsPointerFree<A>&& kIsPointerFree<B>;
template <class T>
inline constexpr bool kIsPointerFree<std::optional<T>> = kIsPointerFree<T>;
template <>
inline constexpr bool kIsPointerFree<std::byte> = true;

namespace internal {

template <class T>
inline constexpr Kind kKindOf = kIsPointerFree<T> ? kPointerFree : kNormal;

// Forgets what the compiler knows of the memory at p: a constructor's beginning makes earlier
// stores dead to it, but the program is to see their zeros.
inline void KeepStores(void* p) { asm volatile("" : : "r"(p) : "memory"); }

// In the library, so that these headers may be used with -fno-exceptions; there it ends the program.
[[noreturn]] void ThrowBadArrayLength();

// Memory for n objects of T and a byte more, so that a pointer past the end stays inside; not
// cleared for pointer-free T. Throws std::bad_array_new_length when the size does not fit.
template <class T>
void* AllocateArray(size_t n) {
  // NOLINTNEXTLINE(bugprone-sizeof-expression): T may well be a pointer.
  constexpr size_t kSize = sizeof(T);
  if (n > (std::numeric_limits<size_t>::max() / 2 - 1) / kSize) ThrowBadArrayLength();
  const size_t bytes = n * kSize + 1;
  if constexpr (alignof(T) > kGranule) {
    return AllocateAligned(alignof(T), bytes, kKindOf<T>);
  } else {
    return AllocateExact(bytes, kKindOf<T>);
  }
}

}  // namespace internal

// A T on the garbage-collected heap, constructed from args. Memory that the constructor leaves
// alone is zero, as with Go's new. The destructor never runs. If the constructor throws, the memory
// is garbage.
template <class T, class... Args>
T* New(Args&&... args) {
  static_assert(!std::is_array_v<T>,
                "New makes one object: MakeSlice<T>(n) makes n, New<std::array<T, n>>() an array");
  static_assert(std::is_object_v<T>, "New makes objects: not references, functions or void");
  constexpr internal::Kind kKind = internal::kKindOf<T>;
  void* memory;
  if constexpr (alignof(T) > internal::kGranule) {
    memory = internal::AllocateAligned(alignof(T), sizeof(T), kKind);
  } else {
    memory = internal::AllocateExact(sizeof(T), kKind);
  }
  // Value-initialisation clears a scalar or an aggregate by itself.
  constexpr bool kClears = std::is_scalar_v<T> || std::is_aggregate_v<T> ||
                           (sizeof...(Args) == 0 && std::is_trivially_default_constructible_v<T>);
  if constexpr (kKind == internal::kPointerFree && !kClears) {
    std::memset(memory, 0, sizeof(T));
    internal::KeepStores(memory);
  }
// An aggregate may be given fewer values than it has members; the rest is zero, as in Go.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
  if constexpr (std::is_constructible_v<T, Args...>) {
    return ::new (memory) T(std::forward<Args>(args)...);
  } else {
    return ::new (memory) T{std::forward<Args>(args)...};
  }
#pragma GCC diagnostic pop
}

// n objects of T, value-initialised (numbers and pointers are zero), as Go's make([]T, n). Throws
// std::bad_array_new_length when n * sizeof(T) does not fit.
template <class T>
std::span<T> MakeSlice(size_t n) {
  void* memory = internal::AllocateArray<T>(n);
  if constexpr (std::is_trivially_default_constructible_v<T>) {
    if constexpr (kIsPointerFree<T>) std::memset(memory, 0, n * sizeof(T));
    return {static_cast<T*>(memory), n};
  } else {
    T* const first = static_cast<T*>(memory);
    std::uninitialized_value_construct_n(first, n);
    return {first, n};
  }
}

// The same with room, as Go's make([]T, length, capacity): the span shows the first `length` of
// `capacity` objects. The others follow behind its end, value-initialised like them:
// std::span(slice.data(), slice.size() + 1) has one more. Throws std::bad_array_new_length also when
// length is greater than capacity.
template <class T>
std::span<T> MakeSlice(size_t length, size_t capacity) {
  if (length > capacity) internal::ThrowBadArrayLength();
  return MakeSlice<T>(capacity).first(length);
}

// Allocator of the standard containers over this heap. Their elements are scanned and retain what
// they point to; memory that a container lets go is left to the collector.
template <class T>
class Allocator {
 public:
  using value_type = T;
  using is_always_equal = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;

  Allocator() = default;
  template <class U>
  Allocator(const Allocator<U>&) {}  // NOLINT: containers convert between their allocators

  T* allocate(size_t n) { return static_cast<T*>(internal::AllocateArray<T>(n)); }
  void deallocate(T*, size_t) {}

  template <class U>
  bool operator==(const Allocator<U>&) const {
    return true;
  }
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_HEAP_H_
