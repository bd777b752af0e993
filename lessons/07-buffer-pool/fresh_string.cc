#include "lessons/07-buffer-pool/lesson.h"

namespace fresh_string {

void Handle(const Request& request, Writer& out) {
  std::string line;
  WriteReply(request, line);
  out.Write(line);
}  // here operator delete takes the bytes back

}  // namespace fresh_string
