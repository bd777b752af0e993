#include "heapwise/heap.h"
#include "heapwise/pool.h"
#include "lessons/16-capstone/lesson.h"

namespace pool_alone {
namespace {

heapwise::sync::Pool<Buffer> buffers([] { return heapwise::runtime::New<Buffer>(); });

std::string_view Row(std::string_view name) {
  const Product* product = Find(name);
  if (product == nullptr) return "null";
  Buffer row;
  row.Write("{\"name\":\"");
  row.Write(product->name);
  row.Write("\",\"price\":");
  WriteNumber(product->price, row);
  row.Write(",\"about\":\"");
  row.Write(product->about);
  row.Write("\"}");
  return row.Bytes();
}

}  // namespace

std::string_view Answer(std::string_view request) {
  Buffer& answer = *buffers.Get();
  answer.Write("[");
  while (!request.empty()) {
    if (answer.Len() > 1) answer.Write(",");
    std::string_view name = Copy(CutName(request));
    answer.Write(Row(name));
  }
  answer.Write("]\n");
  const std::string_view copy = Copy(answer.Bytes());
  answer.Reset();
  if (answer.Cap() <= kLargestKept) buffers.Put(&answer);
  return copy;
}

}  // namespace pool_alone
