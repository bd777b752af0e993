#ifndef HEAPWISE_BASE_CALLBACK_LIST_H_
#define HEAPWISE_BASE_CALLBACK_LIST_H_

#include <atomic>

namespace heapwise::runtime::internal {

// Up to eight functions, called in the order in which they were added; a ninth aborts. Any thread may add one while another
// runs them. Neither allocates nor locks.
class CallbackList {
 public:
  void Add(void (*callback)());
  void Run() const;

 private:
  std::atomic<void (*)()> callbacks_[8] = {};
};

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_CALLBACK_LIST_H_
