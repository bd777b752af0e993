// `heapwise doctor`: what on this machine makes measurements worse, what it lacks, and what to do.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_DOCTOR_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_DOCTOR_H_

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "benchmarks/runner/base/machine.h"

namespace heapwise::runner {

enum class Health {
  kOk,
  kWorse,       // measurements are noisier, or not of what one thinks
  kLacking,     // something that Heapwise can do cannot be done, or cannot be known, here
  kImpossible,  // nothing can be measured
};

struct Check {
  std::string name;
  Health health;
  std::string finding;  // what was found
  std::string meaning;  // what it does to the measurement; empty where all is well
  std::string advice;   // what to do; empty where all is well
};

// Where the checks look.
struct Surroundings {
  // /proc, /sys and /usr are read below it.
  std::filesystem::path root = "/";
  // Directories with commands, separated by colons, as in PATH; not below root.
  std::string path;
  BuildFacts build;  // of what was compiled here
  // Opens a counter of CPU cycles for this process and closes it: 0, or the errno.
  std::function<int()> open_cycle_counter;
  // Whether that interpreter finds the modules that charts and the report need.
  std::function<bool(const std::string& interpreter)> python_has_modules;
};

// This machine, this process.
Surroundings RealSurroundings();

// All checks, always the same ones in the same order. What cannot be read is said to be unknown;
// nothing is changed. Not thread-safe.
std::vector<Check> Examine(const Surroundings& surroundings);

// The checks as text of at most 80 columns.
void PrintChecks(const std::vector<Check>& checks, std::ostream& out);

// Examines this machine and prints what it finds. The exit status: 0, or 1 where nothing can be
// measured.
int RunDoctor(std::ostream& out);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_DOCTOR_H_
