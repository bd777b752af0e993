#include "heapwise/pprof/handler.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/demangle.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/symbolizer.h"

namespace heapwise::pprof {
namespace {

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

void ServeError(Response& response, int status, const char* text) {
  response.status = status;
  response.headers.emplace_back("X-Go-Pprof", "1");
  response.body = absl::StrCat(text, "\n");
}

void ServeProfile(Response& response, const Profile& profile, Kind kind,
                  const std::string& file_name) {
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Content-Disposition",
                                absl::StrCat("attachment; filename=\"", file_name, "\""));
  response.body = Encode(profile, kind);
}

void ServeIndex(Response& response) {
  response.content_type = "text/html; charset=utf-8";
  response.body =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"><title>/debug/pprof/</title>\n"
      "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
      "dt{font-family:monospace;margin-top:1em}</style></head>\n"
      "<body><h1>/debug/pprof/</h1>\n<dl>\n"
      "<dt><a href=\"allocs?debug=1\">allocs</a></dt><dd>Every allocation so far, sampled.</dd>\n"
      "<dt><a href=\"cmdline?debug=1\">cmdline</a></dt><dd>The program and its arguments.</dd>\n"
      "<dt><a href=\"heap?debug=1\">heap</a></dt><dd>What is live, sampled, as of the last "
      "collection. <a href=\"heap?gc=1&amp;debug=1\">gc=1</a> collects first.</dd>\n"
      "<dt><a href=\"symbol\">symbol</a></dt><dd>The functions of addresses: "
      "<code>symbol?0x1+0x2</code>.</dd>\n"
      "</dl>\n<p>With debug=1 a profile is text. Without it, it is the file that pprof opens: "
      "<code>go tool pprof http://HOST:PORT/debug/pprof/heap</code>. "
      "With seconds=N it is what the next N seconds add.</p>\n"
      "<p>Of Go's pages block, goroutine, goroutineleak, mutex, profile (CPU), threadcreate and "
      "trace "
      "have no counterpart here: this is a profiler of memory.</p></body></html>\n";
}

void ServeCmdline(Response& response) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  response.body.assign(std::istreambuf_iterator<char>(file), {});
  if (response.body.ends_with('\0')) response.body.pop_back();
}

// Go's strconv.ParseUint(text, 0, 64) of what pprof sends and people type: 0x1f or 31; 0 where it is none.
uintptr_t ParseAddress(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  uintptr_t address = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), address, hexadecimal ? 16 : 10);
  return error == std::errc() && end == text.data() + text.size() ? address : 0;
}

// Whether an address may be looked up for a client. What is looked up is remembered for ever: only code counts, and
// not more of it than a large program has in its stacks.
class LookUps {
 public:
  bool Grant(uintptr_t address) {
    const auto is_in = [address](const internal::Segment& segment) {
      return segment.start <= address && address < segment.limit;
    };
    std::lock_guard lock(mutex_);
    if (granted_.contains(address)) return true;
    if (granted_.size() >= kMost) return false;
    if (std::ranges::none_of(segments_, is_in)) {
      segments_ = internal::ExecutableSegments();  // a library may have been loaded since
      if (std::ranges::none_of(segments_, is_in)) return false;
    }
    return granted_.insert(address).second;
  }

 private:
  static constexpr size_t kMost = 100'000;

  std::mutex mutex_;
  std::vector<internal::Segment> segments_;
  std::unordered_set<uintptr_t> granted_;
};

// Go's Symbol, which names the innermost function at an address: here the innermost that does not merely pass an
// allocation on (IsAllocator), as in the profiles whose addresses these are.
void ServeSymbol(const Request& request, Response& response) {
  static LookUps& look_ups = *new LookUps;  // for all servers of the process, as what they look up
  response.body = "num_symbols: 1\n";
  std::string_view words = request.method == "POST" ? request.body : request.query;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('+'));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    const uintptr_t address = ParseAddress(word);
    if (address == 0 || !look_ups.Grant(address)) continue;
    const std::vector<internal::Frame>& frames = internal::Symbolize(address);
    if (frames.empty()) continue;
    auto frame = std::ranges::find_if_not(
        frames, [](const internal::Frame& f) { return internal::IsAllocator(f.function); });
    if (frame == frames.end()) frame = frames.begin();
    absl::StrAppend(&response.body, "0x", absl::Hex(address), " ",
                    internal::Demangle(frame->function), "\n");
  }
}

void ServeDelta(Response& response, const std::string& name, Kind kind, Integer seconds,
                int64_t debug) {
  if (!seconds.valid || seconds.value <= 0) {
    return ServeError(response, 400, "invalid value for \"seconds\" - must be a positive integer");
  }
  if (debug != 0) return ServeError(response, 400, "seconds and debug params are incompatible");
  if (seconds.value > kLongestDelta.count()) {
    return ServeError(response, 400, "invalid value for \"seconds\" - must be at most 3600");
  }
  const auto before = std::make_shared<const Profile>(HeapProfile());
  response.After(std::chrono::seconds(seconds.value), [before, name, kind](Response& later) {
    later.headers.emplace_back("X-Content-Type-Options", "nosniff");
    ServeProfile(later, Delta(*before, HeapProfile()), kind, name + "-delta");
  });
}

void ServeNamed(const Request& request, Response& response, const std::string& name) {
  if (name != "heap" && name != "allocs") return ServeError(response, 404, "Unknown profile");
  const Kind kind = name == "heap" ? Kind::kHeap : Kind::kAllocs;
  const std::string seconds = request.Parameter("seconds");
  const int64_t debug = ParseInt(request.Parameter("debug")).value;
  if (!seconds.empty()) return ServeDelta(response, name, kind, ParseInt(seconds), debug);
  if (kind == Kind::kHeap && ParseInt(request.Parameter("gc")).value > 0) runtime::GC();
  if (debug != 0) {
    response.body = Text(HeapProfile());
  } else {
    ServeProfile(response, HeapProfile(), kind, name);
  }
}

}  // namespace

void AddHandlers(HttpServer& server) {
  const std::string pages = "/debug/pprof/";
  const auto safe = [](auto handler) {
    return [handler](const Request& request, Response& response) {
      response.headers.emplace_back("X-Content-Type-Options", "nosniff");
      handler(request, response);
    };
  };
  server.Get(pages, safe([pages](const Request& request, Response& response) {
               const std::string name = request.path.substr(pages.size());
               return name.empty() ? ServeIndex(response) : ServeNamed(request, response, name);
             }));
  server.Get(pages + "cmdline",
             safe([](const Request&, Response& response) { ServeCmdline(response); }));
  server.GetOrPost(pages + "symbol", safe(ServeSymbol));
}

absl::StatusOr<std::unique_ptr<Endpoint>> Endpoint::Start(int port) {
  std::unique_ptr<Endpoint> endpoint(new Endpoint);
  AddHandlers(endpoint->server_);
  const absl::StatusOr<int> bound = endpoint->server_.Bind("127.0.0.1", port);
  if (!bound.ok()) return bound.status();
  endpoint->port_ = *bound;
  endpoint->thread_ = std::thread([server = &endpoint->server_] { server->Serve(); });
  return endpoint;
}

Endpoint::~Endpoint() {
  if (!thread_.joinable()) return;
  server_.Stop();
  thread_.join();
}

}  // namespace heapwise::pprof
