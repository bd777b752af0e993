#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/http_client.h"
#include "heapwise/pprof/profile.h"
#include "lessons/09-live-profile/lesson.h"
#include "lessons/09-live-profile/live_profile.h"
#include "testing/page.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

namespace fs = std::filesystem;
namespace pprof = heapwise::pprof;

using heapwise::test::BuildDirectory;
using heapwise::test::Ran;
using heapwise::test::Shell;
using heapwise::test::Shown;
using heapwise::test::SourceRoot;
using heapwise::test::TempDir;

constexpr int kDefaultRate = 512 << 10;

void Ask(const Service& service, int64_t requests) {
  pprof::HttpClient client(service.shop->port());
  for (int64_t i = 0; i < requests; ++i) {
    const auto answer = client.Get("/work");
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
  }
}

std::optional<pprof::Answer> Get(int port, const std::string& path) {
  return pprof::HttpClient(port).Get(path);
}

// What two live profiles say that so many requests leave in use.
BytesByFunction GrowthOver(int64_t requests, int64_t rate) {
  const Service service = fast::Start({});
  pprof::SetMemProfileRate(rate);
  Ask(service, 1);
  const BytesByFunction early = InUse(FetchHeap(service.endpoint->port()).value());
  Ask(service, requests);
  return Growth(early, InUse(FetchHeap(service.endpoint->port()).value()));
}

TEST(LiveProfile, BothServicesAnswerAlike) {
  for (const auto start : {slow::Start, fast::Start}) {
    const Service service = start({});
    const auto answer = Get(service.shop->port(), "/work");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{\"cents\": 102400}\n");
  }
}

TEST(LiveProfile, OnlyFastHasAnEndpoint) {
  const Service closed = slow::Start({});
  EXPECT_EQ(closed.endpoint, nullptr);
  EXPECT_EQ(Get(closed.shop->port(), "/debug/pprof/heap")->status, 404);
  EXPECT_EQ(FetchHeap(closed.shop->port()), std::nullopt);
  EXPECT_EQ(pprof::SetMemProfileRate(0), 0);

  const Service open = fast::Start({});
  EXPECT_EQ(Get(open.endpoint->port(), "/debug/pprof/heap")->status, 200);
  // Clients of the shop cannot see it.
  EXPECT_EQ(Get(open.shop->port(), "/debug/pprof/heap")->status, 404);
  EXPECT_EQ(pprof::SetMemProfileRate(0), kDefaultRate);
}

TEST(LiveProfile, ATakenPortIsRefused) {
  const Service service = fast::Start({});
  EXPECT_THROW(fast::Start({.shop = service.shop->port()}), absl::BadStatusOrAccess);
  EXPECT_THROW(fast::Start({.pprof = service.endpoint->port()}), absl::BadStatusOrAccess);
}

TEST(LiveProfile, AtRate1TheGrowthIsThePagesToTheByte) {
  const BytesByFunction growth = GrowthOver(500, 1);
  EXPECT_EQ(BytesOf(growth, "RenderPage"), 500 * kPageBytes);
  EXPECT_EQ(BytesOf(growth, "LoadCatalogue"), 0);
  EXPECT_GT(ShareOf(growth, "RenderPage"), 0.75);
}

// One sample for each 512 KiB on average: of 2 MiB the estimate has a standard deviation of half.
TEST(LiveProfile, AtTheDefaultRateTheGrowthIsWithinSixSigma) {
  constexpr int64_t kRequests = 2048;
  const double truth = kRequests * kPageBytes;
  const double sigma = std::sqrt(truth * kDefaultRate);
  EXPECT_NEAR(static_cast<double>(BytesOf(GrowthOver(kRequests, kDefaultRate), "RenderPage")),
              truth, 6 * sigma);
}

TEST(LiveProfile, TheGarbageOfTheRequestsIsNotInUse) {
  EXPECT_LE(BytesOf(GrowthOver(500, 1), "ReadOrder"), 8 * kOrderBytes);
}

// --- What the page shows ---

// The line with everything that differs from run to run, or is put on the page differently, made alike.
std::string Alike(const std::string& line) {
  static const std::regex numbers("[0-9][0-9.]*(MB|kB|%|s)?");
  static const std::regex spaces(" +");
  return std::regex_replace(std::regex_replace(line, numbers, "N"), spaces, " ");
}

// The last word of a row of `pprof -top`: "  21.02MB   100%   100%    21.02MB   100%  main::Render (inline)".
std::string FunctionOf(const std::string& row) {
  static const std::regex last_word("% +([^%]+)$");
  std::smatch match;
  return std::regex_search(row, match, last_word) ? match.str(1) : "";
}

// A directory in which the page's commands work, and the service that the first of them starts.
class Page : public testing::Test {
 protected:
  void SetUp() override {
    setenv("PATH", (std::string(getenv("PATH")) + ":/usr/lib/go-1.19/bin").c_str(), 1);
    if (Shell("go tool -n pprof 2> /dev/null").status != 0)
      GTEST_SKIP() << "there is no `go tool pprof`";
    if (Shell("curl --version").status != 0) GTEST_SKIP() << "there is no curl";
    for (const char* program : {"bin/service", "bin/load"}) {
      ASSERT_TRUE(fs::exists(BuildDirectory() / program))
          << "build it first: scripts/build service load";
    }
    fs::create_directory_symlink(BuildDirectory(), folder_.path() / "build");
    // A port that was free a moment ago.
    port_ = std::to_string(pprof::Endpoint::Start(0).value()->port());
  }

  void TearDown() override {
    for (const std::string& process : started_) Shell("kill " + process);
  }

  // The command as the page shows it, on a port that is free, and in less time.
  Ran Run(std::string command) {
    // A second may pass without a collection on a busy machine, and then has nothing to show: make some.
    if (command.find("seconds=5") != std::string::npos) {
      command =
          "{ for i in $(seq 8); do curl -s -o /dev/null "
          "'http://127.0.0.1:8080/debug/pprof/heap?gc=1'; sleep 0.2; "
          "done & } ; " +
          command;
    }
    absl::StrReplaceAll(
        {{"8080", port_}, {"seconds=5", "seconds=1"}, {"--seconds=7", "--seconds=3"}}, &command);
    const heapwise::test::RunOptions there{.directory = folder_.path(),
                                           .environment = {{"PPROF_TMPDIR", "."}, {"HOME", "."}}};
    if (!command.ends_with(" &")) return Shell(command, there);
    const Ran started =
        Shell("{ " + command.substr(0, command.size() - 2) + " > said 2>&1 & echo $!; }", there);
    started_.push_back(started.output);
    if (command.find("bin/service") == std::string::npos) return {started.status, ""};
    return Shell("for i in $(seq 200); do [ -s said ] && break; sleep 0.05; done; cat said", there);
  }

  std::string port_;

 private:
  const TempDir folder_;
  std::vector<std::string> started_;  // processes
};

TEST_F(Page, EveryCommandPrintsWhatThePageShows) {
  const std::vector<Shown> commands =
      heapwise::test::ShownCommands(SourceRoot() / "lessons/09-live-profile/README.md");
  ASSERT_EQ(commands.size(), 12u);
  for (const Shown& shown : commands) {
    SCOPED_TRACE(shown.command);
    const Ran ran = Run(shown.command);
    // The last one shows a refusal.
    EXPECT_EQ(ran.status, shown.command.find("0.0.0.0") == std::string::npos ? 0 : 2);
    std::vector<std::string> lines;
    std::stringstream output(ran.output);
    for (std::string line; std::getline(output, line);) lines.push_back(line);
    // Of the functions in a profile those with the most bytes are alike; what else a sample met is chance.
    const bool top = shown.command.find("-top") != std::string::npos;
    ASSERT_EQ(lines.size(), shown.output.size()) << ran.output;
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!top) {
        EXPECT_EQ(Alike(lines[i]), Alike(shown.output[i]));
      } else if (lines[i].find("flat%") != std::string::npos) {
        ASSERT_LT(i + 1, lines.size());
        EXPECT_EQ(FunctionOf(lines[i + 1]), FunctionOf(shown.output[i + 1])) << ran.output;
      }
    }
  }
}

// --- The exercise ---

TEST(Exercise, ATillAddsUp) {
  exercise::Put(1, 0);
  exercise::Put(1, 0);
  exercise::Put(1, 5);
  exercise::Put(2, 7);
  EXPECT_EQ(exercise::Pay(1), 300);
  EXPECT_EQ(exercise::Pay(1), 0);
  EXPECT_EQ(exercise::Pay(2), 100);
  EXPECT_EQ(exercise::Pay(3), 0);
}

TEST(Exercise, WhoComesBackBeginsWithAnEmptyBasket) {
  exercise::Put(1, 3);
  exercise::Pay(1);
  exercise::Put(1, 4);
  EXPECT_EQ(exercise::Pay(1), 100);
}

TEST(Exercise, ANewPriceHoldsForTheBasketsThatAreNotPaidFor) {
  exercise::Put(1, 9);
  exercise::Put(2, 9);
  exercise::Put(2, 9);
  EXPECT_EQ(exercise::Pay(1), 100);
  exercise::SetPrice(9, 40);
  EXPECT_EQ(exercise::Pay(2), 80);
  exercise::Put(1, 9);
  exercise::SetPrice(9, 100);
  exercise::Put(1, 9);
  EXPECT_EQ(exercise::Pay(1), 200);
}

// Kept, for the student to look at.
fs::path Keep(const std::string& profile, const std::string& name) {
  const fs::path file = fs::path(::testing::TempDir()) / ("heapwise-09-" + name + ".pb.gz");
  std::ofstream(file, std::ios::binary) << profile;
  return file;
}

TEST(Exercise, ACustomerWhoHasPaidLeavesNothingBehind) {
  pprof::SetMemProfileRate(1);
  const auto endpoint = pprof::Endpoint::Start(0).value();
  int64_t customer = 100;
  const auto serve = [&customer](int64_t customers) {
    for (const int64_t end = customer + customers; customer < end; ++customer) {
      for (int64_t article = 0; article < 4; ++article) exercise::Put(customer, article);
      exercise::Pay(customer);
    }
  };
  serve(100);
  const std::string early = FetchHeap(endpoint->port()).value();
  serve(1000);
  const std::string late = FetchHeap(endpoint->port()).value();
  // Of 1,000 baskets 20 may seem to be in use, because an old address lies about somewhere.
  EXPECT_LE(BytesOf(Growth(InUse(early), InUse(late)), "exercise::"), 20 * 512)
      << "is what 1,000 customers left in use. Where it was allocated:\n  go tool pprof -list "
         "exercise:: -base "
      << Keep(early, "early").string() << " " << Keep(late, "late").string();
}

}  // namespace
