#include "heapwise/heap.h"
#include "heapwise/pool.h"
#include "lessons/07-buffer-pool/lesson.h"

namespace exercise {
namespace {

constexpr size_t kLargestKept = 64 << 10;  // bytes

Buffer* NewBuffer() { return heapwise::runtime::New<Buffer>(); }

heapwise::sync::Pool<Buffer> buffers(NewBuffer);

}  // namespace

void WriteEscaped(std::string_view text, Writer& out) {
  Buffer* buffer = buffers.Get();
  for (const char& c : text) {
    switch (c) {
      case '&':
        buffer->Write("&amp;");
        break;
      case '<':
        buffer->Write("&lt;");
        break;
      case '>':
        buffer->Write("&gt;");
        break;
      default:
        buffer->Write(std::string_view(&c, 1));
    }
  }
  out.Write(buffer->Bytes());

  if (buffer->Cap() > kLargestKept) return;
  buffer->Reset();
  buffers.Put(buffer);
}

}  // namespace exercise
