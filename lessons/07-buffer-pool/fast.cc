#include "heapwise/heap.h"
#include "heapwise/pool.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace fast {
namespace {

constexpr size_t kLargestKept = 128 << 10;  // bytes

// Called by Get only when the pool is empty.
Buffer* NewBuffer() { return heapwise::runtime::New<Buffer>(); }

heapwise::sync::Pool<Buffer> buffers(NewBuffer);

}  // namespace

void Handle(const Request& request, Writer& out) {
  Buffer* buffer = buffers.Get();
  WriteReply(request, *buffer);
  out.Write(buffer->Bytes());

  if (buffer->Cap() > kLargestKept) return;  // a huge one is left to the collector
  buffer->Reset();                           // the next request must not see these bytes
  buffers.Put(buffer);                       // from here on it belongs to somebody else
}

}  // namespace fast
