// What the heap profiler costs a service: requests per second of build/bin/service without the profiler and with
// it. The services run all the time, and short rounds of load go to one after the other in shuffled order: what
// happens to the machine happens to all. The layout in memory makes processes of one program differ by a percent
// or two, so there are fresh ones several times. Nothing leaves this machine.
//
// Clients and services share one processor. Spread over two, the rates jump by a third with where the kernel
// puts the threads.
//
// The last line of its output is a JSON object of requests per second and microseconds of the service's CPU time
// for each request, for
//   off       the profiler is off
//   control   a second process that is the same: how far two of them differ by themselves
//   on        one sample in 512 KiB
//   scraped   the same rate, while /debug/pprof/heap is fetched once a second

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/time.h"
#include "heapwise/pprof/http_client.h"

ABSL_FLAG(std::string, service, "", "the program (default: `service` beside this one)");
ABSL_FLAG(int, starts, 10, "how often fresh services are started, from 1 to 1000");
ABSL_FLAG(int, rounds, 3, "rounds of load for each condition and start, from 1 to 10000");
ABSL_FLAG(absl::Duration, round_time, absl::Milliseconds(40), "from 1ms to 10s");

namespace {

using Clock = std::chrono::steady_clock;
using heapwise::pprof::HttpClient;

constexpr int kClients = 2;
constexpr double kSecondsPerScrape = 1;

// Small, so that there are several collections in a round, and not one in some of them.
constexpr char kLive[] = "--live_mib=2";

[[noreturn]] void Die(const std::string& words, int status = 1) {
  std::fprintf(stderr, "service_cost: %s\n", words.c_str());
  std::exit(status);
}

// This process, and those that it starts, on the last processor that it may use.
void PinToOneProcessor() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) Die("sched_getaffinity failed");
  int last = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) last = cpu;
  }
  CPU_ZERO(&set);
  CPU_SET(last, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) Die("sched_setaffinity failed");
}

// A service as a child process, which ends with the object and with this process.
class Service {
 public:
  Service(const std::string& program, int64_t rate) {
    const std::string flag = "--profile_rate=" + std::to_string(rate);
    int ends[2];
    if (pipe(ends) != 0) Die("pipe failed");
    const pid_t parent = getpid();
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (getppid() != parent) _exit(127);
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      execl(program.c_str(), program.c_str(), "--port=0", kLive, flag.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
    char line[256] = "";
    if (std::fgets(line, sizeof line, output_) == nullptr) line[0] = '\0';
    const std::string address = line;
    port_ = std::atoi(address.substr(address.rfind(':') + 1).c_str());
    if (port_ <= 0) Die(program + " did not start");
    for (auto& client : clients_) client = Connect();
    scraper_ = Connect();
  }

  ~Service() {
    // First, or the service would wait for what else the connections bring.
    for (auto& client : clients_) client.reset();
    scraper_.reset();
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
    fclose(output_);
  }

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  HttpClient& client(int i) { return *clients_[i]; }

  double CpuSeconds() const {
    clockid_t clock;
    timespec time;
    if (clock_getcpuclockid(child_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
      Die("the service has ended");
    }
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  void Scrape() { Ask(*scraper_, "/debug/pprof/heap"); }

  static void Ask(HttpClient& client, const char* path) {
    const auto answer = client.Get(path);
    if (!answer || answer->status != 200) Die(std::string("no answer for ") + path);
  }

 private:
  std::unique_ptr<HttpClient> Connect() const { return std::make_unique<HttpClient>(port_); }

  pid_t child_;
  FILE* output_;
  int port_ = 0;
  std::array<std::unique_ptr<HttpClient>, kClients> clients_;
  std::unique_ptr<HttpClient> scraper_;
};

struct Condition {
  const char* name;
  int64_t rate;  // bytes between two samples
  bool scraped = false;
  Service* service = nullptr;
  int64_t requests = 0;
  double seconds = 0;
  double cpu_seconds = 0;
};

// Every client asks again as soon as it is answered.
void Round(Condition& condition, Clock::duration round_time) {
  const double seconds_before = condition.seconds;
  const double cpu_before = condition.service->CpuSeconds();
  std::atomic<int64_t> requests{0};
  std::vector<std::thread> threads;
  const auto began = Clock::now();
  const auto end = began + round_time;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      int64_t answered = 0;
      for (; Clock::now() < end; ++answered) {
        Service::Ask(condition.service->client(i), "/work");
      }
      requests += answered;
    });
  }
  if (condition.scraped) {
    // The middle of each second of load, which takes several rounds.
    const double half = kSecondsPerScrape / 2;
    const auto scrapes_until = [&](double seconds) {
      return static_cast<int64_t>((seconds + half) / kSecondsPerScrape);
    };
    const double round_s = std::chrono::duration<double>(round_time).count();
    if (scrapes_until(seconds_before + round_s) > scrapes_until(seconds_before)) {
      condition.service->Scrape();
    }
  }
  for (std::thread& thread : threads) thread.join();
  condition.seconds += std::chrono::duration<double>(Clock::now() - began).count();
  condition.cpu_seconds += condition.service->CpuSeconds() - cpu_before;
  condition.requests += requests;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Measures what the heap profiler costs a service.");
  absl::ParseCommandLine(argc, argv);
  const int starts = absl::GetFlag(FLAGS_starts);
  const int rounds = absl::GetFlag(FLAGS_rounds);
  const absl::Duration round_time = absl::GetFlag(FLAGS_round_time);
  if (starts < 1 || starts > 1000 || rounds < 1 || rounds > 10'000 ||
      round_time < absl::Milliseconds(1) || round_time > absl::Seconds(10)) {
    Die("--starts must be from 1 to 1000, --rounds from 1 to 10000, --round_time from 1ms to 10s",
        2);
  }
  std::string program = absl::GetFlag(FLAGS_service);
  if (program.empty()) {
    program = std::filesystem::read_symlink("/proc/self/exe").replace_filename("service");
  }

  PinToOneProcessor();
  constexpr int64_t kDefaultRate = 512 << 10;
  std::array<Condition, 4> conditions = {
      Condition{"off", 0}, {"control", 0}, {"on", kDefaultRate}, {"scraped", kDefaultRate, true}};
  std::mt19937_64 random(std::random_device{}());
  for (int start = 0; start < starts; ++start) {
    // One for each condition: a service that was asked twice as often would be twice as warm.
    std::array<std::unique_ptr<Service>, 4> services;
    for (size_t c = 0; c < conditions.size(); ++c) {
      services[c] = std::make_unique<Service>(program, conditions[c].rate);
      conditions[c].service = services[c].get();
      // Connections are made; names that a fetch needs are looked up once in a service's life.
      Condition warm_up = conditions[c];
      Round(warm_up, absl::ToChronoNanoseconds(round_time / 2));
      if (warm_up.scraped) warm_up.service->Scrape();
    }
    for (int i = 0; i < rounds; ++i) {
      std::array<Condition*, 4> order;
      for (size_t c = 0; c < order.size(); ++c) order[c] = &conditions[c];
      std::shuffle(order.begin(), order.end(), random);
      for (Condition* const condition : order) {
        Round(*condition, absl::ToChronoNanoseconds(round_time));
      }
    }
  }
  const char* separator = "{";
  for (const Condition& condition : conditions) {
    if (condition.requests == 0) Die("no request was answered in time");
    std::printf("%s\"%s/rps\": %.2f, \"%s/cpu_us\": %.4f", separator, condition.name,
                static_cast<double>(condition.requests) / condition.seconds, condition.name,
                condition.cpu_seconds * 1e6 / static_cast<double>(condition.requests));
    separator = ", ";
  }
  std::printf("}\n");
  return 0;
}
