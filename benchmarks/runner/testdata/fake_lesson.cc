// Stands in for a lesson program in the runner's tests. It takes the flags of one and writes the report
// that Google Benchmark would, without measuring anything: the same numbers for the same seed. The variants
// slow, fast and control take about 40, 20 and 20 ns.
//
// Asked for a heap profile, it writes a text in its place and runs nothing.
//
// Where GC_MARKERS is set, its value is a measure too: markers_set. Where FAKE_FLAGS is, it says that it was compiled
// with them. Where FAKE_FULL_DISK names a run's directory, nothing can be written to that from then on.
//
// How it behaves is in the last part of the name that it is started by: "03-crashes" crashes. With a file
// of its name and ".after" beside it, which holds a number, it behaves well that many times first.
#include <regex.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

namespace {

struct Flags {
  std::string filter;
  std::string out;
  std::string timeline;
  std::string profile;
  unsigned seed = 0;
};

Flags ParseFlags(int argc, char** argv) {
  Flags flags;
  const auto value = [](const std::string& argument) {
    return argument.substr(argument.find('=') + 1);
  };
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--benchmark_filter=", 0) == 0) flags.filter = value(argument);
    if (argument.rfind("--benchmark_out=", 0) == 0) flags.out = value(argument);
    if (argument.rfind("--heapwise_timeline=", 0) == 0) flags.timeline = value(argument);
    if (argument.rfind("--heapwise_profile=", 0) == 0) flags.profile = value(argument);
    if (argument.rfind("--heapwise_seed=", 0) == 0)
      flags.seed = static_cast<unsigned>(std::stoul(value(argument)));
  }
  return flags;
}

// Puts a directory in the place of each of the run's files, which is kept under another name.
void FillDisk(const std::filesystem::path& run) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(run)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry);
  }
  for (const std::filesystem::path& file : files) {
    std::filesystem::rename(file, file.string() + ".kept");
    std::filesystem::create_directory(file);
  }
}

// Whether this start still counts among those that go well.
bool BehavesOnceMore(const std::string& program) {
  const std::string file = program + ".after";
  int left = 0;
  if (!(std::ifstream(file) >> left) || left <= 0) return false;
  std::ofstream(file) << left - 1;
  return true;
}

// "hour" says that it began an hour and up to a second before it did, as a program does that says when.
std::string StartOf(const std::string& behaviour) {
  if (behaviour != "hour") return "";
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ", \"start_ns\": \"" + std::to_string((now.tv_sec - 3601) * 1'000'000'000) + "\"";
}

std::string Benchmark(const std::string& name, double ns, const std::string& more) {
  return "{\"name\": \"" + name + "/iterations:1000\", \"run_name\": \"" + name +
         "/iterations:1000\", \"run_type\": \"iteration\", \"repetitions\": 1, "
         "\"repetition_index\": 0, \"threads\": 1, \"iterations\": 1000, \"real_time\": " +
         std::to_string(ns) + ", \"cpu_time\": " + std::to_string(ns) +
         ", \"time_unit\": \"ns\", \"allocs_per_op\": " + (name[0] == 's' ? "1.0" : "0.0") + more +
         "}";
}

}  // namespace

int main(int argc, char** argv) {
  const Flags flags = ParseFlags(argc, argv);
  const std::string program = argv[0];
  std::string behaviour = program.substr(program.rfind('-') + 1);
  if (BehavesOnceMore(program)) behaviour = "good";

  std::cout << "fake lesson, seed " << flags.seed << std::endl;
  if (const char* run = std::getenv("FAKE_FULL_DISK")) FillDisk(run);
  if (behaviour == "crashes") raise(SIGKILL);
  if (behaviour == "fails") return 3;
  if (behaviour == "hangs") pause();
  if (behaviour == "sleeps" || behaviour == "hour") usleep(50'000);
  if (behaviour == "interrupts") {
    kill(getppid(), SIGINT);
    pause();
  }
  if (behaviour == "garbage") {
    std::ofstream(flags.out) << "{\"benchmarks\": [";
    return 0;
  }

  if (!flags.profile.empty()) {
    // No real profile: which process it was of, and with what settings.
    if (behaviour == "unprofiled") return 2;
    const char* markers = std::getenv("GC_MARKERS");
    const std::string content =
        "profile of " + flags.filter + ", markers " + (markers == nullptr ? "not set" : markers);
    std::ofstream(flags.profile) << content;
    std::string early = flags.profile;
    early.insert(early.rfind(".pb.gz"), ".early");
    if (behaviour != "forgets") std::ofstream(early) << "early " << content;
    return 0;
  }
  std::vector<std::string> names = {"slow", "fast", "control"};
  std::mt19937 random(flags.seed);
  std::shuffle(names.begin(), names.end(), random);
  // POSIX extended, as Google Benchmark reads its filter.
  regex_t filter;
  if (regcomp(&filter, flags.filter.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return 2;
  std::string benchmarks;
  const char* markers = std::getenv("GC_MARKERS");
  for (const std::string& name : names) {
    const double spread = behaviour == "noisy" ? 1 : 0.01;
    const double noise = 1 + spread * (static_cast<double>(random() % 1000) / 1000 - 0.5);
    if (regexec(&filter, (name + "/iterations:1000").c_str(), 0, nullptr, 0) != 0) continue;
    if (behaviour == "omits" && name == "slow") continue;
    std::string more;
    if (markers != nullptr) more = std::string(", \"markers_set\": ") + markers;
    if (behaviour == "errors" && name == "fast") {
      more += ", \"error_occurred\": true, \"error_message\": \"wrong answer\"";
    }
    if (!benchmarks.empty()) benchmarks += ",\n";
    benchmarks += Benchmark(name, (name == "slow" ? 40 : 20) * noise, more);
    if (!flags.timeline.empty()) {
      std::ofstream(flags.timeline, std::ios::app)
          << "{\"benchmark\": \"" << name
          << "\", \"t_s\": 0.01, \"n\": 1, \"kind\": \"full\", \"forced\": false, "
             "\"heap_before_bytes\": 2000, \"heap_after_bytes\": 1000, \"goal_bytes\": 2000, "
             "\"pause_ns\": 10, \"max_pause_ns\": 10, \"mark_ns\": 8, \"sweep_ns\": 2}\n";
    }
  }
  const char* gogc = std::getenv("GOGC");
  const char* bind_now = std::getenv("LD_BIND_NOW");
  const char* compiled = std::getenv("FAKE_FLAGS");
  std::ofstream(flags.out)
      << "{\"context\": {\"date\": \"today\", \"host_name\": \"here\", \"num_cpus\": 2, "
         "\"gc_markers\": \""
      << (markers == nullptr ? "1" : markers) << "\", \"gogc\": \""
      << (gogc == nullptr ? "not set" : gogc) << "\", \"bind_now\": \""
      << (bind_now == nullptr ? "not set" : bind_now) << "\"" << StartOf(behaviour)
      << (compiled == nullptr
              ? ""
              : std::string(", \"build_type\": \"Debug\", \"flags\": \"") + compiled + "\"")
      << "},\n\"benchmarks\": [\n"
      << benchmarks << "]}\n";
  return 0;
}
