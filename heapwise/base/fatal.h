#ifndef HEAPWISE_BASE_FATAL_H_
#define HEAPWISE_BASE_FATAL_H_

namespace heapwise::runtime::internal {

// Prints the message to standard error and ends the process with status 2, as Go's fatal errors do. Neither exit
// handlers nor destructors run. Any thread, whatever locks it holds.
[[noreturn, gnu::format(printf, 1, 2)]] void Fatal(const char* format, ...);

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_FATAL_H_
