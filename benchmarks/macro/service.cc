// A small HTTP service to look into while it runs: each request allocates on the collected heap, and the pages of
// /debug/pprof/ show where. --leak plants a leak.
//
//   build/bin/service --port=8080
//   build/bin/load --port=8080 --seconds=5
//   go tool pprof http://127.0.0.1:8080/debug/pprof/heap
//
// Its first line of output is its address. It ends on SIGINT and SIGTERM, with a line of what it did.

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/pprof/handler.h"
#include "heapwise/pprof/http_server.h"
#include "heapwise/pprof/profile.h"

ABSL_FLAG(std::string, host, "127.0.0.1", "the address to listen on");
ABSL_FLAG(bool, beyond_loopback, false,
          "let other machines reach the service, its memory profile included, at a --host that "
          "they can reach");
ABSL_FLAG(std::vector<std::string>, allowed_hosts, {},
          "names, separated by commas, that requests may call the service by beyond the addresses "
          "that it listens on; *: any");
ABSL_FLAG(int, port, 0, "the TCP port to listen on; 0: one that is free");
ABSL_FLAG(int, workers, 4, "requests answered at a time");
ABSL_FLAG(int, live_mib, 16, "size of the catalogue that lives as long as the service");
ABSL_FLAG(bool, leak, false, "keep what every request made, for ever");
ABSL_FLAG(bool, pprof, true, "serve /debug/pprof/ too");
ABSL_FLAG(
    int64_t, profile_rate, 512 << 10,
    "bytes allocated between two samples of the heap profile; 1: every allocation, 0: no profile");

namespace {

using heapwise::runtime::Allocator;
using heapwise::runtime::MakeSlice;
using heapwise::runtime::New;

constexpr size_t kPageBytes = 1023;  // 1 KiB with the byte that MakeSlice adds
constexpr int kLinesOfAnOrder = 32;

struct Line {
  Line* next;
  int64_t article;
  int64_t count;
  int64_t cents;
};

Line* catalogue = nullptr;  // static data: a root
std::atomic<uint64_t> answered{0};

// What the leak keeps. Nobody ever takes anything out.
std::mutex history_mutex;
std::vector<std::span<char>, Allocator<std::span<char>>> history;

void LoadCatalogue(int mebibytes) {
  for (int64_t i = 0; i < (int64_t{mebibytes} << 20) / static_cast<int64_t>(sizeof(Line)); ++i) {
    catalogue = New<Line>(catalogue, i, 1, 100 + i % 1000);
  }
}

// The order that a request asks for: garbage as soon as it is answered.
Line* ReadOrder(uint64_t number) {
  Line* order = nullptr;
  for (int i = 0; i < kLinesOfAnOrder; ++i) {
    order = New<Line>(order, static_cast<int64_t>(number % 1000) + i, 1 + i % 3, 100 + i);
  }
  return order;
}

std::span<char> RenderPage(const Line* order, uint64_t number) {
  const std::span<char> page = MakeSlice<char>(kPageBytes);
  int64_t cents = 0;
  for (const Line* line = order; line != nullptr; line = line->next)
    cents += line->count * line->cents;
  std::snprintf(page.data(), page.size(), "{\"order\": %llu, \"cents\": %lld}\n",
                static_cast<unsigned long long>(number), static_cast<long long>(cents));
  return page;
}

void RememberPage(std::span<char> page) {
  std::lock_guard lock(history_mutex);
  history.push_back(page);
}

void Work(const heapwise::pprof::Request&, heapwise::pprof::Response& response) {
  const uint64_t number = answered.fetch_add(1) + 1;
  const std::span<char> page = RenderPage(ReadOrder(number), number);
  if (absl::GetFlag(FLAGS_leak)) RememberPage(page);
  response.content_type = "application/json";
  response.body = page.data();
}

int CheckedFlag(const absl::Flag<int>& flag, const char* name, int low, int high) {
  const int value = absl::GetFlag(flag);
  if (value < low || value > high) {
    std::fprintf(stderr, "service: --%s must be from %d to %d, not %d\n", name, low, high, value);
    std::exit(2);
  }
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "A small HTTP service that allocates: /work answers, /debug/pprof/ shows its memory.");
  absl::ParseCommandLine(argc, argv);
  const int port = CheckedFlag(FLAGS_port, "port", 0, 65535);
  const int workers = CheckedFlag(FLAGS_workers, "workers", 1, 256);
  const int live_mib = CheckedFlag(FLAGS_live_mib, "live_mib", 0, 4096);
  if (absl::GetFlag(FLAGS_profile_rate) < 0) {
    std::fprintf(stderr, "service: --profile_rate must not be negative\n");
    return 2;
  }
  heapwise::pprof::SetMemProfileRate(absl::GetFlag(FLAGS_profile_rate));
  LoadCatalogue(live_mib);

  heapwise::pprof::HttpServer server({.workers = workers});
  server.Get("/work", Work);
  if (absl::GetFlag(FLAGS_pprof)) heapwise::pprof::AddHandlers(server);
  for (const std::string& host : absl::GetFlag(FLAGS_allowed_hosts)) server.AllowHost(host);
  const auto bound =
      server.Bind(absl::GetFlag(FLAGS_host), port, absl::GetFlag(FLAGS_beyond_loopback));
  if (!bound.ok()) {
    std::fprintf(stderr, "service: %s (--host, --port, --beyond_loopback)\n",
                 std::string(bound.status().message()).c_str());
    return 2;
  }

  // SIGINT and SIGTERM go to the thread that waits for them, and to no handler.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::thread serving([&server] { server.Serve(); });
  std::printf("http://%s:%d\n", absl::GetFlag(FLAGS_host).c_str(), *bound);
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ends, &signal);
  server.Stop();
  serving.join();
  const auto heap = heapwise::runtime::ReadHeapCounters();
  std::printf("%llu requests answered, %llu collections, peak heap %.1f MiB\n",
              static_cast<unsigned long long>(answered.load()),
              static_cast<unsigned long long>(heap.num_gc),
              static_cast<double>(heap.peak_heap) / (1 << 20));
  return 0;
}
