// Signals, children and ends of a program that uses the heap.

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/base/bdwgc.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "testing/run.h"

namespace heapwise::runtime {
namespace {

using testing::HasSubstr;

struct Node {
  Node* next;
  int64_t value;
};

sigset_t AllSignals() {
  sigset_t all;
  sigfillset(&all);
  return all;
}

// While it lives the calling thread takes no signal.
class AllBlocked {
 public:
  AllBlocked() {
    const sigset_t all = AllSignals();
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

bool IsBlocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

// --- Signals ---

TEST(SignalsTest, TheCollectorStopsThreadsByRealTimeSignals) {
  for (const int signal : {GC_get_suspend_signal(), GC_get_thr_restart_signal()}) {
    EXPECT_GE(signal, SIGRTMIN);
    EXPECT_LE(signal, SIGRTMAX);
  }
  EXPECT_NE(GC_get_suspend_signal(), GC_get_thr_restart_signal());
}

TEST(SignalsDeathTest, PowerAndCpuTimeKeepTheirMeaning) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const int signal : {SIGPWR, SIGXCPU}) {
    EXPECT_EXIT(
        {
          GC();
          raise(signal);
        },
        testing::KilledBySignal(signal), "");
  }
  const auto use_cpu = [] {
    const rlimit second{.rlim_cur = 1, .rlim_max = 10};
    setrlimit(RLIMIT_CPU, &second);
    while (true) New<Node>();
  };
  EXPECT_EXIT(use_cpu(), testing::KilledBySignal(SIGXCPU), "");
}

// Has another thread wait while this one collects.
template <class Begin>
void CollectBeside(Begin begin) {
  std::atomic<int> step{0};
  std::thread other([&] {
    const AllBlocked blocked;  // as threads do whose program has one thread for all signals
    begin([&step] {
      Node* const node = New<Node>(nullptr, 7);
      step.store(1);
      while (step.load() == 1) usleep(1000);
      EXPECT_EQ(node->value, 7);
      EXPECT_TRUE(IsBlocked(SIGTERM)) << "only the collector's own are taken";
    });
  });
  while (step.load() == 0) usleep(1000);
  GC();
  step.store(2);
  other.join();
}

TEST(SignalsTest, AThreadMayBlockAllSignalsBeforeItsScope) {
  CollectBeside([](auto work) {
    const ThreadScope scope;
    work();
  });
}

TEST(SignalsTest, AThreadMayBlockAllSignalsBeforeItFirstAllocates) {
  CollectBeside([](auto work) {
    const ThreadScope scope;
    const AllBlocked blocked;
    work();
  });
}

TEST(SignalsTest, AnotherScopeOpensThemAgain) {
  CollectBeside([](auto work) {
    const ThreadScope scope;
    New<Node>();
    const AllBlocked blocked;
    const ThreadScope once_more;
    work();
  });
}

// bdwgc tries for a quarter of a minute before it says so.
TEST(SignalsDeathTest, WhoDoesNotTakeThemIsTold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT((*GC_get_abort_func())("Signals delivery fails constantly"),
              testing::ExitedWithCode(2),
              "fatal error: a thread .* blocks signal .*ThreadScope scope;");
}

// --- Children ---

// Forks as libuv does, while another thread collects without a pause.
TEST(ProcessTest, AForkMayBeMadeWithAllSignalsBlocked) {
  std::atomic<bool> done{false};
  std::thread collector([&done] {
    const ThreadScope scope;
    while (!done.load()) {
      for (int i = 0; i < 1000; ++i) New<Node>();
      GC();
    }
  });
  for (int i = 0; i < 300; ++i) {
    pid_t child;
    {
      const AllBlocked blocked;
      child = fork();
      if (child == 0) {
        alarm(60);
        _exit(IsBlocked(GC_get_suspend_signal()) && IsBlocked(SIGTERM) ? 0 : 1);
      }
      EXPECT_TRUE(IsBlocked(GC_get_suspend_signal()) && IsBlocked(SIGTERM));
    }
    EXPECT_FALSE(IsBlocked(GC_get_suspend_signal()));
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ASSERT_EQ(status, 0) << "fork " << i;
  }
  done.store(true);
  collector.join();
}

TEST(ProcessTest, ProgramsCanBeStartedWhileTheHeapIsCollected) {
  std::atomic<bool> done{false};
  std::thread collector([&done] {
    const ThreadScope scope;
    while (!done.load()) GC();
  });
  char name[] = "true";
  char* const argv[] = {name, nullptr};
  for (int i = 0; i < 100; ++i) {
    pid_t child;
    ASSERT_EQ(posix_spawnp(&child, "true", nullptr, nullptr, argv, environ), 0);
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ASSERT_EQ(status, 0);
    ASSERT_EQ(std::system("true"), 0);
  }
  done.store(true);
  collector.join();
}

// --- Ends ---

test::Ran End(const std::string& way) {
  return test::Execute({test::BuildDirectory() / "test" / "ending", way});
}

TEST(EndTest, TheMainThreadMayLeaveAndTheProgramEndsWithTheLastOne) {
  const test::Ran ran = End("main-leaves");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.output, "results so far: 42\nthe thread has ended\nstatic objects are destroyed\n");
}

TEST(EndTest, AFatalErrorKeepsWhatStandardOutputHasBuffered) {
  for (const char* way : {"out-of-memory", "no-scope", "not-in-heap"}) {
    const test::Ran ran = End(way);
    EXPECT_EQ(ran.status, 2) << way;
    EXPECT_THAT(ran.output, HasSubstr("results so far: 42\n")) << way;
  }
  EXPECT_THAT(End("finalizer-throws").output, HasSubstr("results so far: 42\n"));
  EXPECT_THAT(End("out-of-memory").output, HasSubstr("fatal error: out of memory"));
}

TEST(EndTest, AFatalErrorDoesNotWaitForWhoHoldsStandardOutput) {
  const test::Ran ran = End("stdout-held");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("not in heap"));
}

}  // namespace
}  // namespace heapwise::runtime
