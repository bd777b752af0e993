#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lessons/12-container-headroom/cgroup.h"
#include "lessons/12-container-headroom/lesson.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

namespace fs = std::filesystem;
using heapwise::test::ReadFile;
using heapwise::test::TempDir;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The cgroups of Heapwise that there are on this machine now, by their paths; those of other users of the tests too.
std::set<std::string> Groups() {
  std::set<std::string> groups;
  for (const cgroup::Place& place :
       cgroup::FindPlaces(ReadText("/proc/self/mountinfo"), ReadText("/proc/self/cgroup"))) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(place.directory, error)) {
      if (entry.path().filename().string().starts_with("heapwise-")) groups.insert(entry.path());
    }
  }
  return groups;
}

// Those of the process `pid`.
std::set<std::string> GroupsOf(pid_t pid) {
  std::set<std::string> its;
  for (const std::string& group : Groups()) {
    if (group.find("/heapwise-" + std::to_string(pid) + "-") != std::string::npos)
      its.insert(group);
  }
  return its;
}

// Whether `holds` becomes true; the time-out is for broken code only.
template <class Condition>
bool Eventually(const Condition& holds) {
  for (int i = 0; i < 30'000; ++i) {
    if (holds()) return true;
    usleep(1000);
  }
  return false;
}

std::vector<ContainerKind> KindsHere() {
  std::vector<ContainerKind> kinds = {ContainerKind::kDataLimit};
  if (PermittedKind() != ContainerKind::kDataLimit) kinds.push_back(PermittedKind());
  return kinds;
}

// --- The pair.

TEST(Headroom, SlowLeavesNoneAndFastATenth) {
  EXPECT_EQ(slow::Deploy().container, kContainerBytes);
  EXPECT_EQ(slow::Deploy().gomemlimit, kContainerBytes);
  EXPECT_EQ(fast::Deploy().container, kContainerBytes);
  EXPECT_EQ(fast::Deploy().gomemlimit, 22'649'238);  // 21.6 MiB
}

TEST(Headroom, FastSurvivesTheMostConnectionsAndSlowDiesOfTheFewest) {
  for (const ContainerKind kind : KindsHere()) {
    const Outcome fast = RunService(kind, fast::Deploy(), kMostConnections);
    EXPECT_EQ(fast.ended.status, 0) << DescribeKind(kind);
    EXPECT_EQ(fast.connections, kMostConnections);
    EXPECT_LE(fast.heap_peak, fast::Deploy().gomemlimit) << "the collector keeps its limit";
    EXPECT_LE(fast.peak, kContainerBytes);
    const Outcome slow = RunService(kind, slow::Deploy(), kFewestConnections);
    EXPECT_TRUE(slow.ended.out_of_memory) << DescribeKind(kind);
    EXPECT_FALSE(slow.ended.survived());
    EXPECT_LE(slow.heap_peak, slow::Deploy().gomemlimit) << "the collector keeps its limit";
  }
}

TEST(Headroom, MoreConnectionsOrNoLimitKill) {
  for (const ContainerKind kind : KindsHere()) {
    const Outcome busy = RunService(kind, fast::Deploy(), kFewestConnections + kMostConnections);
    EXPECT_TRUE(busy.ended.out_of_memory) << DescribeKind(kind);
    const Outcome none = RunService(kind, {kContainerBytes, kNoLimit}, kFewestConnections);
    EXPECT_TRUE(none.ended.out_of_memory) << DescribeKind(kind);
  }
}

TEST(Headroom, TheConnectionsOfARunFollowFromItsSeed) {
  std::set<int> seen;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    EXPECT_EQ(ConnectionsOf(seed), ConnectionsOf(seed));
    seen.insert(ConnectionsOf(seed));
  }
  EXPECT_EQ(*seen.begin(), kFewestConnections);
  EXPECT_EQ(*seen.rbegin(), kMostConnections);
  EXPECT_EQ(seen.size(), static_cast<size_t>(kMostConnections - kFewestConnections + 1));
}

// --- A container.

TEST(Container, TheExitStatusIsTheChildsAndTheKernels) {
  for (const ContainerKind kind : KindsHere()) {
    EXPECT_EQ(RunInContainer(kind, 16 * kMiB, [] {}).status, 0);
    const Ended failed = RunInContainer(kind, 16 * kMiB, [] { _exit(7); });
    EXPECT_EQ(failed.status, 7);
    EXPECT_FALSE(failed.out_of_memory);
    // A SIGKILL that is none for memory.
    const Ended killed = RunInContainer(kind, 16 * kMiB, [] { raise(SIGKILL); });
    EXPECT_EQ(killed.status, 137);
    EXPECT_FALSE(killed.out_of_memory);
  }
}

TEST(Container, TooMuchMemoryEndsTheChildAndDoesNotHangIt) {
  for (const ContainerKind kind : KindsHere()) {
    const Ended ended = RunInContainer(kind, 16 * kMiB, [] {
      for (;;) {
        volatile char* const block = new char[kMiB];
        for (int64_t i = 0; i < kMiB; i += 4096) block[i] = 'x';
      }
    });
    EXPECT_TRUE(ended.out_of_memory) << DescribeKind(kind);
    EXPECT_EQ(ended.status, kind == ContainerKind::kDataLimit ? 2 : 137);
    if (ended.peak) {
      EXPECT_LE(*ended.peak, 16 * kMiB);
      EXPECT_GE(*ended.peak, 15 * kMiB);
    }
  }
}

TEST(Container, NothingIsLeftAfterSuccessAndFailure) {
  RunInContainer(PermittedKind(), 16 * kMiB, [] {});
  RunInContainer(PermittedKind(), 16 * kMiB, [] { _exit(7); });
  EXPECT_THAT(GroupsOf(getpid()), IsEmpty());
}

// Starts a process that holds a child in a container, ends it by `signal`, and waits until all of it is gone.
void EndByASignal(int signal) {
  const TempDir dir;
  const fs::path pid_file = dir.path() / "child";
  const pid_t runner = fork();
  if (runner == 0) {
    RunInContainer(PermittedKind(), 16 * kMiB, [&] {
      std::ofstream(dir.path() / "part") << getpid() << "\n";
      fs::rename(dir.path() / "part", pid_file);
      for (;;) pause();
    });
    _exit(0);
  }
  ASSERT_TRUE(Eventually([&] { return fs::exists(pid_file); })) << "the child never ran";
  const pid_t child = std::stoi(ReadFile(pid_file));
  EXPECT_EQ(GroupsOf(runner).empty(), PermittedKind() == ContainerKind::kDataLimit);
  kill(runner, signal);
  int status = 0;
  waitpid(runner, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  const auto is_gone = [](pid_t pid) {
    const std::string stat = ReadText("/proc/" + std::to_string(pid) + "/stat");
    return stat.empty() || stat.find(") Z") != std::string::npos;
  };
  EXPECT_TRUE(Eventually([&] { return is_gone(child); })) << "the child lives on";
  EXPECT_TRUE(Eventually([&] { return GroupsOf(runner).empty(); })) << "the cgroup is still there";
}

TEST(Container, NothingIsLeftAfterCtrlC) { EndByASignal(SIGINT); }
TEST(Container, NothingIsLeftAfterAKill) { EndByASignal(SIGKILL); }

TEST(Container, WhatAKillOfEverythingLeftIsRemovedAtTheNextStart) {
  if (PermittedKind() == ContainerKind::kDataLimit) GTEST_SKIP() << "no cgroup is permitted here";
  fs::path parent;
  for (const cgroup::Place& place :
       cgroup::FindPlaces(ReadText("/proc/self/mountinfo"), ReadText("/proc/self/cgroup"))) {
    const auto group = cgroup::Group::Make(place, cgroup::Name(900), 16 * kMiB);
    if (!group) continue;
    parent = place.directory;
    // As of a process that is gone: our own PID, but another start.
    const fs::path gone = parent / ("heapwise-" + std::to_string(getpid()) + "-1-1");
    ASSERT_EQ(mkdir(gone.c_str(), 0755), 0);
    cgroup::RemoveLeftovers(place);
    EXPECT_FALSE(fs::exists(gone));
    EXPECT_TRUE(fs::exists(group->directory())) << "its maker is alive";
    EXPECT_TRUE(group->Remove());
    break;
  }
  EXPECT_FALSE(parent.empty());
}

TEST(Container, TheLessonsOwnProgramLeavesNothingEither) {
  const heapwise::test::Ran ran = heapwise::test::Execute(
      {(heapwise::test::BuildDirectory() / "bin/12-container-headroom").string(),
       "--benchmark_filter=^(slow|fast)/", "--benchmark_format=json"});
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, AnyOf(HasSubstr("\"container\": \"cgroup v"),
                                HasSubstr("\"container\": \"RLIMIT_DATA\"")));
}

// --- The files of a cgroup, on a directory tree that is made up: which kinds a machine has differs.

TEST(Cgroup, OfVersion2IsMadeBelowOrBesideOnesOwn) {
  // A path without a blank: mountinfo writes those otherwise.
  const std::string mount =
      (fs::temp_directory_path() / ("heapwise-made-up-" + std::to_string(getpid()))).string();
  fs::create_directories(mount + "/user.slice/session.scope");
  const auto places =
      cgroup::FindPlaces("30 23 0:26 / " + mount + " rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
                         "0::/user.slice/session.scope\n");
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].version, cgroup::Version::k2);
  EXPECT_EQ(places[0].directory, mount + "/user.slice/session.scope");
  EXPECT_EQ(places[1].directory, mount + "/user.slice");
  fs::remove_all(mount);
}

TEST(Cgroup, Version2ComesBeforeVersion1AndOthersControllersDoNotCount) {
  const auto places = cgroup::FindPlaces(
      "31 23 0:27 / /nowhere/memory rw - cgroup cgroup rw,memory\n"
      "32 23 0:28 / /nowhere/cpu rw - cgroup cgroup rw,cpu\n"
      "33 23 0:29 / /nowhere/unified rw - cgroup2 cgroup2 rw\n"
      "34 23 0:30 / /proc rw - proc proc rw\n"
      "malformed\n",
      "5:cpu:/\n4:memory:/\n0::/\nmalformed\n");
  ASSERT_EQ(places.size(), 2u);
  EXPECT_EQ(places[0].directory, "/nowhere/unified");
  EXPECT_EQ(places[1].version, cgroup::Version::k1);
  EXPECT_EQ(places[1].directory, "/nowhere/memory");
  EXPECT_TRUE(cgroup::FindPlaces("", "").empty());
}

TEST(Cgroup, InAContainerTheMountIsOnesOwnGroup) {
  // The mount shows the hierarchy from the container's own group on, and /proc names it from outside.
  const auto places =
      cgroup::FindPlaces("31 23 0:27 /docker/ab12 /nowhere/memory ro - cgroup cgroup rw,memory\n",
                         "4:memory:/docker/ab12\n");
  ASSERT_EQ(places.size(), 1u);
  EXPECT_EQ(places[0].directory, "/nowhere/memory");
}

TEST(Cgroup, Version2FilesAreWrittenAndRead) {
  const TempDir dir;
  for (const char* file : {"memory.max", "memory.swap.max", "cgroup.procs"}) dir.Write(file, "");
  dir.Write("memory.peak", "12345678\n");
  dir.Write("memory.events", "low 0\nhigh 0\nmax 41\noom 2\noom_kill 1\noom_group_kill 0\n");
  cgroup::Group group(cgroup::Version::k2, dir.path());
  EXPECT_TRUE(group.Limit(64 * kMiB));
  EXPECT_EQ(ReadFile(dir.path() / "memory.max"), "67108864");
  EXPECT_EQ(ReadFile(dir.path() / "memory.swap.max"), "0");
  EXPECT_TRUE(group.SwapClosed());
  EXPECT_TRUE(group.Enter());
  EXPECT_EQ(ReadFile(dir.path() / "cgroup.procs"), "0");
  EXPECT_EQ(group.PeakBytes(), 12345678);
  EXPECT_EQ(group.OomKills(), 1);
}

TEST(Cgroup, AnOlderKernelHasFewerFiles) {
  const TempDir dir;
  dir.Write("memory.max", "");
  cgroup::Group group(cgroup::Version::k2, dir.path());
  EXPECT_TRUE(group.Limit(kMiB));  // without memory.swap.max: swap is not counted
  EXPECT_EQ(group.PeakBytes(), std::nullopt);
  EXPECT_EQ(group.OomKills(), 0);
  EXPECT_FALSE(group.Enter());
  EXPECT_FALSE(fs::exists(dir.path() / "memory.swap.max")) << "the kernel's files are never made";
}

TEST(Cgroup, Version1FilesAreWrittenAndRead) {
  const TempDir dir;
  for (const char* file :
       {"memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "cgroup.procs"}) {
    dir.Write(file, "");
  }
  dir.Write("memory.max_usage_in_bytes", "777\n");
  dir.Write("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  cgroup::Group group(cgroup::Version::k1, dir.path());
  EXPECT_TRUE(group.Limit(64 * kMiB));
  EXPECT_EQ(ReadFile(dir.path() / "memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(ReadFile(dir.path() / "memory.memsw.limit_in_bytes"), "67108864");
  EXPECT_EQ(group.PeakBytes(), 777);
  EXPECT_EQ(group.OomKills(), 3);
}

TEST(Cgroup, WithoutTheMemoryControllerNoneIsMadeAndNothingIsLeft) {
  const TempDir dir;
  dir.Write("cgroup.subtree_control", "cpu pids\n");
  EXPECT_FALSE(cgroup::Group::Make({cgroup::Version::k2, dir.path()}, "heapwise-x", kMiB));
  EXPECT_FALSE(fs::exists(dir.path() / "heapwise-x"));
  // With it, but on a file system that is none of cgroups, the limit has no file.
  dir.Write("cgroup.subtree_control", "cpu memory pids\n");
  EXPECT_FALSE(cgroup::Group::Make({cgroup::Version::k2, dir.path()}, "heapwise-x", kMiB));
  EXPECT_FALSE(fs::exists(dir.path() / "heapwise-x"));
  EXPECT_FALSE(cgroup::Group::Make({cgroup::Version::k1, dir.path() / "none"}, "heapwise-x", kMiB));
}

// --- The exercise.

std::string LimitFor(int64_t container, const std::vector<int64_t>& outside) {
  return exercise::MemoryLimitFor(container, outside);
}

TEST(Exercise, LeavesTheGreatestMeasurementAndAQuarterMore) {
  EXPECT_EQ(LimitFor(512 * kMiB, {40 * kMiB}), "462MiB");
  EXPECT_EQ(LimitFor(512 * kMiB, {20 * kMiB, 80 * kMiB, 40 * kMiB}), "412MiB")
      << "the greatest of the runs decides, wherever it stands; an average run survives, and the "
         "next one dies";
  EXPECT_EQ(LimitFor(64 * kMiB, {0, 0, 0}), "64MiB") << "nothing outside needs no headroom";
  EXPECT_EQ(LimitFor(1024 * kMiB, {100 * kMiB, 60 * kMiB}), "899MiB");
}

TEST(Exercise, RoundsDownAndNeverUp) {
  EXPECT_EQ(LimitFor(100 * kMiB, {1}), "99MiB")
      << "a byte outside costs a MiB of limit, not of headroom";
  EXPECT_EQ(LimitFor(100 * kMiB, {8 * kMiB - 4}), "90MiB");
  EXPECT_EQ(LimitFor(100 * kMiB + 5, {8 * kMiB}), "90MiB");
  EXPECT_EQ(LimitFor(100 * kMiB, {8 * kMiB + 4}), "89MiB");
}

TEST(Exercise, RefusesWhereNothingIsKnownOrTooLittleLeft) {
  EXPECT_EQ(LimitFor(512 * kMiB, {}), "") << "nothing measured: no guess";
  EXPECT_EQ(LimitFor(100 * kMiB, {40 * kMiB}), "50MiB") << "half of the container is enough";
  EXPECT_EQ(LimitFor(100 * kMiB, {40 * kMiB + 4}), "") << "less than half is not";
  EXPECT_EQ(LimitFor(100 * kMiB, {600 * kMiB}), "") << "more outside than the container holds";
  EXPECT_EQ(LimitFor(100 * kMiB, {kNoLimit}), "") << "the greatest number there is: mind overflow";
}

TEST(Exercise, TheServiceSurvivesUnderTheLimitAndUsesTheRest) {
  // Measure as the page tells: under a limit that surely holds, with several numbers of connections.
  std::vector<int64_t> outside;
  for (const int connections : {kFewestConnections, kMostConnections + 6, 30}) {
    const Outcome outcome =
        RunService(PermittedKind(), {kContainerBytes, kContainerBytes / 4 * 3}, connections);
    ASSERT_TRUE(outcome.ended.survived());
    outside.push_back(outcome.peak - outcome.heap_peak);
  }
  const std::string limit = LimitFor(kContainerBytes, outside);
  ASSERT_TRUE(limit.ends_with("MiB")) << '"' << limit << "\" is no GOMEMLIMIT in MiB";
  const int64_t bytes = std::atoll(limit.c_str()) * kMiB;
  EXPECT_TRUE(
      RunService(PermittedKind(), {kContainerBytes, bytes}, kMostConnections + 6).ended.survived())
      << "with " << limit << " the busiest of the measured runs ran out of memory";
  EXPECT_GT(bytes, kContainerBytes / 100 * 75) << "with " << limit << " too much lies idle";
}

}  // namespace
