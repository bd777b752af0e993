#include "heapwise/base/line_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace heapwise::runtime {
namespace {

// Writes as much as can be had without waiting, and returns how much that was.
size_t WriteAtOnce(int fd, const char* data, size_t size) {
  struct stat status;
  if (fstat(fd, &status) != 0) return 0;
  ssize_t written;
  if (S_ISSOCK(status.st_mode)) {
    written = send(fd, data, size, MSG_DONTWAIT);
  } else if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
    // O_NONBLOCK belongs to what other descriptors, and other processes, share with this one: the same pipe is opened
    // once more. It takes up to PIPE_BUF bytes whole or not at all (pipe(7)).
    char path[32];
    std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (own >= 0) {
      written = write(own, data, size);
      close(own);
    } else {
      // Not ours to open any more. What says that it has room takes a line, if no other writer comes between.
      pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&room, 1, 0) != 1) return 0;
      written = write(fd, data, size);
    }
  } else {
    written = write(fd, data, size);
  }
  return written < 0 ? 0 : static_cast<size_t>(written);
}

}  // namespace

void LineWriter::Write(const char* line, size_t size) {
  if (rest_size_ > 0) {
    const size_t written = WriteAtOnce(fd_, rest_, rest_size_);
    rest_size_ -= written;
    std::memmove(rest_, rest_ + written, rest_size_);
    if (rest_size_ > 0) {
      ++lost_;
      return;
    }
  }
  char text[sizeof rest_];
  size_t length = 0;
  if (lost_ > 0) {
    length = static_cast<size_t>(std::snprintf(text, sizeof text,
                                               "(%llu lines lost here: nobody read them in time)\n",
                                               static_cast<unsigned long long>(lost_)));
  }
  size = std::min(size, kMaxLine);
  std::memcpy(text + length, line, size);
  length += size;
  const size_t written = WriteAtOnce(fd_, text, length);
  if (written == 0) {
    ++lost_;
    return;
  }
  lost_ = 0;
  rest_size_ = length - written;
  std::memcpy(rest_, text + written, rest_size_);
}

}  // namespace heapwise::runtime
