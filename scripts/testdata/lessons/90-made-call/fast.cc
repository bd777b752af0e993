// Test data.
#include "user.h"

namespace fast {

User CreateUser(int id) {
  return User{id, "made-up <user> & co"};
}

}  // namespace fast
