#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "lessons/04-escape-analysis/lesson.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace {

namespace fs = std::filesystem;
using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::test::BuildDirectory;
using heapwise::test::Ran;
using heapwise::test::Shell;
using heapwise::test::SourceRoot;
using Json = nlohmann::json;

constexpr std::array<Item, 4> kOrder = {{{1299, 1}, {450, 2}, {89, 6}, {2500, 1}}};
constexpr int64_t kCents = 3000;

// As many items as asked for.
std::vector<Item> OrderOf(size_t items) {
  std::vector<Item> order;
  for (size_t i = 0; i < items; ++i) {
    order.push_back({.cents = static_cast<int64_t>(i * 7919 % kPrices),
                     .pieces = 1 + static_cast<int64_t>(i % 3)});
  }
  return order;
}

// --- Slow and fast do the same ---

TEST(EscapeAnalysis, BothTillsWriteTheSameReceipt) {
  const Receipt receipt = {.charged_cents = 4780, .dearest_line_cents = 2500};
  EXPECT_EQ(slow::Checkout(kOrder), receipt);
  EXPECT_EQ(fast::Checkout(kOrder), receipt);
  for (size_t items = 0; items <= kMostItems; ++items) {
    const std::vector<Item> order = OrderOf(items);
    EXPECT_EQ(slow::Checkout(order), fast::Checkout(order)) << items;
  }
}

TEST(EscapeAnalysis, EveryFunctionAnswersAsItsRewriteDoes) {
  for (size_t items = 0; items <= kMostItems; ++items) {
    const std::vector<Item> order = OrderOf(items);
    const Total total = *slow::Add(order);
    EXPECT_EQ(fast::Add(order), total);
    slow::Remember(total);
    fast::Remember(total);
    EXPECT_EQ(slow::Remembered(), total);
    EXPECT_EQ(fast::Remembered(), total);
    EXPECT_EQ(elided::Cents(order), total.cents);
    EXPECT_EQ(kept::Cents(order), total.cents);
    EXPECT_EQ(slow::DistinctPrices(order), fast::DistinctPrices(order));
    const std::vector<int64_t> lines = slow::Lines(order);
    const fast::LineList list = fast::Lines(order);
    ASSERT_EQ(list.count, lines.size());
    EXPECT_TRUE(std::equal(lines.begin(), lines.end(), list.cents.begin()));
  }
  for (const int64_t cents : {0, 998, 1002, 2000, 9999}) {
    EXPECT_EQ(slow::ReductionOf(kOffer)(cents), fast::ReductionOf(kOffer)(cents));
    EXPECT_EQ(slow::PaymentOf(cents)->Charge(cents),
              std::visit([cents](const auto& means) { return means.Charge(cents); },
                         fast::PaymentOf(cents)));
  }
  EXPECT_EQ(slow::ReductionOf(kOffer)(9999), 9499);
  EXPECT_EQ(slow::PaymentOf(998)->Charge(998), 1000);
  EXPECT_EQ(small::PercentOff(10)(1000), 900);
  EXPECT_EQ(slow::DistinctPrices(std::array<Item, 3>{{{5, 1}, {7, 1}, {5, 2}}}), 2);
}

// --- What is counted, and what the report says of the same functions ---

// A function, how it is called, and how much that allocates where the report has something to say.
struct Site {
  std::string function;
  void (*call)();
  uint64_t new_allocs;
  uint64_t gc_allocs;
  std::vector<std::string> reported;  // a verdict for each of its lines, by line
};

const std::vector<Site>& SlowSites() {
  static const auto* const sites = new std::vector<Site>{
      {"slow::Add", [] { slow::Add(kOrder); }, 0, 1, {"yes"}},
      {"slow::Remember",
       [] {
         slow::Remember({kCents, 1});
       },
       0,
       1,
       {"yes"}},
      {"slow::ReductionOf", [] { slow::ReductionOf(kOffer)(kCents); }, 1, 0, {"yes"}},
      {"slow::PaymentOf",
       [] { slow::PaymentOf(100), slow::PaymentOf(kCents); },
       2,
       0,
       {"yes", "yes"}},
      // Room for 1, 2 and 4 lines. Whether a vector is full, no compiler can say.
      {"slow::Lines", [] { slow::Lines(kOrder); }, 3, 0, {"maybe"}},
  };
  return *sites;
}

const std::vector<Site>& FastSites() {
  static const auto* const sites = new std::vector<Site>{
      {"fast::Add", [] { fast::Add(kOrder); }, 0, 0, {}},
      {"fast::Remember",
       [] {
         fast::Remember({kCents, 1});
       },
       0,
       0,
       {}},
      {"fast::ReductionOf", [] { fast::ReductionOf(kOffer)(kCents); }, 0, 0, {}},
      {"fast::PaymentOf", [] { fast::PaymentOf(100), fast::PaymentOf(kCents); }, 0, 0, {}},
      {"fast::Lines", [] { fast::Lines(kOrder); }, 0, 0, {}},
  };
  return *sites;
}

const std::vector<Site>& LargeSites() {
  static const auto* const sites = new std::vector<Site>{
      {"slow::DistinctPrices", [] { slow::DistinctPrices(kOrder); }, 0, 1, {"yes"}},
      {"fast::DistinctPrices", [] { fast::DistinctPrices(kOrder); }, 0, 0, {}},
  };
  return *sites;
}

const std::vector<Site>& ElidedSites() {
  static const auto* const sites = new std::vector<Site>{
      {"elided::Cents", [] { elided::Cents(kOrder); }, 0, 0, {"no"}},
      {"kept::Cents", [] { kept::Cents(kOrder); }, 1, 0, {"yes"}},
  };
  return *sites;
}

const std::vector<Site>& SmallSites() {
  static const auto* const sites = new std::vector<Site>{
      {"small::PercentOff", [] { small::PercentOff(10)(kCents); }, 0, 0, {}},
  };
  return *sites;
}

void ExpectCounts(const std::vector<Site>& sites) {
  for (const Site& site : sites) {
    const Allocations made = CountAllocations(site.call);
    EXPECT_EQ(made.new_allocs, site.new_allocs) << site.function;
    EXPECT_EQ(made.gc_allocs, site.gc_allocs) << site.function;
  }
}

TEST(EscapeAnalysis, EveryCauseAllocates) { ExpectCounts(SlowSites()); }

TEST(EscapeAnalysis, NoRewriteAllocates) { ExpectCounts(FastSites()); }

TEST(EscapeAnalysis, ALargeSliceIsAllocatedAndALargeArrayIsNot) { ExpectCounts(LargeSites()); }

TEST(EscapeAnalysis, AClosureOf8BytesFitsIntoAStdFunction) { ExpectCounts(SmallSites()); }

TEST(EscapeAnalysis, ANewIsLeftOutUntilItsAddressIsPassedOn) {
#ifndef __OPTIMIZE__
  GTEST_SKIP() << "compiled without optimisation: nothing is left out";
#endif
  ExpectCounts(ElidedSites());
}

TEST(EscapeAnalysis, AnOrderCostsSevenAllocationsOrNone) {
  EXPECT_EQ(CountAllocations([] { slow::Checkout(kOrder); }).allocs(), 7u);
  EXPECT_EQ(CountAllocations([] { fast::Checkout(kOrder); }).allocs(), 0u);
}

// --- The report ---

constexpr char kFolder[] = "lessons/04-escape-analysis/";

fs::path Program() { return BuildDirectory() / "bin/heapwise"; }

// The report of a file of this lesson. `arguments` may go on as a line of shell does.
Ran Escapes(const std::string& arguments) {
  return Shell("\"$PROGRAM\" escapes " + (kFolder + arguments),
               {.directory = SourceRoot(), .environment = {{"PROGRAM", Program().string()}}});
}

class Report : public testing::Test {
 protected:
  void SetUp() override {
#ifndef __OPTIMIZE__
    GTEST_SKIP() << "compiled without optimisation: the report is of -O2";
#endif
    ASSERT_TRUE(fs::exists(Program())) << "build it first: scripts/build heapwise";
  }
};

void ExpectReportAgrees(const std::string& file, const std::vector<Site>& sites) {
  const Ran ran = Escapes(file + " --json");
  ASSERT_EQ(ran.status, 0) << ran.output;
  std::map<std::string, std::vector<std::string>> reported;
  for (const Json& site : Json::parse(ran.output)) {
    reported[site["function"]].push_back(site["escapes"]);
  }
  for (const Site& site : sites) {
    EXPECT_EQ(reported[site.function], site.reported) << site.function;
    const uint64_t counted = CountAllocations(site.call).allocs();
    const bool escapes = !site.reported.empty() && site.reported[0] != "no";
    EXPECT_EQ(counted > 0, escapes) << site.function << " allocates " << counted;
    reported.erase(site.function);
  }
  for (const auto& [function, verdicts] : reported) ADD_FAILURE() << function << " is no site";
}

TEST_F(Report, AgreesWithTheCountsOfSlow) { ExpectReportAgrees("slow.cc", SlowSites()); }

TEST_F(Report, AgreesWithTheCountsOfFast) { ExpectReportAgrees("fast.cc", FastSites()); }

TEST_F(Report, AgreesWithTheCountsOfElided) { ExpectReportAgrees("elided.cc", ElidedSites()); }

// What a block of the page shows below "$ COMMAND".
std::string Shown(const std::string& command) {
  const std::string text = heapwise::test::ReadFile(SourceRoot() / kFolder / "README.md");
  const std::string start = "```text\n$ " + command + "\n";
  const size_t at = text.find(start);
  if (at == std::string::npos) return "the page does not show: " + command;
  const size_t from = at + start.size();
  return text.substr(from, text.find("```", from) - from);
}

TEST_F(Report, ThePageShowsWhatTheToolPrints) {
  if (Shell("g++ -dumpfullversion").output != "12.2.0\n")
    GTEST_SKIP() << "the page is of GCC 12.2.0";
  for (const std::string arguments : {"slow.cc", "fast.cc | head -1", "elided.cc | head -2"}) {
    EXPECT_EQ(Escapes(arguments).output,
              Shown(std::string("build/bin/heapwise escapes ") + kFolder + arguments));
  }
}

TEST(GoReport, ThePageShowsWhatGoPrints) {
  const fs::path go = "/usr/lib/go-1.19/bin";
  if (!fs::exists(go / "go")) GTEST_SKIP() << "there is no " << go / "go";
  const heapwise::test::TempDir cache;
  const std::string command =
      "go build -gcflags=-m -o /dev/null escapes.go 2>&1 | grep -E 'heap|[)}] does not'";
  const Ran ran = Shell("PATH=\"$GO:$PATH\"; " + command,
                        {.directory = SourceRoot() / kFolder,
                         .environment = {{"GO", go.string()},
                                         {"GO111MODULE", "off"},
                                         {"GOFLAGS", ""},
                                         {"GOCACHE", cache.path().string()}}});
  EXPECT_EQ(ran.output, Shown(command));
}

// namespace exercise: the student's file, or the solution.

constexpr std::array<int64_t, 9> kReadings = {2110, 2090, 2130, -27315, 2100,
                                              2120, 9999, 2080, 2140};

TEST(Exercise, AnswersAsBefore) {
  EXPECT_EQ(exercise::MeanOfPlausible(kReadings, 100), 2110);
  EXPECT_EQ(exercise::LastPlausible(), (exercise::Range{2010, 2210}));
  EXPECT_EQ(exercise::MeanOfPlausible(std::array<int64_t, 1>{7}, 0), 7);
  EXPECT_EQ(exercise::LastPlausible(), (exercise::Range{7, 7}));
  EXPECT_EQ(exercise::MeanOfPlausible(std::array<int64_t, 2>{-9, -4}, 10), -6);
}

TEST(Exercise, TakesAHundredReadings) {
  std::vector<int64_t> readings(100);
  for (size_t i = 0; i < readings.size(); ++i) readings[i] = static_cast<int64_t>(i * 37 % 100);
  EXPECT_EQ(exercise::MeanOfPlausible(readings, 50), 49);
  EXPECT_EQ(exercise::LastPlausible(), (exercise::Range{0, 100}));
}

TEST(Exercise, LeavesTheReadingsAsTheyAre) {
  const std::array<int64_t, 9> readings = kReadings;
  exercise::MeanOfPlausible(readings, 100);
  EXPECT_EQ(readings, kReadings);
}

TEST(Exercise, AllocatesNothing) {
  EXPECT_EQ(CountAllocations([] { exercise::MeanOfPlausible(kReadings, 100); }).allocs(), 0u)
      << "something still goes to the heap: see heapwise escapes";
}

}  // namespace
