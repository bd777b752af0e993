// The functions of slow.cc and fast.cc once more, in a header: every caller can inline them. Then
// the compiler sees what becomes of the User, and may do without the heap.
#ifndef HEAPWISE_LESSONS_05_VALUE_RETURN_INLINED_H_
#define HEAPWISE_LESSONS_05_VALUE_RETURN_INLINED_H_

#include <memory>

#include "heapwise/heap.h"
#include "lessons/05-value-return/lesson.h"

namespace inlined {

inline User* CreateUser() {
  User* user = heapwise::runtime::New<User>();
  user->name = "John";
  user->age = 30;
  return user;
}

inline std::unique_ptr<User> CreateUniqueUser() {
  auto user = std::make_unique<User>();
  user->name = "John";
  user->age = 30;
  return user;
}

inline User CreateUserValue() {
  User user = {};
  user.name = "John";
  user.age = 30;
  return user;
}

}  // namespace inlined

#endif  // HEAPWISE_LESSONS_05_VALUE_RETURN_INLINED_H_
