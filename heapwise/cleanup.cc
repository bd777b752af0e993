#include "heapwise/cleanup.h"

#include <cstring>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/gc/collector.h"
#include "heapwise/specials.h"

namespace heapwise::runtime {
namespace internal {
namespace {

// Whether one of the words points to a byte of the object.
bool HoldsPointerTo(std::span<const std::byte> words, const void* base) {
  const auto begin = reinterpret_cast<uintptr_t>(base);
  const size_t size = GC_size(base);
  for (; words.size() >= sizeof begin; words = words.subspan(sizeof begin)) {
    uintptr_t word;
    std::memcpy(&word, words.data(), sizeof word);
    if (word - begin < size) return true;
  }
  return false;
}

void Run(void* job) {
  auto* const mine = static_cast<CleanupJob*>(job);
  mine->finish(mine, true);
}

}  // namespace

// The words of the messages are Go's (mcleanup.go: AddCleanup).
Cleanup AttachCleanup(void* object, CleanupJob* job, const void* argument,
                      std::span<const std::byte> function) {
  InitCollector();
  if (object == nullptr) Fatal("fatal error: runtime.AddCleanup: ptr is nil\n");
  void* const base = GC_base(object);
  if (base == nullptr) {
    Fatal("fatal error: runtime.AddCleanup: ptr %p not in allocated block\n", object);
  }
  if (argument == object) {
    Fatal("fatal error: runtime.AddCleanup: ptr is equal to arg, cleanup will never run\n");
  }
  if (HoldsPointerTo(std::as_bytes(std::span(&argument, 1)), base)) {
    Fatal("fatal error: runtime.AddCleanup: ptr is within arg, cleanup will never run\n");
  }
  if (HoldsPointerTo(function, base)) {
    Fatal(
        "fatal error: runtime.AddCleanup: cleanup function closes over ptr, cleanup will never "
        "run\n");
  }
  return {base, AddCleanup(base, Run, job)};
}

}  // namespace internal

void Cleanup::Stop() const {
  void* const job = internal::RemoveCleanup(hidden_base_, id_);
  if (job == nullptr) return;
  auto* const mine = static_cast<internal::CleanupJob*>(job);
  mine->finish(mine, false);
}

}  // namespace heapwise::runtime
