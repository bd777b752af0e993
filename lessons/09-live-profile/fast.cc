#include "heapwise/pprof/profile.h"
#include "lessons/09-live-profile/lesson.h"

namespace pprof = heapwise::pprof;

namespace fast {

Service Start(Ports ports) {
  pprof::SetMemProfileRate(512 << 10);  // one sample in 512 KiB, the default
  Service service;
  service.shop = std::make_unique<Shop>(ports.shop);
  // On a port of its own, which only this machine can reach.
  service.endpoint = pprof::Endpoint::Start(ports.pprof).value();
  return service;
}

}  // namespace fast
