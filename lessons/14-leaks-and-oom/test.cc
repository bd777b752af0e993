#include <malloc.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "lessons/14-leaks-and-oom/lesson.h"
#include "lessons/14-leaks-and-oom/mortal.h"
#include "lessons/14-leaks-and-oom/retained.h"
#include "testing/eventually.h"
#include "testing/go.h"
#include "testing/page.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

namespace fs = std::filesystem;

using heapwise::test::BuildDirectory;
using heapwise::test::Ran;
using heapwise::test::ReadFile;
using heapwise::test::Shell;
using heapwise::test::Shown;
using heapwise::test::SourceRoot;
using heapwise::test::TempDir;

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kPageBytes = sizeof(Page);
// What a pointer that lies about on a stack may hold, and the tables of a cache.
constexpr int64_t kSlack = 96 << 10;

// On a thread that ends, so that no old word of its stack holds anything when the caller collects.
template <class Work>
void OnAThreadThatEnds(Work work) {
  std::thread([&work] {
    const heapwise::runtime::ThreadScope scope;
    work();
  }).join();
}

// What so many requests left alive.
int64_t LeftBy(FindPage find, int64_t requests, uint64_t seed = 1) {
  const int64_t before = LiveBytes();
  OnAThreadThatEnds([=] {
    Requests asked(seed);
    for (int64_t i = 0; i < requests; ++i) Answer(find, asked.NextKey());
  });
  return LiveBytes() - before;
}

// --- The requests and their answers ---

TEST(Service, HalfOfTheRequestsAreForPagesThatNobodyAskedForBefore) {
  Requests requests;
  std::map<int64_t, int> asked;
  for (int64_t i = 0; i < kRequests; ++i) ++asked[requests.NextKey()];
  int64_t once = 0;
  for (const auto& [key, times] : asked) {
    if (key >= Requests::kPopular) {
      ASSERT_EQ(times, 1) << key;
      ++once;
    }
  }
  EXPECT_NEAR(static_cast<double>(once), kRequests / 2, 500);
  EXPECT_NEAR(asked[0] / static_cast<double>(asked[1]), 2, 0.3);
}

TEST(Service, AllCachesAnswerAlike) {
  Requests requests(2);
  std::set<int64_t> answers;
  for (int i = 0; i < 5000; ++i) {
    const int64_t key = requests.NextKey();
    const int64_t answer = Answer(none::Find, key);
    for (const FindPage find : {slow::Find, fast::Find, weak::Find})
      ASSERT_EQ(Answer(find, key), answer) << key;
    answers.insert(answer);
  }
  EXPECT_GT(answers.size(), 2500u) << "each page has a checksum of its own";
}

// --- What stays alive ---

TEST(LiveHeap, OfTheLeakHoldsEveryPageThatWasRendered) {
  const int64_t rendered = Rendered();
  const int64_t live = LeftBy(slow::Find, 8000, 3);
  EXPECT_GT(Rendered() - rendered, 3500);
  EXPECT_GE(live, (Rendered() - rendered) * kPageBytes);
}

TEST(LiveHeap, OfTheBoundedCacheIsFlat) {
  LeftBy(fast::Find, 4000);
  EXPECT_LE(LeftBy(fast::Find, 4000), kSlack);
  EXPECT_LE(LeftBy(fast::Find, 16'000), kSlack);
}

TEST(LiveHeap, OfNoCacheIsEmptyAndEachRequestRenders) {
  const int64_t rendered = Rendered();
  EXPECT_LE(LeftBy(none::Find, 4000), kSlack);
  EXPECT_EQ(Rendered() - rendered, 4000);
}

// An entry goes after its page, when the page's cleanup has run.
TEST(LiveHeap, OfWeakPointersIsEmptyAndSoIsTheirTable) {
  const int64_t rendered = Rendered();
  const int64_t before = LiveBytes();
  LeftBy(weak::Find, 4000);
  EXPECT_LT(Rendered() - rendered, 4000) << "some pages are found again";
  EXPECT_LE(LiveBytes() - before, kSlack);
  EXPECT_TRUE(heapwise::test::Eventually([] { return weak::Entries() <= 32; }));
}

TEST(Bounded, ForgetsThePageThatWasNotAskedForForLongest) {
  std::deque<int64_t> kept;  // a model; the last one asked for is in front
  for (int64_t key = 0; key < static_cast<int64_t>(kMostPages); ++key) {
    fast::Find(1'000'000 + key);
    kept.push_front(1'000'000 + key);
  }
  Requests requests(4);
  for (int i = 0; i < 10'000; ++i) {
    const int64_t key = requests.NextKey();
    const auto known = std::ranges::find(kept, key);
    const int64_t rendered = Rendered();
    ASSERT_EQ(fast::Find(key)->key, key);
    ASSERT_EQ(Rendered() - rendered, known == kept.end() ? 1 : 0)
        << "request " << i << ", page " << key;
    if (known == kept.end()) {
      kept.pop_back();
    } else {
      kept.erase(known);
    }
    kept.push_front(key);
  }
}

int64_t KeptBy(void (*retain)()) {
  const int64_t before = LiveBytes();
  retain();
  return LiveBytes() - before;
}

TEST(Retained, ByAStaleSlotUntilItIsCleared) {
  EXPECT_GE(KeptBy(PopReport), kReportBytes);
  // The same slot is written again, and cleared.
  EXPECT_LE(KeptBy(PopReportAndClear), -kReportBytes + kSlack);
  EXPECT_LE(KeptBy(PopReportAndClear), kSlack);
}

TEST(Retained, ByANumberInMemoryThatIsScanned) {
  EXPECT_LE(KeptBy(LogInPointerFreeMemory), kSlack);
  EXPECT_GE(KeptBy(LogInScannedMemory), kReportBytes);
  EXPECT_NE(pointer_free_log[0].id, 0u);
  EXPECT_NE(scanned_log[0].id, 0u);
  EXPECT_LE(KeptBy([] { scanned_log[0].id = 0; }), -kReportBytes + kSlack);
}

// --- The end ---

// Every child was waited for.
void ExpectNoChildIsLeft() {
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Mortal, TheLeakEndsOutOfMemoryAndLaterWithMore) {
  int64_t last = 0;
  for (const int64_t mib : {6, 8, 12}) {
    const Life life = ServeWithin(mib * kMiB, false, 1'000'000, slow::Find);
    EXPECT_EQ(life.status, 2);
    EXPECT_THAT(life.last_words, testing::HasSubstr("fatal error: out of memory"));
    EXPECT_GT(life.requests, last) << mib;
    last = life.requests;
  }
  ExpectNoChildIsLeft();
}

TEST(Mortal, AMemoryLimitDelaysItAndCollectsAgainAndAgain) {
  const Life free = ServeWithin(6 * kMiB, false, 1'000'000, slow::Find);
  const Life limited = ServeWithin(6 * kMiB, true, 1'000'000, slow::Find);
  EXPECT_EQ(limited.status, 2);
  EXPECT_THAT(limited.last_words, testing::HasSubstr("fatal error: out of memory"));
  EXPECT_GT(limited.requests, free.requests);
  EXPECT_GE(limited.collections, 10 * free.collections);
  ExpectNoChildIsLeft();
}

TEST(Mortal, TheBoundedCacheLives) {
  const Life life = ServeWithin(8 * kMiB, false, 24'000, fast::Find);
  EXPECT_EQ(life.status, 0) << life.last_words;
  EXPECT_EQ(life.requests, 24'000);
  EXPECT_EQ(life.last_words, "");
  ExpectNoChildIsLeft();
}

// The page's line that begins with these words; empty where there is none.
std::string LineOfThePage(const std::string& beginning) {
  std::istringstream page(ReadFile(SourceRoot() / "lessons/14-leaks-and-oom/README.md"));
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(beginning)) return line;
  }
  return "";
}

std::vector<std::string> Words(const std::string& text) {
  return absl::StrSplit(text, absl::ByAnyChar(" ()\n"), absl::SkipEmpty());
}

double Number(const std::string& word) {
  double number = std::nan("");
  return absl::SimpleAtod(word, &number) ? number : std::nan("");
}

// The same words, and numbers near those of the page: this machine has the same ones each time, another one's libraries
// may hold a little more or less.
TEST(Mortal, ThePageShowsItsLastWords) {
  std::vector<testing::Matcher<std::string>> shown;
  for (const std::string& word : Words(LineOfThePage("    fatal error: "))) {
    const double number = Number(word);
    if (std::isnan(number)) {
      shown.emplace_back(word);
    } else {
      shown.emplace_back(testing::ResultOf(Number, testing::DoubleNear(number, 0.1 * number)));
    }
  }
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process without what other tests left
  const auto live_and_die = [] {
    std::fputs(ServeWithin(6 * kMiB, false, 1'000'000, slow::Find).last_words.c_str(), stderr);
    std::_Exit(0);
  };
  EXPECT_EXIT(live_and_die(), testing::ExitedWithCode(0),
              testing::ResultOf(Words, testing::ElementsAreArray(shown)));
}

// --- What the page shows ---

// A directory in which the page's commands work, and the service that the first of them starts.
class Page : public testing::Test {
 protected:
  void SetUp() override {
    if (Run("go tool -n pprof").status != 0) GTEST_SKIP() << "there is no `go tool pprof`";
    if (Run("curl --version").status != 0) GTEST_SKIP() << "there is no curl";
    for (const char* program : {"bin/service", "bin/load"}) {
      ASSERT_TRUE(fs::exists(BuildDirectory() / program))
          << "build it first: scripts/build service load";
    }
    fs::create_directory_symlink(BuildDirectory(), folder_.path() / "build");
  }

  void TearDown() override {
    if (!service_.empty()) Shell("kill " + service_);
  }

  // The command as the page shows it, at the port of this test's own service.
  Ran Run(std::string command) {
    const heapwise::test::RunOptions there{
        .directory = folder_.path(),
        .environment = {
            {"PATH", heapwise::test::PathWithGo()}, {"PPROF_TMPDIR", "."}, {"HOME", "."}}};
    if (!command.ends_with(" &")) {
      return Shell(absl::StrReplaceAll(command, {{"8080", port_}}), there);
    }
    absl::StrReplaceAll({{"8080", "0"}}, &command);
    command.resize(command.size() - 2);
    const Ran started = Shell("{ exec " + command + " > said 2>&1 & echo $!; }", there);
    service_ = started.output;
    const Ran said =
        Shell("for i in $(seq 200); do [ -s said ] && break; sleep 0.05; done; cat said", there);
    const size_t colon = said.output.rfind(':');
    if (colon != std::string::npos)
      port_ = std::to_string(std::atoi(said.output.c_str() + colon + 1));
    return {started.status, ""};
  }

 private:
  const TempDir folder_;
  std::string service_;  // its process
  std::string port_ = "0";
};

TEST_F(Page, TwoProfilesNameTheLineThatLeaks) {
  const std::vector<Shown> commands =
      heapwise::test::ShownCommands(SourceRoot() / "lessons/14-leaks-and-oom/README.md");
  ASSERT_EQ(commands.size(), 5u);
  for (const Shown& shown : commands) {
    SCOPED_TRACE(shown.command);
    const Ran ran = Run(shown.command);
    ASSERT_EQ(ran.status, 0) << ran.output;
    for (const char* part : {"RenderPage", "MakeSlice<char>(kPageBytes)"}) {
      const bool shows = std::ranges::any_of(shown.output, [part](const std::string& line) {
        return line.find(part) != std::string::npos;
      });
      if (shows) {
        EXPECT_THAT(ran.output, testing::HasSubstr(part));
      }
    }
    if (shown.output.empty()) continue;
    EXPECT_EQ(std::ranges::count(ran.output, '\n'), static_cast<int64_t>(shown.output.size()))
        << ran.output;
  }
}

// --- The exercise ---

// What the sessions should do, as plainly as it can be said.
class ModelShop {
 public:
  explicit ModelShop(int64_t next_token) : next_token_(next_token) {}

  int64_t Visit(int64_t user) {
    auto place = std::ranges::find(open_, user, &Session::user);
    Session session{user, 0, 0};
    if (place != open_.end()) {
      session = *place;
      open_.erase(place);
    } else {
      session.token = next_token_++;
      if (static_cast<int64_t>(open_.size()) == exercise::kMostSessions) open_.pop_front();
    }
    ++session.requests;
    open_.push_back(session);
    return session.token;
  }

  int64_t Requests(int64_t token) const {
    const auto place = std::ranges::find(open_, token, &Session::token);
    return place == open_.end() ? 0 : place->requests;
  }

  void Leave(int64_t user) {
    std::erase_if(open_, [user](const Session& session) { return session.user == user; });
  }

 private:
  struct Session {
    int64_t user;
    int64_t token;
    int64_t requests;
  };
  std::deque<Session> open_;  // the one that was used last is at the end
  int64_t next_token_;
};

constexpr int64_t kMostUsers = 500;  // of the tests

// Everybody leaves. Returns the token that the next session will have.
int64_t EmptyShop() {
  for (int64_t user = 0; user <= kMostUsers; ++user) exercise::Leave(user);
  const int64_t token = exercise::Visit(kMostUsers);
  exercise::Leave(kMostUsers);
  return token + 1;
}

// A shop that crashes says so, and the other tests are left out.
class Exercise : public testing::Test {
 protected:
  void SetUp() override {
    if (crashes_) GTEST_SKIP() << "not run: see DoesNotCrash";
  }

  static bool crashes_;
};
bool Exercise::crashes_ = false;

TEST_F(Exercise, DoesNotCrash) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own
  const auto come_and_go = [] {
    std::mt19937_64 random(6);
    for (int step = 0; step < 5000; ++step) {
      const int64_t token = exercise::Visit(static_cast<int64_t>(random() % 200));
      exercise::Requests(token - static_cast<int64_t>(random() % 100));
      if (step % 4 == 0) exercise::Leave(static_cast<int64_t>(random() % 200));
    }
    for (int64_t user = 0; user < 200; ++user) exercise::Leave(user);
    std::_Exit(0);
  };
  EXPECT_EXIT(come_and_go(), testing::ExitedWithCode(0), "")
      << "The shop crashes while sessions begin and end. Is a null, or a session that is not "
         "there, among the slots "
      << "that count?";
  crashes_ = HasFailure();
}

// On the collected heap and in malloc's memory together.
int64_t HeldBytes() { return LiveBytes() + static_cast<int64_t>(mallinfo2().uordblks); }

TEST_F(Exercise, ASessionGoesOnUntilItsUserLeaves) {
  const int64_t first = EmptyShop();
  EXPECT_EQ(exercise::Visit(7), first);
  EXPECT_EQ(exercise::Visit(8), first + 1);
  EXPECT_EQ(exercise::Visit(7), first) << "user 7 has a session: it should go on";
  EXPECT_EQ(exercise::Requests(first), 2);
  EXPECT_EQ(exercise::Requests(first + 1), 1);
  exercise::Leave(7);
  exercise::Leave(7);
  EXPECT_EQ(exercise::Requests(first), 0) << "user 7 has left";
  EXPECT_EQ(exercise::Requests(first + 1), 1) << "user 8 has not left";
  EXPECT_EQ(exercise::Visit(7), first + 2) << "user 7 has come back: a new session";
  for (const int64_t never : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(exercise::Requests(never), 0);
  }
}

TEST_F(Exercise, TheSessionThatIsUnusedForLongestEnds) {
  const int64_t first = EmptyShop();
  for (int64_t user = 0; user < exercise::kMostSessions; ++user) exercise::Visit(user);
  EXPECT_EQ(exercise::Visit(0), first)
      << exercise::kMostSessions << " sessions fit: none has ended yet";
  exercise::Visit(100);
  EXPECT_EQ(exercise::Requests(first), 2) << "it was just used: another one is unused for longer";
  EXPECT_EQ(exercise::Requests(first + 1), 0) << "one too many: this one is unused for longest";
  EXPECT_EQ(exercise::Requests(first + 2), 1) << "only one has to end";
}

TEST_F(Exercise, AnswersAsBeforeWhateverIsAsked) {
  for (const uint64_t seed : {1, 2, 3, 4}) {
    std::mt19937_64 random(seed);
    ModelShop model(EmptyShop());
    const int64_t users = seed == 1 ? 60 : 70 * static_cast<int64_t>(seed);
    std::vector<int64_t> tokens = {0};
    for (int step = 0; step < 5000; ++step) {
      const int64_t user = static_cast<int64_t>(random() % static_cast<uint64_t>(users));
      if (random() % 8 == 0) {
        exercise::Leave(user);
        model.Leave(user);
      } else {
        const int64_t token = exercise::Visit(user);
        ASSERT_EQ(token, model.Visit(user)) << "step " << step << ": the session of user " << user;
        tokens.push_back(token);
      }
      const int64_t asked =
          tokens[tokens.size() - 1 - random() % std::min<size_t>(tokens.size(), 200)];
      ASSERT_EQ(exercise::Requests(asked), model.Requests(asked))
          << "step " << step << ": the requests of the session with token " << asked;
    }
  }
}

TEST_F(Exercise, WhoIsPushedOutLeavesNothingBehind) {
  EmptyShop();
  const int64_t before = HeldBytes();
  for (const int64_t sessions : {1000, 4000}) {
    OnAThreadThatEnds([sessions] {
      for (int64_t i = 0; i < sessions; ++i) exercise::Visit(i % kMostUsers);
    });
    const int64_t held = HeldBytes() - before;
    ASSERT_LE(held, 128 << 10) << "bytes are in memory after " << sessions << " sessions, of which "
                               << exercise::kMostSessions << " are open and take 64 KiB. "
                               << "Which table still knows the others?";
  }
}

TEST_F(Exercise, WhenAllHaveLeftNothingIsLeft) {
  std::vector<int64_t> users(exercise::kMostSessions);
  std::iota(users.begin(), users.end(), 0);
  std::vector<int64_t> leaving = users;
  const auto all_come_and_leave = [&] {
    OnAThreadThatEnds([&] {
      for (const int64_t user : users) exercise::Visit(user);
      for (const int64_t user : leaving) exercise::Leave(user);
    });
  };
  EmptyShop();
  all_come_and_leave();  // what may be needed once is there from here on: a larger table, say
  std::mt19937_64 random(5);
  for (int round = 0; round < 6; ++round) {
    EmptyShop();
    const int64_t before = HeldBytes();
    if (round % 2 == 0) {
      std::ranges::reverse(leaving);
    } else {
      std::ranges::shuffle(leaving, random);
    }
    all_come_and_leave();
    // Not half of the sessions, wherever an old address may lie about.
    ASSERT_LE(HeldBytes() - before, 16 << 10)
        << "bytes are still in memory, though every session has ended: " << exercise::kMostSessions
        << " of them take 64 KiB. Who still points to them? Look behind the last slot that counts.";
  }
}

}  // namespace
