// The facts of this machine and this build that every run records.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_MACHINE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_MACHINE_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace heapwise::runner {

struct MachineFacts {
  std::string cpu;           // /proc/cpuinfo's model name
  int cores = 0;             // that this process may run on
  int64_t memory_bytes = 0;  // of the machine; a container's limit is not looked at
  std::string kernel;        // uname's release
  std::string governor;      // of the first core's clock; "unknown" where the kernel does not tell

  bool operator==(const MachineFacts&) const = default;
};

struct BuildFacts {
  std::string compiler;
  std::string flags;
  std::string commit;  // "unknown" outside a git checkout
  bool dirty = false;  // changes that are not committed; false where the commit is unknown
  std::string benchmark;
  std::string bdwgc;
};

// What cannot be read is "unknown" or 0.
MachineFacts ReadMachineFacts();

// Of the build that this program belongs to; commit and dirty are asked of git in `root`, now.
BuildFacts ReadBuildFacts(const std::filesystem::path& root);

// The load averages of the last 1, 5 and 15 minutes; zeros where they cannot be read.
std::array<double, 3> LoadAverages();

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_MACHINE_H_
