#include "lessons/06-avoid-allocation/lesson.h"

namespace wrong {

// `text + piece` is a new string. The old text is copied into it, and then thrown away.
std::string Join(std::span<const std::string> pieces) {
  std::string text;
  for (const std::string& piece : pieces) text = text + piece;
  return text;
}

}  // namespace wrong
