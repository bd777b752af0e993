#include "benchmarks/runner/cmd/doctor.h"

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A directory tree that stands for a machine: a quiet one of its own, on which all is well, until a
// test changes a file.
class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    Write("etc/os-release",
          "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\nID=debian\n");
    Write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-3,8\n");
    Write("proc/loadavg", "0.10 0.20 0.30 1/100 4242\n");
    Write("proc/meminfo",
          "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n"
          "SwapTotal:       2097152 kB\nSwapFree:        2097152 kB\n");
    Write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vme sse2\n");
    Write("proc/stat", "cpu  100 0 50 800 0 0 0 50 0 0\ncpu0 1 2 3\n");
    Write("proc/sys/kernel/randomize_va_space", "2\n");
    Write("proc/self/cgroup", "0::/user.slice/shell\n");
    Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    Write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    Write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    Write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
    Write("sys/fs/cgroup/user.slice/memory.max", "max\n");
    Write("sys/fs/cgroup/user.slice/shell/memory.max", "max\n");
    Write("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
    for (const char* command : {"pprof", "chromium", "python3"}) WriteCommand(command);
    WriteGo("bin/go", "go1.24.1");
    surroundings_.build = CompiledBuild();
    surroundings_.build.flags = "-O2 -g -DNDEBUG";
    surroundings_.root = root_;
    surroundings_.path = (root_ / "bin").string();
    surroundings_.open_cycle_counter = [] { return 0; };
    surroundings_.python_has_modules = [](const std::string&) { return true; };
  }

  void Write(const std::string& file, const std::string& text) { dir_.Write(file, text); }
  void WriteCommand(const std::string& name) {
    Write("bin/" + name, "");
    fs::permissions(root_ / "bin" / name, fs::perms::owner_all);
  }
  void WriteGo(const std::string& file, const std::string& version) {
    Write(file, "#!/bin/sh\necho go version " + version + " test/test\n");
    fs::permissions(root_ / file, fs::perms::owner_all);
  }
  void Remove(const std::string& file) { ASSERT_GT(fs::remove_all(root_ / file), 0u) << file; }

  Check Find(const std::string& name) {
    for (const auto& check : Examine(surroundings_)) {
      if (check.name == name) return check;
    }
    ADD_FAILURE() << "no check " << name;
    return {};
  }

  const test::TempDir dir_;
  const fs::path root_ = dir_.path();
  Surroundings surroundings_;
};

TEST_F(DoctorTest, AllIsWell) {
  for (const auto& check : Examine(surroundings_)) {
    EXPECT_EQ(check.health, Health::kOk) << check.name << ": " << check.finding;
    EXPECT_EQ(check.meaning, "") << check.name;
    EXPECT_EQ(check.advice, "") << check.name;
  }
  EXPECT_EQ(Find("cores").finding, "5 usable");
  EXPECT_EQ(Find("memory").finding, "8 GiB of 16 GiB available, no swap in use");
}

TEST_F(DoctorTest, WhateverIsWrongComesWithMeaningAndAdvice) {
  // An empty tree and empty PATH: everything that can be missing is missing.
  Remove("proc");
  Remove("sys");
  Remove("bin");
  surroundings_.open_cycle_counter = [] { return ENOENT; };
  for (const auto& check : Examine(surroundings_)) {
    EXPECT_NE(check.finding, "") << check.name;
    EXPECT_EQ(check.meaning.empty(), check.health == Health::kOk) << check.name;
    EXPECT_EQ(check.advice.empty(), check.health == Health::kOk) << check.name;
  }
  EXPECT_EQ(Find("/proc").health, Health::kImpossible);
}

TEST_F(DoctorTest, Cores) {
  Write("proc/self/status", "Cpus_allowed_list:\t3\n");
  EXPECT_EQ(Find("cores").health, Health::kWorse);
  EXPECT_EQ(Find("cores").finding, "1 usable");
}

TEST_F(DoctorTest, Load) {
  Write("proc/loadavg", "0.51 0.2 0.1 1/100 4242\n");
  EXPECT_EQ(Find("load").health, Health::kWorse);
  EXPECT_THAT(Find("load").finding, HasSubstr("0.51"));
}

TEST_F(DoctorTest, Memory) {
  Write("proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 1048575 kB\n");
  EXPECT_EQ(Find("memory").health, Health::kWorse);
  Write("proc/meminfo",
        "MemTotal: 16777216 kB\nMemAvailable: 1048576 kB\nSwapTotal: 100000 kB\nSwapFree: 34464 "
        "kB\n");
  EXPECT_EQ(Find("memory").health, Health::kOk);
  Write("proc/meminfo",
        "MemTotal: 16777216 kB\nMemAvailable: 1048576 kB\nSwapTotal: 200000 kB\nSwapFree: 0 kB\n");
  EXPECT_EQ(Find("memory").health, Health::kWorse);
  EXPECT_THAT(Find("memory").finding, HasSubstr("195 MiB swapped out"));
}

TEST_F(DoctorTest, VirtualMachine) {
  Write("proc/cpuinfo", "flags\t\t: fpu hypervisor lahf_lm\n");
  EXPECT_EQ(Find("virtual").health, Health::kWorse);
  EXPECT_THAT(Find("virtual").finding, HasSubstr("5.00 % of its time"));
  EXPECT_THAT(Find("virtual").advice, HasSubstr("quieter time"));
  Write("proc/stat", "cpu  100 0 50 850 0 0 0 0 0 0\n");
  EXPECT_THAT(Find("virtual").advice, HasSubstr("control"));
}

TEST_F(DoctorTest, Governor) {
  Write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  EXPECT_EQ(Find("governor").health, Health::kWorse);
  EXPECT_EQ(Find("governor").finding, "powersave");
  Remove("sys/devices/system/cpu/cpu0");
  EXPECT_EQ(Find("governor").health, Health::kLacking);
}

TEST_F(DoctorTest, Turbo) {
  Write("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  EXPECT_EQ(Find("turbo").health, Health::kWorse);
  EXPECT_THAT(Find("turbo").advice, HasSubstr("intel_pstate"));
  Remove("sys/devices/system/cpu/intel_pstate");
  EXPECT_EQ(Find("turbo").health, Health::kLacking);
  Write("sys/devices/system/cpu/cpufreq/boost", "1\n");
  EXPECT_EQ(Find("turbo").health, Health::kWorse);
  EXPECT_THAT(Find("turbo").advice, HasSubstr("cpufreq/boost"));
  Write("sys/devices/system/cpu/cpufreq/boost", "0\n");
  EXPECT_EQ(Find("turbo").health, Health::kOk);
}

TEST_F(DoctorTest, System) {
  EXPECT_EQ(Find("system").finding, "Debian GNU/Linux 13 (trixie)");
  Write("etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n");
  EXPECT_EQ(Find("system").health, Health::kOk);
  Write("etc/os-release",
        "PRETTY_NAME=\"Ubuntu 24.04 LTS\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n");
  EXPECT_EQ(Find("system").health, Health::kLacking);
  EXPECT_EQ(Find("system").finding, "Ubuntu 24.04 LTS");
  EXPECT_THAT(Find("system").meaning, HasSubstr("Debian 12 and 13"));
  Remove("etc/os-release");
  EXPECT_EQ(Find("system").finding, "unknown");
}

TEST_F(DoctorTest, Aslr) {
  Write("proc/sys/kernel/randomize_va_space", "0\n");
  EXPECT_EQ(Find("ASLR").health, Health::kWorse);
  EXPECT_EQ(Find("ASLR").finding, "off");
  Write("proc/sys/kernel/randomize_va_space", "1\n");
  EXPECT_EQ(Find("ASLR").health, Health::kWorse);
}

TEST_F(DoctorTest, HugePages) {
  Write("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
  EXPECT_EQ(Find("huge pages").health, Health::kWorse);
}

TEST_F(DoctorTest, MemoryLimitOfAnOuterCgroup) {
  Write("sys/fs/cgroup/user.slice/memory.max", "536870912\n");
  EXPECT_EQ(Find("mem. limit").health, Health::kWorse);
  EXPECT_EQ(Find("mem. limit").finding, "cgroup v2, limited to 512 MiB");
  Write("sys/fs/cgroup/user.slice/memory.max", "4294967296\n");
  EXPECT_EQ(Find("mem. limit").health, Health::kOk);
  EXPECT_EQ(Find("mem. limit").finding, "cgroup v2, limited to 4 GiB");
}

TEST_F(DoctorTest, MemoryLimitOfVersion1) {
  Write("proc/self/cgroup", "4:memory:/docker/1234\n3:cpu,cpuacct:/\n0::/\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Find("mem. limit").finding, "cgroup v1, no limit on this process");
  // The host's path, which a container does not have: its own cgroup is what is mounted.
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(Find("mem. limit").finding, "cgroup v1, limited to 256 MiB");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Find("CPU limit").health, Health::kOk);
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
  EXPECT_EQ(Find("CPU limit").finding, "1.5 CPUs");
  EXPECT_EQ(Find("CPU limit").health, Health::kWorse);
}

TEST_F(DoctorTest, NoMemoryController) {
  Write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids\n");
  EXPECT_EQ(Find("mem. limit").health, Health::kLacking);
}

TEST_F(DoctorTest, CpuLimit) {
  Write("sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  EXPECT_EQ(Find("CPU limit").health, Health::kWorse);
  EXPECT_EQ(Find("CPU limit").finding, "1.5 CPUs");
  Write("sys/fs/cgroup/user.slice/cpu.max", "800000 100000\n");
  EXPECT_EQ(Find("CPU limit").health, Health::kOk);
}

TEST_F(DoctorTest, Counters) {
  surroundings_.open_cycle_counter = [] { return EACCES; };
  EXPECT_EQ(Find("counters").health, Health::kLacking);
  EXPECT_THAT(Find("counters").advice, HasSubstr("perf_event_paranoid"));
  surroundings_.open_cycle_counter = [] { return ENOENT; };
  EXPECT_THAT(Find("counters").advice, HasSubstr("callgrind"));
}

TEST_F(DoctorTest, GoAndPprof) {
  Remove("bin/pprof");
  EXPECT_EQ(Find("pprof").finding, (root_ / "bin/go tool pprof").string());
  Remove("bin/go");
  EXPECT_EQ(Find("Go").health, Health::kLacking);
  EXPECT_EQ(Find("pprof").health, Health::kLacking);
  WriteGo("usr/lib/go-1.19/bin/go", "go1.19.8");
  EXPECT_EQ(Find("Go").health, Health::kOk);
  EXPECT_EQ(Find("Go").finding, (root_ / "usr/lib/go-1.19/bin/go").string() +
                                    ", go1.19.8 test/test; the pages speak of Go 1.24 and newer");
  EXPECT_EQ(Find("pprof").health, Health::kOk);
  // The one that the comparison takes too: the newest.
  WriteGo("bin/go", "go1.9");
  EXPECT_THAT(Find("Go").finding, HasSubstr("go-1.19"));
}

TEST_F(DoctorTest, ABuildThatIsNotForMeasuring) {
  surroundings_.build.build_type = "Debug";
  surroundings_.build.flags = "-g";
  EXPECT_EQ(Find("build").health, Health::kWorse);
  EXPECT_EQ(Find("build").finding, "built as Debug with `-g`, not with `-O2 -g -DNDEBUG`");
}

TEST_F(DoctorTest, Browser) {
  Remove("bin/chromium");
  EXPECT_EQ(Find("Chromium").health, Health::kLacking);
  WriteCommand("google-chrome");
  EXPECT_EQ(Find("Chromium").health, Health::kOk);
}

TEST_F(DoctorTest, PythonWithTheModules) {
  surroundings_.python_has_modules = [](const std::string&) { return false; };
  EXPECT_EQ(Find("Python").health, Health::kLacking);
  // The system's comes first, and is passed over where it has not what is needed.
  Write("usr/bin/python3", "");
  fs::permissions(root_ / "usr/bin/python3", fs::perms::owner_all);
  std::vector<std::string> asked;
  surroundings_.python_has_modules = [&](const std::string& interpreter) {
    asked.push_back(interpreter);
    return interpreter == (root_ / "bin/python3").string();
  };
  EXPECT_EQ(Find("Python").health, Health::kOk);
  EXPECT_THAT(asked, ::testing::ElementsAre((root_ / "usr/bin/python3").string(),
                                            (root_ / "bin/python3").string()));
}

TEST(PrintChecksTest, GoldenText) {
  std::ostringstream out;
  PrintChecks({{"cores", Health::kOk, "2 usable", "", ""},
               {"governor", Health::kWorse, "powersave",
                "The clock follows the load: the start of a measurement runs slower than its end.",
                "sudo cpupower frequency-set -g performance"},
               {"Go", Health::kLacking, "not on PATH", "No comparison with Go.", "install it"}},
              out);
  EXPECT_EQ(out.str(),
            "ok       cores       2 usable\n"
            "worse    governor    powersave\n"
            "                     The clock follows the load: the start of a measurement runs\n"
            "                     slower than its end.\n"
            "                     To do: sudo cpupower frequency-set -g performance\n"
            "lacking  Go          not on PATH\n"
            "                     No comparison with Go.\n"
            "                     To do: install it\n"
            "\n"
            "1 ok, 1 worse, 1 lacking.\n");
}

TEST(PrintChecksTest, SaysWhenNothingCanBeMeasured) {
  std::ostringstream out;
  PrintChecks({{"/proc", Health::kImpossible, "not mounted", "Why.", "mount it"}}, out);
  EXPECT_THAT(out.str(), HasSubstr("STOP     /proc"));
  EXPECT_THAT(out.str(), HasSubstr("Nothing can be measured here"));
}

TEST(PrintChecksTest, ThisMachineFitsIn80Columns) {
  std::ostringstream out;
  RunDoctor(out);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    // Only a command that has no space to break at may be longer.
    const std::string text = line.substr(std::min<size_t>(line.size(), 21));
    EXPECT_TRUE(line.size() <= 80 || text.find(' ') == std::string::npos) << line;
  }
}

}  // namespace
}  // namespace heapwise::runner
