// A load for the service: clients that each keep one connection and ask again as soon as they are answered.
// Bounded in time, and it never leaves this machine.
//
//   build/bin/load --port=8080 --clients=2 --seconds=5
//
// Its last line of output is a JSON object.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "benchmarks/stats/quantile.h"
#include "heapwise/pprof/http_client.h"

ABSL_FLAG(int, port, 0, "the port of the service on 127.0.0.1");
ABSL_FLAG(std::string, path, "/work", "what to ask for");
ABSL_FLAG(int, clients, 2, "connections, each with one request at a time");
ABSL_FLAG(double, seconds, 5, "how long, at most 3600");
ABSL_FLAG(int64_t, requests, 0, "end after so many requests in all; 0: when the time is over");

namespace {

using Clock = std::chrono::steady_clock;

struct Tally {
  std::vector<double> latencies_ns;
  int64_t failed = 0;  // no answer, or a status other than 200
};

Tally Ask(int port, const std::string& path, int64_t requests, Clock::time_point end) {
  Tally tally;
  heapwise::pprof::HttpClient client(port);
  for (int64_t i = 0; (requests == 0 || i < requests) && Clock::now() < end; ++i) {
    const auto began = Clock::now();
    const auto answer = client.Get(path);
    tally.latencies_ns.push_back(
        std::chrono::duration<double, std::nano>(Clock::now() - began).count());
    if (!answer || answer->status != 200) {
      ++tally.failed;
      if (!answer) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Asks a service on this machine as fast as it answers, and reports how fast that was.");
  absl::ParseCommandLine(argc, argv);
  const int port = absl::GetFlag(FLAGS_port);
  const int clients = absl::GetFlag(FLAGS_clients);
  const double seconds = absl::GetFlag(FLAGS_seconds);
  const int64_t requests = absl::GetFlag(FLAGS_requests);
  if (port < 1 || port > 65535 || clients < 1 || clients > 256 ||
      !(seconds > 0 && seconds <= 3600) || requests < 0 ||
      !absl::GetFlag(FLAGS_path).starts_with('/')) {
    std::fprintf(stderr,
                 "load: --port must be from 1 to 65535, --clients from 1 to 256, --seconds more "
                 "than 0 and at most "
                 "3600, --requests not negative, and --path must begin with /\n");
    return 2;
  }

  const auto began = Clock::now();
  const auto end =
      began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::vector<Tally> tallies(clients);
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    // 0 would mean without a limit.
    const int64_t share = requests == 0 ? 0 : requests / clients + (i < requests % clients ? 1 : 0);
    if (requests != 0 && share == 0) continue;
    threads.emplace_back([&tally = tallies[i], port, share, end] {
      tally = Ask(port, absl::GetFlag(FLAGS_path), share, end);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double wall_s = std::chrono::duration<double>(Clock::now() - began).count();

  Tally all;
  for (const Tally& tally : tallies) {
    all.failed += tally.failed;
    all.latencies_ns.insert(all.latencies_ns.end(), tally.latencies_ns.begin(),
                            tally.latencies_ns.end());
  }
  const auto milliseconds = [&all](double q) {
    return heapwise::stats::NearestRank(all.latencies_ns, q).value_or(0) / 1e6;
  };
  std::printf(
      "{\"requests\": %zu, \"failed\": %lld, \"wall_s\": %.3f, \"requests_per_second\": %.1f, "
      "\"p50_ms\": %.4f, "
      "\"p99_ms\": %.4f, \"p999_ms\": %.4f, \"max_ms\": %.4f}\n",
      all.latencies_ns.size(), static_cast<long long>(all.failed), wall_s,
      static_cast<double>(all.latencies_ns.size()) / wall_s, milliseconds(0.5), milliseconds(0.99),
      milliseconds(0.999), milliseconds(1));
  return all.failed == 0 ? 0 : 1;
}
