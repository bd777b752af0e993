// Exercise, the last of the course: make the service better than fast.cc is.
//
// As it stands this is the service as it was found. Change what you like in this file, as long as
// lesson.h's contract holds.
//
// Done when `make check LESSON=16` passes, on traces that are new each time:
//   - every answer is right, and stays right while its caller holds it, with two threads too;
//   - no answer is kept when its caller has dropped it;
//   - peak heap and bytes a request are at most fast.cc's (within 5 and 1 %), and of allocations a
//     request there are at most half as many.
//
// Hints:
//   1. Profile first (the page says how), then bring over the four steps. You are at fast.cc now.
//   2. One allocation a request is left, the answer. Must every answer have one of its own?
//   3. A pointer to any byte of an object keeps the object. So many answers may lie in one.
#include "lessons/16-capstone/lesson.h"

namespace exercise {
namespace {

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

void StartService() { LoadCatalogue(); }

std::string_view Answer(std::string_view request) {
  Buffer answer;
  answer.Write("[");
  while (!request.empty()) {
    if (answer.Len() > 1) answer.Write(",");
    std::string_view name = Copy(CutName(request));
    answer.Write(Row(name));
  }
  answer.Write("]\n");
  return answer.Bytes();
}

}  // namespace exercise
