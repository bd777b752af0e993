#include "lessons/04-escape-analysis/lesson.h"

namespace small {

// The closure outlives the call too, but its 8 bytes fit into the std::function.
slow::Reduction PercentOff(int64_t percent) {
  return [percent](int64_t cents) { return cents - cents * percent / 100; };
}

}  // namespace small
