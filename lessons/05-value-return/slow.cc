#include "heapwise/heap.h"
#include "lessons/05-value-return/lesson.h"

namespace slow {

// The caller gets an address, and the User behind it has to outlive this call. A local variable
// would not: so the User goes to the heap, and the collector finds out later when nobody needs it
// any more.
User* CreateUser() {
  User* user = heapwise::runtime::New<User>();
  user->name = "John";
  user->age = 30;
  return user;
}

// The same without a collector. There is still one allocation, and now one deallocation as well.
std::unique_ptr<User> CreateUniqueUser() {
  auto user = std::make_unique<User>();
  user->name = "John";
  user->age = 30;
  return user;
}

}  // namespace slow
