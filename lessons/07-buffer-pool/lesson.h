// Lesson 07: a server answers each request with one line of JSON. The line is put together in a
// buffer and then sent at once. Where that buffer comes from is all that slow and fast differ in.
#ifndef HEAPWISE_LESSONS_07_BUFFER_POOL_LESSON_H_
#define HEAPWISE_LESSONS_07_BUFFER_POOL_LESSON_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "lessons/07-buffer-pool/buffer.h"

struct Request {
  int64_t id;
  std::string_view payload;  // text that is JSON already
};

// Where replies go, as Go's io.Writer: a connection in a server, a counter in the benchmark.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void Write(std::string_view bytes) = 0;
};

// Appends the reply to the buffer: {"id":7,"payload":...} and a newline. Asks for the room first,
// so that a buffer allocates at most once a reply.
void WriteReply(const Request& request, Buffer& buffer);
void WriteReply(const Request& request, std::string& buffer);

// Handle answers one request: puts the line together and writes it to `out`.
namespace slow {  // a fresh buffer for each request
void Handle(const Request& request, Writer& out);
}
namespace fast {  // a buffer from a pool, emptied and given back
void Handle(const Request& request, Writer& out);
}
namespace fresh_string {  // no collected heap: a new std::string for each request
void Handle(const Request& request, Writer& out);
}
namespace thread_string {  // no pool either: a std::string for each thread
void Handle(const Request& request, Writer& out);
}
namespace wrong_no_reset {  // pooled, but not emptied
void Handle(const Request& request, Writer& out);
}
namespace wrong_huge_buffer {  // pooled, however huge it has grown
void Handle(const Request& request, Writer& out);
}

// The exercise: writes `text` to `out` with &, < and > escaped for HTML.
namespace exercise {
void WriteEscaped(std::string_view text, Writer& out);
}

#endif  // HEAPWISE_LESSONS_07_BUFFER_POOL_LESSON_H_
