#ifndef HEAPWISE_PPROF_HTTP_SERVER_H_
#define HEAPWISE_PPROF_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace heapwise::pprof {

// What all clients together can cost the server.
struct HttpBounds {
  int workers = 8;                 // requests that handlers work on at a time
  int waiting_requests = 64;       // beyond those; more are answered 503 at once
  int delayed_answers = 8;         // Response::After; more are answered 503 at once
  int connections = 512;           // see HttpServer; never more than half of RLIMIT_NOFILE
  size_t body_bytes = 64 << 10;    // a larger one is answered 413
  size_t header_bytes = 16 << 10;  // with the request line; 431 or 414
  // To send a request whole; and to take its answer
  std::chrono::milliseconds request_time{10'000};
  std::chrono::milliseconds idle_time{5'000};  // between two requests of a connection
};

struct Request {
  std::string method;
  std::string path;   // percent-decoded
  std::string query;  // as it came, without the question mark
  std::string body;

  // The first of that name in the query, decoded, or nothing: Go's FormValue.
  std::string Parameter(const std::string& name) const;
};

class Response {
 public:
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
  std::string body;

  // Puts the answer off: after `delay`, `then` makes it, on a worker, in a response that is empty again. No worker
  // waits for it. If the client goes away or the server stops before, `then` is dropped, without a call. What it
  // captures is not seen by the collector.
  using Handler = std::function<void(Response&)>;
  void After(std::chrono::milliseconds delay, Handler then) {
    delay_ = delay;
    then_ = std::move(then);
  }

 private:
  friend class Session;
  std::chrono::milliseconds delay_{0};
  Handler then_;
};

// An HTTP/1.1 server fit to stand beside a garbage-collected heap and to face clients that mean harm. Handlers run on
// `workers` threads at a time that are registered with the collector (ThreadScope), so that they may use the heap.
// No signal that is meant for the process comes to these threads.
//
// A connection is bound to no thread: one that is idle, slow, or waits for a delayed answer costs its slot and a few
// KiB. When all slots are taken, a new client gets that of the one that has been silent longest. Requests are
// answered one after the other on a connection; one that is refused unread (400, 413, 414, 417, 431, 501, 503) is the last.
//
// As in Go: GET serves HEAD too; other methods get 405, unknown paths 404; `//` and `..` in a path, or a missing slash
// at its end, are redirected; Range is ignored. Unlike Go, the Host of a request must be one that the server
// listens on (403): otherwise any page in a browser on this machine could read its answers under a name of its own
// that it lets point here (DNS rebinding).
class HttpServer {
 public:
  // Called by several threads at a time. What it throws is answered 500.
  using Handler = std::function<void(const Request&, Response&)>;

  explicit HttpServer(HttpBounds bounds = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Routes, to be added before Bind. A path that ends with a slash stands for all below it that have no route of
  // their own. Get answers GET and HEAD; GetOrPost also POST, whose body is Request::body.
  void Get(const std::string& path, Handler handler);
  void GetOrPost(const std::string& path, Handler handler);

  // Takes requests for this host name or address too, in whatever case; "*": for any. Before Bind.
  void AllowHost(const std::string& host);

  // Takes a TCP port of `host`, an address or a name: 0 lets the system choose. Returns the port. Clients may connect
  // from now on, and are answered when Serve runs. A host that other machines can reach, which is every one but
  // those of the loopback interface, is refused unless `beyond_loopback` is set: whoever reaches the server sees its
  // memory. Errors: InvalidArgument (host, port), Unavailable (taken).
  absl::StatusOr<int> Bind(const std::string& host, int port, bool beyond_loopback = false);

  // Answers until Stop. False if it was not bound.
  bool Serve();

  // Any thread, at any time, more than once. Serve returns when the handlers at work have returned and their answers
  // are taken, or after a second more; delayed answers become a 503 at once.
  void Stop();

 private:
  class Impl;
  friend class Session;

  std::unique_ptr<Impl> impl_;
};

}  // namespace heapwise::pprof

#endif  // HEAPWISE_PPROF_HTTP_SERVER_H_
