#include "benchmarks/runner/cmd/doctor.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "benchmarks/runner/base/find_program.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/text_table.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/runner/peers/peers_go.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// Less than this and the lessons' heaps (up to a few hundred MiB) meet the kernel's reclaim.
constexpr int64_t kEnoughMemory = int64_t{1} << 30;
// Swapped-out pages left over from long ago do no harm; more than this does not come from there.
constexpr int64_t kHarmlessSwap = int64_t{64} << 20;
// The load average of an idle machine with its background services stays below.
constexpr double kIdleLoad = 0.5;
// The share of time that a hypervisor gave to others since the start, from which it matters.
constexpr double kHarmlessSteal = 0.001;
// Of a question to an interpreter, which is answered in a fraction of a second.
constexpr absl::Duration kPythonLimit = absl::Seconds(10);
// A limit that cgroup v1 reports for "none" is the greatest multiple of the page size in an int64.
constexpr int64_t kNoLimit = int64_t{1} << 60;

std::optional<std::string> ReadText(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  absl::StripTrailingAsciiWhitespace(&text);
  return text;
}

std::optional<int64_t> ReadNumber(const fs::path& file) {
  const auto text = ReadText(file);
  int64_t number;
  if (!text || !absl::SimpleAtoi(*text, &number)) return std::nullopt;
  return number;
}

// The rest of the line that starts with `key`, after it and the colon, in files such as
// /proc/meminfo.
std::optional<std::string> FindLine(const std::string& text, const std::string& key) {
  for (const auto line : absl::StrSplit(text, '\n')) {
    std::pair<std::string, std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 1));
    absl::StripAsciiWhitespace(&parts.first);
    if (parts.first != key) continue;
    absl::StripAsciiWhitespace(&parts.second);
    return parts.second;
  }
  return std::nullopt;
}

// How many CPUs a list such as "0-3,8" names.
int CountCpus(const std::string& list) {
  int count = 0;
  for (const auto range : absl::StrSplit(list, ',')) {
    const std::vector<std::string> ends = absl::StrSplit(range, '-');
    int first, last;
    if (!absl::SimpleAtoi(ends.front(), &first) || !absl::SimpleAtoi(ends.back(), &last)) return 0;
    count += last - first + 1;
  }
  return count;
}

// The CPUs that this process may run on; 0 where that cannot be read.
int AllowedCpus(const fs::path& root) {
  const auto list = FindLine(ReadText(root / "proc/self/status").value_or(""), "Cpus_allowed_list");
  return list ? CountCpus(*list) : 0;
}

Check CheckProc(const fs::path& root) {
  Check check{"/proc", Health::kOk, "readable", "", ""};
  if (ReadText(root / "proc/self/status").value_or("").empty()) {
    check.health = Health::kImpossible;
    check.finding = "not mounted";
    check.meaning = "The runner reads its children's memory there; nothing can be measured.";
    check.advice = "mount -t proc proc /proc";
  }
  return check;
}

// What `/etc/os-release` says of a name: its value without quotes.
std::string ReleaseField(const std::string& release, std::string_view name) {
  for (const absl::string_view line : absl::StrSplit(release, '\n')) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    if (parts.first == name) return absl::StrReplaceAll(parts.second, {{"\"", ""}});
  }
  return "";
}

Check CheckSystem(const fs::path& root) {
  const std::string release = ReadText(root / "etc/os-release").value_or("");
  const std::string name = ReleaseField(release, "PRETTY_NAME");
  const std::string version = ReleaseField(release, "VERSION_ID");
  Check check{"system", Health::kOk, name.empty() ? "unknown" : name, "", ""};
  if (ReleaseField(release, "ID") != "debian" || (version != "12" && version != "13")) {
    check.health = Health::kLacking;
    check.meaning =
        "Heapwise is tested on Debian 12 and 13. A relative works as far as it has the same "
        "packages.";
    check.advice = "run make test; what passes is right here too";
  }
  return check;
}

Check CheckCores(const fs::path& root) {
  const int cores = AllowedCpus(root);
  Check check{"cores", Health::kOk, absl::StrCat(cores, " usable"), "", ""};
  if (cores == 0) {
    check.health = Health::kLacking;
    check.finding = "unknown";
    check.meaning = "Whether a lesson has a core to itself cannot be told.";
    check.advice = "mount /proc, if it is not mounted";
  } else if (cores < 2) {
    check.health = Health::kWorse;
    check.meaning =
        "The runner, the lesson and everything else take turns on one core, and what is "
        "measured with two threads shows no parallelism.";
    check.advice = "give this machine, container or process (taskset) a second core";
  }
  return check;
}

Check CheckLoad(const fs::path& root) {
  Check check{"load", Health::kLacking, "unknown", "", ""};
  const std::string text = ReadText(root / "proc/loadavg").value_or("");
  const std::vector<std::string> fields = absl::StrSplit(text, ' ');
  double load;
  if (!absl::SimpleAtod(fields.front(), &load)) {
    check.meaning = "Whether other programs take CPU time cannot be told.";
    check.advice = "mount /proc, if it is not mounted";
    return check;
  }
  check.health = Health::kOk;
  check.finding = absl::StrFormat("%.2f, average of the last minute", load);
  if (load > kIdleLoad) {
    check.health = Health::kWorse;
    check.meaning =
        "Something takes CPU time, or did within the last minute (a build counts). Intervals "
        "become wider and more claims too noisy.";
    check.advice = "see with top what it is, end it or wait, then measure";
  }
  return check;
}

Check CheckMemory(const fs::path& root) {
  Check check{"memory", Health::kLacking, "unknown", "", ""};
  const std::string text = ReadText(root / "proc/meminfo").value_or("");
  const auto bytes = [&](const char* key) -> std::optional<int64_t> {
    const auto line = FindLine(text, key);
    int64_t kib;
    if (!line || !absl::SimpleAtoi(line->substr(0, line->find(' ')), &kib)) return std::nullopt;
    return kib * 1024;
  };
  const auto available = bytes("MemAvailable"), total = bytes("MemTotal");
  if (!available || !total) {
    check.meaning = "Whether the heaps of the lessons fit cannot be told.";
    check.advice = "mount /proc, if it is not mounted";
    return check;
  }
  const int64_t swapped = bytes("SwapTotal").value_or(0) - bytes("SwapFree").value_or(0);
  check.health = Health::kOk;
  check.finding = absl::StrCat(
      BytesWords(static_cast<double>(*available)), " of ", BytesWords(static_cast<double>(*total)),
      " available, ",
      swapped > 0 ? BytesWords(static_cast<double>(swapped)) + " swapped out" : "no swap in use");
  if (*available < kEnoughMemory) {
    check.health = Health::kWorse;
    check.meaning =
        "The heaps of the lessons compete with other programs; the kernel reclaims pages in the "
        "middle of a measurement.";
    check.advice =
        absl::StrCat("close programs until ", BytesWords(kEnoughMemory), " are available");
  } else if (swapped > kHarmlessSwap) {
    check.health = Health::kWorse;
    check.meaning = "A page that comes back from swap takes longer than a collection does.";
    check.advice = "sudo swapoff -a while measuring, if the memory suffices for what is in swap";
  }
  return check;
}

bool HasHypervisor(const fs::path& root) {
  const auto flags = FindLine(ReadText(root / "proc/cpuinfo").value_or(""), "flags");
  return flags && absl::StrCat(" ", *flags, " ").find(" hypervisor ") != std::string::npos;
}

// The share of CPU time since the start that the hypervisor gave to other guests: the eighth number
// of /proc/stat's first line over the sum of all (proc(5)).
std::optional<double> StealShare(const fs::path& root) {
  std::istringstream line(ReadText(root / "proc/stat").value_or(""));
  std::string cpu;
  line >> cpu;
  double steal = 0, total = 0, ticks;
  for (int i = 1; i <= 8; ++i) {
    if (!(line >> ticks)) return std::nullopt;
    total += ticks;
    if (i == 8) steal = ticks;
  }
  return total > 0 ? std::optional(steal / total) : std::nullopt;
}

Check CheckVirtual(const fs::path& root) {
  Check check{"virtual", Health::kOk, "a machine of its own", "", ""};
  if (!HasHypervisor(root)) return check;
  const auto steal = StealShare(root);
  check.finding = "a virtual machine";
  if (steal) {
    check.finding += absl::StrFormat("; other guests took %.2f %% of its time", *steal * 100);
  }
  check.health = Health::kWorse;
  check.meaning =
      "Its neighbours share the caches and the clock, unseen from here. Pairs within a block "
      "cancel most of it; the control shows what is left.";
  check.advice = steal.value_or(0) > kHarmlessSteal
                     ? "measure on a machine of its own, or at a quieter time"
                     : "trust the control's interval; for small effects use a machine of its own";
  return check;
}

Check CheckGovernor(const fs::path& root) {
  Check check{"governor", Health::kLacking, "not to be seen", "", ""};
  const auto governor = ReadText(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor) {
    check.meaning =
        "The kernel does not tell who sets the clock (in a virtual machine its host does), so it "
        "cannot be held still.";
    check.advice = HasHypervisor(root) ? "nothing from within; set it on the host if it is yours"
                                       : "enable CPU frequency scaling in the firmware";
    return check;
  }
  check.finding = *governor;
  if (*governor == "performance") {
    check.health = Health::kOk;
  } else {
    check.health = Health::kWorse;
    check.meaning = "The clock follows the load: the start of a measurement runs slower.";
    check.advice = "sudo cpupower frequency-set -g performance";
  }
  return check;
}

Check CheckTurbo(const fs::path& root) {
  Check check{"turbo", Health::kLacking, "not to be seen", "", ""};
  const fs::path cpu = root / "sys/devices/system/cpu";
  const auto no_turbo = ReadNumber(cpu / "intel_pstate/no_turbo");
  const auto boost = ReadNumber(cpu / "cpufreq/boost");
  if (!no_turbo && !boost) {
    check.meaning = "Whether the clock rises and falls with the temperature cannot be told.";
    check.advice = "nothing from within; block by block, both variants see the same clock";
    return check;
  }
  if (no_turbo ? *no_turbo == 1 : *boost == 0) {
    check.health = Health::kOk;
    check.finding = "off";
    return check;
  }
  check.health = Health::kWorse;
  check.finding = "on";
  check.meaning = "The clock sinks as the chip warms up: later blocks are slower.";
  check.advice = no_turbo ? "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
                          : "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost";
  return check;
}

Check CheckAslr(const fs::path& root) {
  Check check{"ASLR", Health::kLacking, "unknown", "", ""};
  const auto level = ReadNumber(root / "proc/sys/kernel/randomize_va_space");
  if (!level) {
    check.meaning = "Whether each process gets a memory layout of its own cannot be told.";
    check.advice = "mount /proc, if it is not mounted";
  } else if (*level == 2) {
    check.health = Health::kOk;
    check.finding = "on: each block has a memory layout of its own";
  } else {
    check.health = Health::kWorse;
    check.finding = *level == 0 ? "off" : "on, without the heap";
    check.meaning =
        "All blocks share one memory layout. Its luck, good or bad, looks like an effect and is "
        "in no interval.";
    check.advice = "sudo sysctl kernel.randomize_va_space=2";
  }
  return check;
}

Check CheckHugePages(const fs::path& root) {
  Check check{"huge pages", Health::kOk, "", "", ""};
  const auto text = ReadText(root / "sys/kernel/mm/transparent_hugepage/enabled");
  if (!text) {
    check.finding = "the kernel makes none";
  } else if (text->find("[always]") == std::string::npos) {
    check.finding = "only where a program asks";
  } else {
    check.health = Health::kWorse;
    check.finding = "always";
    check.meaning =
        "The kernel merges pages when it sees fit: resident memory moves in steps of 2 MiB, and "
        "the merging takes time in the middle of a measurement.";
    check.advice = "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled";
  }
  return check;
}

// A cgroup of this process and its ancestors up to the root of the hierarchy, innermost first.
struct Cgroup {
  int version = 0;  // 0: none with that controller
  std::vector<fs::path> directories;
};

// Where `controller` governs this process: /proc/self/cgroup names the path below the hierarchy,
// cgroups(7).
Cgroup FindCgroup(const fs::path& root, const std::string& controller) {
  Cgroup cgroup;
  fs::path mount, path;
  const std::string list = ReadText(root / "proc/self/cgroup").value_or("");
  for (const auto line : absl::StrSplit(list, '\n')) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(fields[1], ',');
    if (std::find(controllers.begin(), controllers.end(), controller) != controllers.end()) {
      cgroup.version = 1;
      mount = root / "sys/fs/cgroup" / controller;
      path = fields[2];
      break;
    }
    if (fields[0] != "0") continue;
    mount = root / "sys/fs/cgroup";
    path = fields[2];
    const std::string available = ReadText(mount / "cgroup.controllers").value_or("");
    const std::vector<std::string> words = absl::StrSplit(available, ' ');
    if (std::find(words.begin(), words.end(), controller) != words.end()) cgroup.version = 2;
  }
  if (cgroup.version == 0) return cgroup;
  // In a container the path may be the host's, which is not there: then the mount is our own
  // cgroup.
  fs::path relative = path.relative_path();
  std::error_code error;
  if (!fs::exists(mount / relative, error)) relative.clear();
  for (; !relative.empty(); relative = relative.parent_path()) {
    cgroup.directories.push_back(mount / relative);
  }
  cgroup.directories.push_back(mount);
  return cgroup;
}

Check CheckMemoryLimit(const fs::path& root) {
  Check check{"mem. limit", Health::kOk, "", "", ""};
  const Cgroup cgroup = FindCgroup(root, "memory");
  if (cgroup.version == 0) {
    check.health = Health::kLacking;
    check.finding = "no memory controller (cgroup)";
    check.meaning =
        "A container's limit cannot be set here; lessons about containers use a limit on the "
        "process's data instead.";
    check.advice = "boot with cgroup_enable=memory, or pass the host's cgroups on to the container";
    return check;
  }
  int64_t limit = kNoLimit;
  for (const auto& directory : cgroup.directories) {
    const auto own =
        ReadNumber(directory / (cgroup.version == 1 ? "memory.limit_in_bytes" : "memory.max"));
    limit = std::min(limit, own.value_or(kNoLimit));
  }
  check.finding = absl::StrFormat("cgroup v%d, ", cgroup.version);
  if (limit == kNoLimit) {
    check.finding += "no limit on this process";
  } else {
    check.finding += absl::StrCat("limited to ", BytesWords(static_cast<double>(limit)));
    if (limit < kEnoughMemory) {
      check.health = Health::kWorse;
      check.meaning = "A lesson that passes the limit is killed, and near it the kernel reclaims.";
      check.advice = absl::StrCat("give the container at least ", BytesWords(kEnoughMemory));
    }
  }
  return check;
}

Check CheckCpuLimit(const fs::path& root) {
  Check check{"CPU limit", Health::kOk, "none", "", ""};
  const Cgroup cgroup = FindCgroup(root, "cpu");
  double cpus = 1e9;
  for (const auto& directory : cgroup.directories) {
    double quota = 0, period = 0;
    if (cgroup.version == 1) {
      quota = static_cast<double>(ReadNumber(directory / "cpu.cfs_quota_us").value_or(0));
      period = static_cast<double>(ReadNumber(directory / "cpu.cfs_period_us").value_or(0));
    } else {
      std::istringstream(ReadText(directory / "cpu.max").value_or("")) >> quota >> period;
    }
    if (quota > 0 && period > 0) cpus = std::min(cpus, quota / period);
  }
  if (cpus == 1e9) return check;
  check.finding = absl::StrFormat("%.1f CPUs", cpus);
  if (cpus < 2 || cpus < AllowedCpus(root)) {
    check.health = Health::kWorse;
    check.meaning =
        "Whoever uses up the quota stands still until the period ends: pauses of up to 100 ms that "
        "no collector made.";
    check.advice = "run the container without a CPU quota; pin it to cores instead (--cpuset-cpus)";
  }
  return check;
}

Check CheckCounters(const Surroundings& surroundings) {
  Check check{"counters", Health::kLacking, "", "", ""};
  const int error = surroundings.open_cycle_counter();
  if (error == 0) {
    check.health = Health::kOk;
    check.finding = "cycles can be counted";
    return check;
  }
  check.meaning = "No cycles and cache misses beside the times; the times are unaffected.";
  if (error == EACCES || error == EPERM) {
    check.finding = "not allowed";
    check.advice = "sudo sysctl kernel.perf_event_paranoid=1 (in a container: on its host)";
  } else {
    check.finding = error == ENOENT ? "none on this processor, as far as it is to be seen"
                                    : absl::StrCat("none: ", std::strerror(error));
    check.advice = "a machine of its own has them; valgrind --tool=callgrind counts anywhere";
  }
  return check;
}

Check CheckGo(const std::optional<GoToolchain>& go) {
  if (!go) {
    return {"Go", Health::kLacking, "not on PATH, nor in /usr/lib/go-* or /usr/local/go",
            "No comparison with Go itself; nothing else needs it.",
            "sudo apt-get install --no-install-recommends golang-go"};
  }
  std::string finding = go->program.string() + ", " + go->version;
  if (!go->IsCurrent()) finding += "; the pages speak of Go 1.24 and newer";
  return {"Go", Health::kOk, finding, "", ""};
}

Check CheckPprof(const Surroundings& surroundings, const std::optional<GoToolchain>& go) {
  Check check{"pprof", Health::kOk, "", "", ""};
  if (const auto pprof = FindProgram(surroundings.path, "pprof")) {
    check.finding = pprof->string();
  } else if (go) {
    check.finding = go->program.string() + " tool pprof";
  } else {
    check.health = Health::kLacking;
    check.finding = "neither pprof nor go tool pprof";
    check.meaning = "Heap profiles are written, but nothing here reads them.";
    check.advice = "sudo apt-get install --no-install-recommends golang-go";
  }
  return check;
}

// What was compiled here. CXXFLAGS and CMAKE_BUILD_TYPE of the environment count when build/ is made, and stay.
Check CheckBuild(const BuildFacts& build) {
  Check check{"build", Health::kOk, "", "", ""};
  check.finding = absl::StrCat(build.build_type, ", ", build.compiler, " with ", build.flags);
  if (!UnusualBuild(build).empty()) {
    check.health = Health::kWorse;
    check.finding = UnusualBuild(build);
    check.meaning = "The numbers are those of a program that nobody would ship.";
    check.advice = "unset CXXFLAGS CMAKE_BUILD_TYPE; make clean; then build again";
  }
  return check;
}

Check CheckBrowser(const Surroundings& surroundings) {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (const auto browser = FindProgram(surroundings.path, name)) {
      return {"Chromium", Health::kOk, browser->string(), "", ""};
    }
  }
  return {"Chromium", Health::kLacking, "not on PATH",
          "The test that opens the report is skipped; any browser shows the report.",
          "scripts/setup --browser"};
}

// The same choice as scripts/setup makes: the system's interpreter first.
Check CheckPython(const Surroundings& surroundings) {
  std::vector<std::string> candidates = {(surroundings.root / "usr/bin/python3").string()};
  for (const fs::path& python : FindPrograms(surroundings.path, "python3")) {
    candidates.push_back(python.string());
  }
  for (const auto& candidate : candidates) {
    if (IsProgram(candidate) && surroundings.python_has_modules(candidate)) {
      return {"Python", Health::kOk, candidate + ", with the modules that charts and report need",
              "", ""};
    }
  }
  return {"Python", Health::kLacking, "none with the modules that charts and report need",
          "Measuring works; no charts and no report.", "scripts/setup"};
}

int OpenCycleCounter() {
  perf_event_attr attributes = {};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = PERF_COUNT_HW_CPU_CYCLES;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  const long descriptor = syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
  if (descriptor < 0) return errno;
  close(static_cast<int>(descriptor));
  return 0;
}

bool PythonHasModules(const std::string& interpreter) {
  ProcessRequest request;
  request.command = {
      interpreter, "-c",
      "import importlib.util, sys\n"
      "sys.exit(not all(map(importlib.util.find_spec, ['matplotlib', 'jinja2', 'pygments', "
      "'jsonschema', 'google.protobuf'])))"};
  request.time_limit = kPythonLimit;
  return RunProcess(request).Succeeded();
}

const char* Word(Health health) {
  switch (health) {
    case Health::kOk:
      return "ok";
    case Health::kWorse:
      return "worse";
    case Health::kLacking:
      return "lacking";
    case Health::kImpossible:
      return "STOP";
  }
  return "";
}

constexpr int kColumns = 80;
constexpr int kHealthWidth = 8;
constexpr int kNameWidth = 11;
constexpr int kBetween = 1;
constexpr int kTextWidth = kColumns - kHealthWidth - kNameWidth - 2 * kBetween;

}  // namespace

Surroundings RealSurroundings() {
  Surroundings surroundings;
  surroundings.path = SearchPath();
  surroundings.build = CompiledBuild();
  surroundings.open_cycle_counter = OpenCycleCounter;
  surroundings.python_has_modules = PythonHasModules;
  return surroundings;
}

std::vector<Check> Examine(const Surroundings& surroundings) {
  const fs::path& root = surroundings.root;
  const std::optional<GoToolchain> go = FindGo(surroundings.path, root);
  return {CheckProc(root),
          CheckSystem(root),
          CheckCores(root),
          CheckLoad(root),
          CheckMemory(root),
          CheckVirtual(root),
          CheckGovernor(root),
          CheckTurbo(root),
          CheckAslr(root),
          CheckHugePages(root),
          CheckMemoryLimit(root),
          CheckCpuLimit(root),
          CheckCounters(surroundings),
          CheckBuild(surroundings.build),
          CheckGo(go),
          CheckPprof(surroundings, go),
          CheckBrowser(surroundings),
          CheckPython(surroundings)};
}

void PrintChecks(const std::vector<Check>& checks, std::ostream& out) {
  std::array<int, 4> count = {};
  TextTable table(0, kBetween,
                  {{kHealthWidth, kHealthWidth}, {kNameWidth, kNameWidth}, {0, kTextWidth}});
  for (const auto& check : checks) {
    ++count[static_cast<size_t>(check.health)];
    table.Add({Word(check.health), check.name, check.finding});
    if (!check.meaning.empty()) table.Add({"", "", check.meaning});
    if (!check.advice.empty()) table.Add({"", "", "To do: " + check.advice});
  }
  out << table.Text();
  const auto of = [&](Health health) { return count[static_cast<size_t>(health)]; };
  out << absl::StrFormat("\n%d ok, %d worse, %d lacking.\n", of(Health::kOk), of(Health::kWorse),
                         of(Health::kLacking));
  if (of(Health::kImpossible) > 0) out << "Nothing can be measured here: see STOP above.\n";
}

int RunDoctor(std::ostream& out) {
  const std::vector<Check> checks = Examine(RealSurroundings());
  PrintChecks(checks, out);
  const bool impossible = std::any_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.health == Health::kImpossible;
  });
  return impossible ? 1 : 0;
}

namespace {

Subcommand DoctorSubcommand() {
  return {{.name = "doctor",
           .what = "Tells what on this machine makes measurements worse and what it lacks, each "
                   "with what to do.",
           .example = "heapwise doctor"},
          80,
          [](const ParsedArguments&) { return RunDoctor(std::cout); }};
}
const Registered registered_doctor(DoctorSubcommand);

}  // namespace

}  // namespace heapwise::runner
