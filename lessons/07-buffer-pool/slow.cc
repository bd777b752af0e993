#include "heapwise/heap.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace slow {

// Two allocations for each request: the Buffer, and the bytes that WriteReply makes it ask for.
// When the reply is sent both are garbage, and garbage is what makes the collector run.
void Handle(const Request& request, Writer& out) {
  Buffer* buffer = heapwise::runtime::New<Buffer>();
  WriteReply(request, *buffer);
  out.Write(buffer->Bytes());
}

}  // namespace slow
