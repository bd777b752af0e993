#include "lessons/05-value-return/lesson.h"

namespace fast {

// The caller sets room aside on its own stack, and this function fills it in. Nothing is allocated,
// and nothing is copied either: `user` is the caller's object from its first line on.
User CreateUser() {
  User user = {};
  user.name = "John";
  user.age = 30;
  return user;
}

}  // namespace fast
