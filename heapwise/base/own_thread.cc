#include "heapwise/base/own_thread.h"

#include <pthread.h>

#include <atomic>

#include "heapwise/base/signals.h"

namespace heapwise::runtime::internal {
namespace {

constinit std::atomic<int> own_threads{0};

}  // namespace

// By pthread_create, as std::thread would call operator new, which may be the program's.
bool StartOwnThread(const char* name, void (*run)()) {
  const auto start = [](void* function) -> void* {
    reinterpret_cast<void (*)()>(function)();
    return nullptr;
  };
  const ProgramSignalsBlocked blocked;
  pthread_t thread;
  if (pthread_create(&thread, nullptr, start, reinterpret_cast<void*>(run)) != 0) return false;
  own_threads.fetch_add(1);
  pthread_setname_np(thread, name);
  pthread_detach(thread);
  return true;
}

int OwnThreads() { return own_threads.load(); }

void ForgetOwnThreads() { own_threads.store(0); }

}  // namespace heapwise::runtime::internal
