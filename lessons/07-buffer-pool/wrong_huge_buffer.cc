#include "heapwise/heap.h"
#include "heapwise/pool.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace wrong_huge_buffer {
namespace {

Buffer* NewBuffer() { return heapwise::runtime::New<Buffer>(); }

heapwise::sync::Pool<Buffer> buffers(NewBuffer);

}  // namespace

void Handle(const Request& request, Writer& out) {
  Buffer* buffer = buffers.Get();
  WriteReply(request, *buffer);
  out.Write(buffer->Bytes());
  buffer->Reset();
  buffers.Put(buffer);  // wrong: it may have grown to any size, and small requests keep it in use
}

}  // namespace wrong_huge_buffer
