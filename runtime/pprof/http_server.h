#ifndef HEAPWISE_RUNTIME_PPROF_HTTP_SERVER_H_
#define HEAPWISE_RUNTIME_PPROF_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "httplib.h"

namespace heapwise::pprof {

// What one client can cost the server.
struct HttpBounds {
  int workers = 8;                       // requests answered at a time
  size_t waiting_connections = 64;       // more are answered 503 at once
  size_t body_bytes = size_t{64} << 10;  // a larger one is answered 413
  std::chrono::milliseconds request_time{
      10'000};                                 // to read a request whole, and to write its answer
  std::chrono::milliseconds idle_time{5'000};  // between two requests of a connection
  size_t requests_per_connection = 100'000;
};

// cpp-httplib's server, made fit to stand beside a garbage-collected heap and to face clients that mean harm:
//   - its workers are registered with the collector (ThreadScope), so that handlers may use the heap;
//   - a request has a bounded size (httplib: 8 KiB a line) and a bounded time, however slowly it drips in;
//   - what cannot be read as HTTP gets a 400, and a connection that finds no place a 503.
// Add routes before Bind. Serve blocks; stop() may be called from any thread, once Serve runs.
class HttpServer : public httplib::Server {
 public:
  explicit HttpServer(HttpBounds bounds = {});

  // Takes a TCP port of `host`: 0 lets the system choose. Returns the port. A host that other machines can
  // reach, which is every one but those of the loopback interface, is refused unless `beyond_loopback` is
  // set: whoever reaches the server sees its memory. Errors: InvalidArgument (host, port), Unavailable (taken).
  absl::StatusOr<int> Bind(const std::string& host, int port, bool beyond_loopback = false);

  const HttpBounds& bounds() const { return bounds_; }

  // Answers until stop(). False if the socket failed before.
  bool Serve() { return listen_after_bind(); }

 private:
  class BoundedStream;

  bool AwaitRequest(BoundedStream& stream);
  bool process_and_close_socket(socket_t socket) override;

  const HttpBounds bounds_;
};

}  // namespace heapwise::pprof

#endif  // HEAPWISE_RUNTIME_PPROF_HTTP_SERVER_H_
