#include "lessons/09-live-profile/lesson.h"
#include "runtime/pprof/profile.h"

namespace pprof = heapwise::pprof;

namespace slow {

Service Start(Ports ports) {
  pprof::SetMemProfileRate(0);  // off: otherwise it samples from the start
  Service service;
  service.shop = std::make_unique<Shop>(ports.shop);
  return service;
}

}  // namespace slow
