#ifndef HEAPWISE_BASE_LINE_WRITER_H_
#define HEAPWISE_BASE_LINE_WRITER_H_

#include <cstddef>
#include <cstdint>

namespace heapwise::runtime {

// Writes lines to a file descriptor that others use too, and never waits for whoever reads them: a line that a full
// pipe, terminal or socket does not take is lost. Before the next one that it takes stands how many were.
//
// Neither allocates nor throws, and leaves the flags of the descriptor alone. Not thread-safe.
class LineWriter {
 public:
  static constexpr size_t kMaxLine = 512;

  explicit constexpr LineWriter(int fd) : fd_(fd) {}

  // A line with its newline, of at most kMaxLine bytes. It is written whole or not at all, and in one piece where it
  // goes to a pipe or a file. (A terminal or a socket may take a part; then the rest comes first the next time.)
  void Write(const char* line, size_t size);

 private:
  int fd_;
  uint64_t lost_ = 0;
  char rest_[kMaxLine + 128] = {};  // what has still to be written
  size_t rest_size_ = 0;
};

}  // namespace heapwise::runtime

#endif  // HEAPWISE_BASE_LINE_WRITER_H_
