#include <charconv>
#include <iterator>

#include "lessons/07-buffer-pool/lesson.h"

namespace {

constexpr std::string_view kBeforeId = R"({"id":)";
constexpr std::string_view kBeforePayload = R"(,"payload":)";
constexpr std::string_view kEnd = "}\n";
constexpr size_t kMaxDigits = 20;  // of an int64_t, with its sign
constexpr size_t kMaxFrame = kBeforeId.size() + kMaxDigits + kBeforePayload.size() + kEnd.size();

// Hands the reply to `append`, piece by piece.
template <class Append>
void Compose(const Request& request, Append append) {
  char digits[kMaxDigits];
  const char* end = std::to_chars(std::begin(digits), std::end(digits), request.id).ptr;
  append(kBeforeId);
  append(std::string_view(digits, end));
  append(kBeforePayload);
  append(request.payload);
  append(kEnd);
}

}  // namespace

void WriteReply(const Request& request, Buffer& buffer) {
  buffer.Grow(kMaxFrame + request.payload.size());
  Compose(request, [&buffer](std::string_view text) { buffer.Write(text); });
}

void WriteReply(const Request& request, std::string& buffer) {
  buffer.reserve(buffer.size() + kMaxFrame + request.payload.size());
  Compose(request, [&buffer](std::string_view text) { buffer.append(text); });
}
