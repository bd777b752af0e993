#ifndef HEAPWISE_BASE_FATAL_H_
#define HEAPWISE_BASE_FATAL_H_

namespace heapwise::runtime::internal {

// Prints the message, of at most 2047 bytes, to standard error and ends the process with status 2, as Go's fatal errors do.
// Neither exit handlers nor destructors run. What stdio has buffered for standard output is written first, as Go buffers
// nothing; for other files it is lost. Any thread, whatever locks it holds: if another one does not let go of stdout
// within 0.1 s, that is lost too.
[[noreturn, gnu::format(printf, 1, 2)]] void Fatal(const char* format, ...);

// The part of it that writes what standard output has buffered, for ends of another kind.
void FlushStdout();

}  // namespace heapwise::runtime::internal

#endif  // HEAPWISE_BASE_FATAL_H_
