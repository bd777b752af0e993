#ifndef HEAPWISE_PPROF_HANDLER_H_
#define HEAPWISE_PPROF_HANDLER_H_

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "heapwise/pprof/http_server.h"

// Go's net/http/pprof: the profiles of a running program over HTTP, answered as Go 1.27 answers
// (net/http/pprof/pprof.go), for `go tool pprof http://127.0.0.1:6060/debug/pprof/heap`.
namespace heapwise::pprof {

// A delta profile (`seconds`) may take so long; Go sets no bound.
inline constexpr std::chrono::seconds kLongestDelta{3600};

// Adds to `server`:
//   /debug/pprof/          a page with the profiles
//   /debug/pprof/heap      live objects. gc=1: after a collection
//   /debug/pprof/allocs    all objects ever allocated
//     both: debug=1 as text; seconds=N what the next N seconds bring, gzipped protobuf otherwise
//   /debug/pprof/cmdline   the program and its arguments, separated by NUL
//   /debug/pprof/symbol    the functions of addresses, given as 0x1+0x2 in the query or in the body of a POST: what
//                          pprof asks for when it reads a profile with debug=1. Go 1.27 answers the POST 405, so
//                          that its own pprof fails there.
// Go's further profiles (goroutine, profile, trace, ...) have no counterpart: 404. A delta ends when its client goes
// away or the server stops. HttpBounds::delayed_answers of them may be taken at a time.
void AddHandlers(HttpServer& server);

// A server of its own for these pages on 127.0.0.1, in a thread of its own; what Go's
// `go http.ListenAndServe("localhost:6060", nil)` does. Ends when it is destroyed.
class Endpoint {
 public:
  // 0 lets the system choose the port. Unavailable: the port is taken.
  static absl::StatusOr<std::unique_ptr<Endpoint>> Start(int port = 6060);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  int port() const { return port_; }

 private:
  Endpoint() = default;

  HttpServer server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace heapwise::pprof

#endif  // HEAPWISE_PPROF_HANDLER_H_
