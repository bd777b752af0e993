// Lesson 05: two ways to return a new User, as the tutorial has them.
//
// slow.cc and fast.cc are compiled apart from their callers, so that no call is inlined and every
// result is really handed over. inlined.h has the same functions where the compiler sees through
// the call.
#ifndef HEAPWISE_LESSONS_05_VALUE_RETURN_LESSON_H_
#define HEAPWISE_LESSONS_05_VALUE_RETURN_LESSON_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct User {
  std::string_view name;  // like a Go string: an address and a length
  int64_t id;
  int64_t age;
};
static_assert(sizeof(User) == 32);

namespace slow {

// A new User on the garbage-collected heap.
User* CreateUser();

// The same with operator new: no collector, the owner deletes it.
std::unique_ptr<User> CreateUniqueUser();

}  // namespace slow

namespace fast {

// The User itself.
User CreateUser();

}  // namespace fast

namespace exercise {

// The oldest of `users`, which must not be empty; of several, the first.
User Oldest(std::span<const User> users);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_05_VALUE_RETURN_LESSON_H_
