#include "runtime/pprof/handler.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/heap.h"
#include "runtime/pprof/profile.h"

namespace heapwise::pprof {
namespace {

using httplib::Request;
using httplib::Response;

constexpr char kText[] = "text/plain; charset=utf-8";

struct Integer {
  int64_t value = 0;  // 0 where it is none, the nearest that fits where it is out of range
  bool valid = false;
};

// Go's strconv.ParseInt(text, 10, 64): a sign, then digits and nothing else.
Integer ParseInt(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return {};
  }
  const std::string digits =
      absl::StrCat(negative ? "-" : "", absl::string_view(text.data(), text.size()));
  int64_t value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc()) {
    return {value, true};
  }
  return {negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max(),
          false};
}

// Go's FormValue: the first of that name, or nothing.
std::string Parameter(const Request& request, const char* name) {
  return request.has_param(name) ? request.get_param_value(name) : "";
}

void ServeError(Response& response, int status, const char* text) {
  response.status = status;
  response.set_header("X-Go-Pprof", "1");
  response.set_content(absl::StrCat(text, "\n"), kText);
}

void ServeProfile(Response& response, const Profile& profile, Kind kind,
                  const std::string& file_name) {
  response.set_header("Content-Disposition",
                      absl::StrCat("attachment; filename=\"", file_name, "\""));
  response.set_content(Encode(profile, kind), "application/octet-stream");
}

// A place among those that wait for a delta, given back in the end.
class DeltaPlace {
 public:
  DeltaPlace(std::atomic<int>& taken, int places) : taken_(taken) {
    granted_ = taken_.fetch_add(1) < places;
  }
  ~DeltaPlace() { taken_.fetch_sub(1); }
  DeltaPlace(const DeltaPlace&) = delete;
  DeltaPlace& operator=(const DeltaPlace&) = delete;

  bool granted() const { return granted_; }

 private:
  std::atomic<int>& taken_;
  bool granted_;
};

class Pages {
 public:
  explicit Pages(HttpServer& server)
      : server_(server), delta_places_(std::max(1, server.bounds().workers / 2)) {}

  void Index(const Request&, Response& response) const {
    response.set_content(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
        "charset=\"utf-8\"><title>/debug/pprof/</title>\n"
        "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
        "dt{font-family:monospace;margin-top:1em}</style></head>\n"
        "<body><h1>/debug/pprof/</h1>\n<dl>\n"
        "<dt><a href=\"allocs?debug=1\">allocs</a></dt><dd>Every allocation so far, sampled.</dd>\n"
        "<dt><a href=\"cmdline?debug=1\">cmdline</a></dt><dd>The program and its arguments.</dd>\n"
        "<dt><a href=\"heap?debug=1\">heap</a></dt><dd>What is live, sampled, as of the last "
        "collection. "
        "<a href=\"heap?gc=1&amp;debug=1\">gc=1</a> collects first.</dd>\n"
        "</dl>\n<p>With debug=1 a profile is text. Without it, it is the file that pprof opens: "
        "<code>go tool pprof http://HOST:PORT/debug/pprof/heap</code>. "
        "With seconds=N it is what the next N seconds add.</p></body></html>\n",
        "text/html; charset=utf-8");
  }

  void Cmdline(const Request&, Response& response) const {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::string arguments{std::istreambuf_iterator<char>(file), {}};
    if (arguments.ends_with('\0')) arguments.pop_back();
    response.set_content(arguments, kText);
  }

  void Named(const Request& request, Response& response) {
    const std::string name = request.matches[1];
    if (name != "heap" && name != "allocs") return ServeError(response, 404, "Unknown profile");
    const Kind kind = name == "heap" ? Kind::kHeap : Kind::kAllocs;
    const std::string seconds = Parameter(request, "seconds");
    const int64_t debug = ParseInt(Parameter(request, "debug")).value;
    if (!seconds.empty()) return ServeDelta(response, name, kind, ParseInt(seconds), debug);
    if (kind == Kind::kHeap && ParseInt(Parameter(request, "gc")).value > 0) runtime::GC();
    if (debug != 0) {
      response.set_content(Text(HeapProfile()), kText);
    } else {
      ServeProfile(response, HeapProfile(), kind, name);
    }
  }

 private:
  void ServeDelta(Response& response, const std::string& name, Kind kind, Integer seconds,
                  int64_t debug) {
    if (!seconds.valid || seconds.value <= 0) {
      return ServeError(response, 400,
                        "invalid value for \"seconds\" - must be a positive integer");
    }
    if (seconds.value >= kLongestDelta.count()) {
      return ServeError(response, 400, "profile duration exceeds server's WriteTimeout");
    }
    if (debug != 0) return ServeError(response, 400, "seconds and debug params are incompatible");
    const DeltaPlace place(deltas_, delta_places_);
    if (!place.granted()) return ServeError(response, 503, "too many delta profiles at a time");
    const Profile before = HeapProfile();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds.value);
    while (std::chrono::steady_clock::now() < end) {
      if (!server_.is_running()) return ServeError(response, 503, "the server is being stopped");
      std::this_thread::sleep_until(
          std::min(end, std::chrono::steady_clock::now() + std::chrono::milliseconds(100)));
    }
    ServeProfile(response, Delta(before, HeapProfile()), kind, name + "-delta");
  }

  HttpServer& server_;
  const int delta_places_;
  std::atomic<int> deltas_{0};
};

}  // namespace

void AddHandlers(HttpServer& server) {
  const auto pages = std::make_shared<Pages>(server);
  const auto add = [&server](const char* pattern, auto handler) {
    const auto safe = [handler](const Request& request, Response& response) {
      response.set_header("X-Content-Type-Options", "nosniff");
      handler(request, response);
    };
    server.Get(pattern, safe);
    server.Post(pattern, safe);
    const auto refuse = [](const Request&, Response& response) {
      response.set_header("Allow", "GET, HEAD, POST");
      ServeError(response, 405, "method not allowed");
    };
    server.Put(pattern, refuse);
    server.Patch(pattern, refuse);
    server.Delete(pattern, refuse);
    server.Options(pattern, refuse);
  };
  add("/debug/pprof/", [pages](const Request& in, Response& out) { pages->Index(in, out); });
  add("/debug/pprof/cmdline",
      [pages](const Request& in, Response& out) { pages->Cmdline(in, out); });
  add("/debug/pprof/([^/]{1,64})",
      [pages](const Request& in, Response& out) { pages->Named(in, out); });
  add("/debug/pprof",
      [](const Request&, Response& out) { out.set_redirect("/debug/pprof/", 301); });
}

absl::StatusOr<std::unique_ptr<Endpoint>> Endpoint::Start(int port) {
  std::unique_ptr<Endpoint> endpoint(new Endpoint);
  AddHandlers(endpoint->server_);
  const absl::StatusOr<int> bound = endpoint->server_.Bind("127.0.0.1", port);
  if (!bound.ok()) return bound.status();
  endpoint->port_ = *bound;
  endpoint->thread_ = std::thread([server = &endpoint->server_] { server->Serve(); });
  while (!endpoint->server_.is_running()) std::this_thread::yield();
  return endpoint;
}

Endpoint::~Endpoint() {
  if (!thread_.joinable()) return;
  server_.stop();
  thread_.join();
}

}  // namespace heapwise::pprof
