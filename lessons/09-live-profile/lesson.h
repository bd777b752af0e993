// Lesson 09: live profiles. The same service, which leaks 2 KiB a request, is started twice: once as it is,
// and once with the endpoint that serves its heap profile while it runs.
#ifndef HEAPWISE_LESSONS_09_LIVE_PROFILE_LESSON_H_
#define HEAPWISE_LESSONS_09_LIVE_PROFILE_LESSON_H_

#include <cstdint>
#include <memory>

#include "heapwise/pprof/handler.h"
#include "lessons/09-live-profile/workload.h"

// The TCP ports of 127.0.0.1 to listen on; 0 lets the system choose.
struct Ports {
  int shop = 0;
  int pprof = 0;
};

// A service that runs until it is destroyed.
struct Service {
  std::unique_ptr<Shop> shop;
  std::unique_ptr<heapwise::pprof::Endpoint> endpoint;  // null: nobody can look into it
};

// Both throw absl::BadStatusOrAccess where a port is taken.
namespace slow {  // nothing to look at
Service Start(Ports ports);
}
namespace fast {  // with the heap profile at /debug/pprof/heap
Service Start(Ports ports);
}

// The exercise: a till with baskets. One thread at a time, registered with the collector.
namespace exercise {

inline constexpr int64_t kArticles = 32;  // numbered from 0; each costs 100 cents at first

// Puts one piece of an article into the customer's basket. Who has none gets a new one.
void Put(int64_t customer, int64_t article);

// What the customer's basket costs, in cents; 0 where there is none. The customer leaves: nobody needs the basket
// any more.
int64_t Pay(int64_t customer);

// A new price, in cents; it holds for all baskets that are not paid for.
void SetPrice(int64_t article, int64_t cents);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_09_LIVE_PROFILE_LESSON_H_
