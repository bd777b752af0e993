// Test data.
#include "user.h"

namespace slow {

User* CreateUser(int id) {
  return new User{id, "made-up <user> & co"};
}

}  // namespace slow
