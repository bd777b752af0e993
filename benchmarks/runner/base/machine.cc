#include "benchmarks/runner/base/machine.h"

#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/process.h"

namespace heapwise::runner {
namespace {

constexpr char kUnknown[] = "unknown";

std::string FirstLineOf(const char* path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return kUnknown;
  return std::string(absl::StripAsciiWhitespace(text->substr(0, text->find('\n'))));
}

std::string CpuModel() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/cpuinfo");
  if (!text.ok()) return kUnknown;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (!absl::StartsWith(line, "model name")) continue;
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (parts.size() == 2) return std::string(absl::StripAsciiWhitespace(parts[1]));
  }
  return kUnknown;
}

int UsableCores() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : get_nprocs();
}

// Runs `git -C root ARGUMENTS` and gives what it printed. False where that fails or there is no git.
bool Git(const std::filesystem::path& root, std::vector<std::string> arguments,
         std::string& output) {
  ProcessRequest request;
  request.command = {"/usr/bin/env"};
  for (const char* variable : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX",
                               "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"}) {
    request.command.insert(request.command.end(), {"-u", variable});
  }
  request.command.insert(request.command.end(), {"git", "-C", root.string()});
  request.command.insert(request.command.end(), arguments.begin(), arguments.end());
  request.time_limit = absl::Seconds(10);
  const ProcessOutcome outcome = RunProcess(request);
  output = outcome.output;
  return outcome.Succeeded();
}

}  // namespace

MachineFacts ReadMachineFacts() {
  MachineFacts facts;
  facts.cpu = CpuModel();
  facts.cores = UsableCores();
  struct sysinfo info;
  if (sysinfo(&info) == 0) {
    facts.memory_bytes = static_cast<int64_t>(info.totalram) * info.mem_unit;
  }
  utsname name;
  facts.kernel = uname(&name) == 0 ? name.release : kUnknown;
  facts.governor = FirstLineOf("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  return facts;
}

BuildFacts CompiledBuild() {
  BuildFacts facts;
  facts.compiler = HEAPWISE_COMPILER;
  facts.build_type = HEAPWISE_BUILD_TYPE;
  facts.flags = HEAPWISE_FLAGS;
  facts.benchmark = HEAPWISE_BENCHMARK_VERSION;
  facts.bdwgc = HEAPWISE_BDWGC_VERSION;
  return facts;
}

BuildFacts ReadBuildFacts(const std::filesystem::path& root) {
  BuildFacts facts = CompiledBuild();
  facts.commit = kUnknown;
  std::string output;
  // The prefix is empty only where `root` is the checkout itself and not a folder inside another one.
  if (Git(root, {"rev-parse", "--show-prefix", "--short", "HEAD"}, output) &&
      absl::StartsWith(output, "\n")) {
    facts.commit = std::string(absl::StripAsciiWhitespace(output));
    if (Git(root, {"status", "--porcelain"}, output)) facts.dirty = !output.empty();
  }
  return facts;
}

bool HasUsualFlags(const std::string& flags) { return flags == HEAPWISE_USUAL_FLAGS; }

std::string UnusualBuild(const BuildFacts& build) {
  if (HasUsualFlags(build.flags)) return "";
  return absl::StrFormat("built%s with `%s`, not with `%s`",
                         build.build_type.empty() ? "" : " as " + build.build_type, build.flags,
                         HEAPWISE_USUAL_FLAGS);
}

std::array<double, 3> LoadAverages() {
  std::array<double, 3> loads;
  if (getloadavg(loads.data(), loads.size()) != static_cast<int>(loads.size())) return {};
  return loads;
}

}  // namespace heapwise::runner
