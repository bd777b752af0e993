// A growable run of bytes on the collected heap, with the names of Go's bytes.Buffer
// (bytes/buffer.go; the reading half is left out).
#ifndef HEAPWISE_LESSONS_07_BUFFER_POOL_BUFFER_H_
#define HEAPWISE_LESSONS_07_BUFFER_POOL_BUFFER_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "heapwise/heap.h"

// Starts empty and owns no memory until the first byte. Nothing is freed: memory that it outgrows,
// and the buffer itself, are left to the collector. Not for use by two threads at once.
class Buffer {
 public:
  size_t Len() const { return len_; }
  size_t Cap() const { return memory_.size(); }

  // What has been written. Valid until the next Write or Reset.
  std::string_view Bytes() const { return {memory_.data(), len_}; }

  // Empties the buffer and keeps its memory: the bytes stay there until they are written over.
  void Reset() { len_ = 0; }

  // Makes room for n bytes more. A buffer that has memory at least doubles it, so that many small
  // writes allocate only now and then (buffer.go:220, growSlice).
  void Grow(size_t n) {
    if (n <= Cap() - Len()) return;
    std::span<char> larger = heapwise::runtime::MakeSlice<char>(std::max(Len() + n, 2 * Cap()));
    std::copy_n(memory_.data(), Len(), larger.data());
    memory_ = larger;
  }

  void Write(std::string_view bytes) {
    Grow(bytes.size());
    std::copy_n(bytes.data(), bytes.size(), memory_.data() + len_);
    len_ += bytes.size();
  }

 private:
  std::span<char> memory_;
  size_t len_ = 0;
};

#endif  // HEAPWISE_LESSONS_07_BUFFER_POOL_BUFFER_H_
