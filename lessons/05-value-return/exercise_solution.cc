// One solution of the exercise. Older returns its result by value: 32 bytes in the caller's frame,
// and no heap.
#include "lessons/05-value-return/lesson.h"

namespace exercise {
namespace {

User Older(const User& a, const User& b) { return b.age > a.age ? b : a; }

}  // namespace

User Oldest(std::span<const User> users) {
  User oldest = users.front();
  for (const User& user : users.subspan(1)) {
    oldest = Older(oldest, user);
  }
  return oldest;
}

}  // namespace exercise
