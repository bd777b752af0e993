#include "heapwise/heap.h"
#include "heapwise/pool.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace wrong_no_reset {
namespace {

Buffer* NewBuffer() { return heapwise::runtime::New<Buffer>(); }

heapwise::sync::Pool<Buffer> buffers(NewBuffer);

}  // namespace

void Handle(const Request& request, Writer& out) {
  Buffer* buffer = buffers.Get();
  WriteReply(request, *buffer);
  out.Write(buffer->Bytes());
  buffers.Put(buffer);  // wrong: this request's bytes are still in it
}

}  // namespace wrong_no_reset
