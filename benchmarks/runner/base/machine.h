// The facts of this machine and this build that every run records.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_MACHINE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_MACHINE_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
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
  std::string build_type;     // CMake's; empty in older runs
  std::string flags;          // all that chose how the compiler optimises
  std::string commit;         // "unknown" outside a git checkout
  std::optional<bool> dirty;  // changes that are not committed; absent where that is unknown
  std::string benchmark;
  std::string bdwgc;
};

// What cannot be read is "unknown" or 0.
MachineFacts ReadMachineFacts();

// Of the build that this program belongs to, without commit and dirty.
BuildFacts CompiledBuild();

// The same with commit and dirty, asked of git in `root`, now. What git's variables name in the environment of
// this process (as in a hook) is another repository and is not looked at.
BuildFacts ReadBuildFacts(const std::filesystem::path& root);

// Whether these are the flags that a measurement is meant for, CMakeLists.txt's.
bool HasUsualFlags(const std::string& flags);

// What is wrong with a build for measuring, such as "built as Debug with `-g`, not with `-O2 -g -DNDEBUG`";
// empty where nothing is.
std::string UnusualBuild(const BuildFacts& build);

// The load averages of the last 1, 5 and 15 minutes; zeros where they cannot be read.
std::array<double, 3> LoadAverages();

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_MACHINE_H_
