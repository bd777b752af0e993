#include "heapwise/base/callback_list.h"

#include <cstdlib>

namespace heapwise::runtime::internal {

void CallbackList::Add(void (*callback)()) {
  for (auto& slot : callbacks_) {
    void (*empty)() = nullptr;
    if (slot.compare_exchange_strong(empty, callback)) return;
  }
  std::abort();
}

void CallbackList::Run() const {
  for (const auto& slot : callbacks_) {
    if (void (*const callback)() = slot.load()) callback();
  }
}

}  // namespace heapwise::runtime::internal
