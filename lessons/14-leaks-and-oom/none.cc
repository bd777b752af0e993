#include "lessons/14-leaks-and-oom/lesson.h"

namespace none {

const Page* Find(int64_t key) { return Render(key); }

}  // namespace none
