#include "heapwise/pprof/profile.h"
#include "lessons/09-live-profile/lesson.h"

namespace pprof = heapwise::pprof;

namespace slow {

Service Start(Ports ports) {
  pprof::SetMemProfileRate(0);  // off: otherwise it samples from the start
  Service service;
  service.shop = std::make_unique<Shop>(ports.shop);
  return service;
}

}  // namespace slow
