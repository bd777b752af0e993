#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/harness/alloc_counter.h"
#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/profile.h"
#include "lessons/08-heap-profile/lesson.h"
#include "lessons/08-heap-profile/sites.h"
#include "testing/go.h"
#include "testing/run.h"

namespace {

namespace fs = std::filesystem;
namespace pprof = heapwise::pprof;
using heapwise::bench::Allocations;
using heapwise::bench::CountAllocations;
using heapwise::runtime::GC;
using heapwise::test::BuildDirectory;
using heapwise::test::Ran;
using heapwise::test::RunOptions;
using heapwise::test::Shell;
using heapwise::test::SourceRoot;

constexpr char kHotLine[] = "slow.cc:7";
constexpr int kFieldsOfAReport = 5 * kSalesOfADay;
// The copy of a header: six strings of 32 bytes, and the characters of the two that have more than 15.
constexpr int kHeaderBytes = 6 * 32 + 23 + 20;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> LinesOfFile(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(SourceRoot() / "lessons/08-heap-profile" / name).rdbuf();
  return LinesOf(text.str());
}

// What a profile at this rate says of the code.
template <class Code>
pprof::Profile Profiled(int64_t rate, Code code) {
  Sales();
  pprof::SetMemProfileRate(rate);
  GC();
  const pprof::Profile before = pprof::HeapProfile();
  code();
  GC();
  pprof::Profile made = pprof::Delta(before, pprof::HeapProfile());
  pprof::SetMemProfileRate(0);
  return made;
}

// --- The reports ---

TEST(HeapProfile, AllReportsAreAlike) {
  for (int day = 0; day < kDays; day += 91) {
    const std::string report = slow::Report(Sales(), day);
    EXPECT_EQ(std::ranges::count(report, '\n'), kSalesOfADay + kCountries);
    EXPECT_EQ(fast::Report(Sales(), day), report);
    EXPECT_EQ(guess::Report(Sales(), day), report);
  }
}

TEST(HeapProfile, TheLineIsMostOfTheAllocations) {
  Sales();
  for (int day = 0; day < kDays; day += 91) {
    const Allocations slow = CountAllocations([&] { slow::Report(Sales(), day); });
    const Allocations fast = CountAllocations([&] { fast::Report(Sales(), day); });
    const Allocations guess = CountAllocations([&] { guess::Report(Sales(), day); });
    // The report, a node for each country, a string for each line; and three for each header copied.
    EXPECT_EQ(fast.allocs(), 1u + kCountries + kSalesOfADay);
    EXPECT_EQ(slow.allocs(), fast.allocs() + 3 * kFieldsOfAReport);
    EXPECT_EQ(slow.bytes(), fast.bytes() + kHeaderBytes * kFieldsOfAReport);
    EXPECT_EQ(guess.allocs(), slow.allocs() - kSalesOfADay);
    EXPECT_EQ(guess.bytes(), slow.bytes() - kSalesOfADay * (kLineBytes + 1));
  }
}

// --- The profiles ---

TEST(HeapProfile, TheHotLineIsWhereThePageSaysThatItIs) {
  EXPECT_EQ(LinesOfFile("slow.cc").at(6), "  const auto columns = table.columns();");
}

TEST(HeapProfile, SlowAndFastDifferInOneCharacterOfThatLine) {
  std::vector<std::string> slow = LinesOfFile("slow.cc");
  slow.at(6).insert(slow.at(6).find("auto") + 4, "&");
  for (std::string& line : slow) {
    if (const size_t at = line.find("namespace slow"); at != std::string::npos) {
      line.replace(at, 14, "namespace fast");
    }
  }
  EXPECT_EQ(slow, LinesOfFile("fast.cc"));
}

TEST(HeapProfile, AtRate1EveryByteIsAtItsLine) {
  Allocations counted;
  const pprof::Profile made =
      Profiled(1, [&] { counted = CountAllocations([] { slow::Report(Sales(), 3); }); });
  const std::vector<Site> sites = Sites(made);
  ASSERT_FALSE(sites.empty());
  EXPECT_EQ(sites[0].line, kHotLine);
  EXPECT_NE(sites[0].function.find("slow::Field"), std::string::npos);
  EXPECT_EQ(sites[0].alloc_bytes, kHeaderBytes * kFieldsOfAReport);
  double sum = 0;
  for (const Site& site : sites) sum += site.alloc_bytes;
  EXPECT_EQ(sum, counted.bytes());
}

TEST(HeapProfile, AfterMendingTheLineIsGone) {
  const pprof::Profile made = Profiled(1, [] { fast::Report(Sales(), 3); });
  EXPECT_EQ(SiteAt(made, "fast.cc:7").alloc_bytes, 0);
  EXPECT_EQ(Sites(made).at(0).function.substr(0, 10), "fast::Line");
}

TEST(HeapProfile, WhatAllocatesMostHasNothingInUse) {
  std::string kept;
  const pprof::Profile made = Profiled(1, [&] { kept = slow::Report(Sales(), 3); });
  EXPECT_EQ(SiteAt(made, kHotLine).inuse_bytes, 0);
  double in_use = 0;
  for (const Site& site : Sites(made)) in_use += site.inuse_bytes;
  EXPECT_EQ(in_use, kReportBytes + 1);
}

double HotBytesNow() { return SiteAt(pprof::HeapProfile(), kHotLine).alloc_bytes; }

TEST(HeapProfile, AProfileShowsWhatTheLastCollectionSaw) {
  Sales();
  GC();
  pprof::SetMemProfileRate(1);
  const double before = HotBytesNow();
  slow::Report(Sales(), 0);
  EXPECT_EQ(HotBytesNow(), before);
  GC();
  EXPECT_EQ(HotBytesNow(), before + kHeaderBytes * kFieldsOfAReport);
  pprof::SetMemProfileRate(0);
}

TEST(HeapProfile, BeforeTheFirstCollectionAProfileShowsEverything) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process in which nothing was collected yet
  EXPECT_EXIT(
      {
        pprof::SetMemProfileRate(1);
        slow::Report(Sales(), 0);
        const double first = HotBytesNow();
        slow::Report(Sales(), 1);
        const double second = HotBytesNow();
        const double report = kHeaderBytes * kFieldsOfAReport;
        std::exit(first == report && second == report ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Sampling, SigmaIsThatOfTheFormula) {
  EXPECT_EQ(SigmaBytes(1000, {48, 16}, 1), 0);
  EXPECT_NEAR(SigmaBytes(1, {4096}, 4096), 4096 / std::sqrt(std::exp(1) - 1), 1e-9);
  EXPECT_NEAR(SigmaBytes(400, {4096}, 4096), 20 * SigmaBytes(1, {4096}, 4096), 1e-9);
  // Small objects: as many samples as rates go into the bytes, and an error of 1 over their root.
  EXPECT_NEAR(SigmaBytes(1 << 20, {16}, 1 << 20) / (16 << 20), 1 / std::sqrt(16), 1e-4);
}

TEST(Sampling, EstimatesScatterAsTheFormulaSays) {
  constexpr int kProfiles = 200;
  constexpr int kReports = 10;
  constexpr int64_t kRate = 64 << 10;
  const double truth = kReports * kFieldsOfAReport * kHeaderBytes;
  const double sigma = SigmaBytes(kReports * kFieldsOfAReport, {192, 23, 20}, kRate);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kProfiles; ++i) {
    const pprof::Profile made = Profiled(kRate, [] {
      for (int day = 0; day < kReports; ++day) slow::Report(Sales(), day);
    });
    const double error = (SiteAt(made, kHotLine).alloc_bytes - truth) / sigma;
    sum += error;
    squares += error * error;
  }
  // Five standard deviations of a mean, and of a variance, of 200 normal numbers.
  EXPECT_NEAR(sum / kProfiles, 0, 5 / std::sqrt(kProfiles));
  EXPECT_NEAR(squares / kProfiles, 1, 5 * std::sqrt(2. / kProfiles));
}

// --- What the page shows of pprof ---

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

const RunOptions kWithGo = {.environment = {{"PATH", heapwise::test::PathWithGo()}}};

// The page's commands, run at the root of the source tree.
class Page : public testing::Test {
 protected:
  void SetUp() override {
    if (Shell("go tool -n pprof", kWithGo).status == 0) {
      pprof_ = "go tool pprof";
    } else if (Shell("pprof -version").status == 0) {
      pprof_ = "pprof";
    } else {
      GTEST_SKIP() << "neither `go tool pprof` nor `pprof` is here";
    }
    has_dot_ = Shell("dot -V").status == 0;
    ASSERT_TRUE(fs::exists(BuildDirectory() / "bin/08-heap-profile")) << "build it first";
  }

  // "build/" is where this test was built, whatever it is called.
  Ran Run(const std::string& command) {
    RunOptions options = kWithGo;
    options.directory = SourceRoot();
    options.environment["PPROF_TMPDIR"] = testing::TempDir();
    options.environment["BUILD"] = BuildDirectory();
    Ran ran = Shell(Replaced(Replaced(command, "go tool pprof", pprof_), "build/", "\"$BUILD\"/"),
                    options);
    ran.output = Replaced(ran.output, BuildDirectory().string() + "/", "build/");
    return ran;
  }

  bool CanRun(const std::string& command) const {
    return has_dot_ || command.find("-svg") == std::string::npos;
  }

  std::string pprof_;
  bool has_dot_ = false;
};

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// The number that a word is, where it is one of pprof's: "4.18MB", "85.80%", "0".
bool IsNumber(const std::string& word, double* value, std::string* unit) {
  char* end = nullptr;
  *value = std::strtod(word.c_str(), &end);
  *unit = end;
  return end != word.c_str() && (*unit == "MB" || *unit == "%" || (*unit == "" && *value == 0));
}

// The same words, and numbers that two samples of the same thing may have: within five sigma, with one
// sample in 512 KiB; shares within 15 points.
bool SameButForSampling(const std::string& shown, const std::string& printed) {
  const std::vector<std::string> a = Words(shown);
  const std::vector<std::string> b = Words(printed);
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    double x, y;
    std::string unit_x, unit_y;
    if (IsNumber(a[i], &x, &unit_x) && IsNumber(b[i], &y, &unit_y) && unit_x == unit_y) {
      const double allowed = unit_x == "%" ? 15 : 5 * std::sqrt(2 * 0.5 * std::max(x, y));
      if (std::abs(x - y) > allowed) return false;
    } else if (a[i] != b[i]) {
      return false;
    }
  }
  return true;
}

// Lines of the same functions, in an order that may differ below the first.
void ExpectAsShown(const std::string& command, const std::string& shown,
                   const std::string& printed) {
  const std::vector<std::string> lines = LinesOf(shown);
  std::vector<std::string> rest = LinesOf(printed);
  EXPECT_EQ(lines.size(), rest.size()) << command << "\n" << printed;
  for (const std::string& line : lines) {
    const auto same = std::ranges::find_if(
        rest, [&](const std::string& other) { return SameButForSampling(line, other); });
    EXPECT_TRUE(same != rest.end()) << command << "\nis not printed now:\n"
                                    << line << "\nbut:\n"
                                    << printed;
    if (same != rest.end()) rest.erase(same);
  }
}

TEST_F(Page, ShowsWhatPprofPrints) {
  int commands = 0;
  int outputs = 0;
  std::string command;
  std::string shown;
  for (const std::string& line : LinesOfFile("README.md")) {
    if (line.starts_with("    build/bin/08-heap-profile ") ||
        line.starts_with("    go tool pprof ")) {
      const std::string plain = line.substr(0, line.find(" #"));
      if (!CanRun(plain)) continue;
      const Ran ran = Run(plain);
      EXPECT_EQ(ran.status, 0) << plain << "\n" << ran.output;
      ++commands;
    } else if (line.starts_with("$ go tool pprof ")) {
      command = line.substr(2);
      shown.clear();
    } else if (line == "```" && !command.empty()) {
      if (CanRun(command)) {
        ExpectAsShown(command, shown, Run(command).output);
        ++outputs;
      }
      command.clear();
    } else if (!command.empty()) {
      shown += line + '\n';
    }
  }
  EXPECT_GE(commands, 4);
  EXPECT_GE(outputs, 3);
}

// namespace exercise: the student's file, or the solution.

// Many sales of many products, whose names are longer than what a string holds in itself.
std::vector<std::string> Sold() {
  std::vector<std::string> sold;
  for (int i = 0; i < 20'000; ++i) {
    const int product = static_cast<int>((int64_t{i} * i + i / 7) % 500);
    sold.push_back("garden furniture, article " + std::to_string(product));
  }
  return sold;
}

TEST(Exercise, FindsTheBestSellers) {
  const std::vector<std::string> sold = {"pear", "fig", "apple", "fig", "pear", "fig", "date"};
  EXPECT_EQ(exercise::BestSellers(sold, 3), (std::vector<std::string>{"fig", "pear", "apple"}));
  EXPECT_EQ(exercise::BestSellers(sold, 9),
            (std::vector<std::string>{"fig", "pear", "apple", "date"}));
  EXPECT_TRUE(exercise::BestSellers(sold, 0).empty());
  EXPECT_TRUE(exercise::BestSellers({}, 3).empty());
}

TEST(Exercise, AllocatesAFewTimesForEachProduct) {
  const std::vector<std::string> sold = Sold();
  const size_t products = std::set<std::string>(sold.begin(), sold.end()).size();
  Allocations made;
  const pprof::Profile profile =
      Profiled(1, [&] { made = CountAllocations([&] { exercise::BestSellers(sold, 10); }); });
  if (made.allocs() <= 4 * products) return;
  const std::string file = (BuildDirectory() / "exercise.prof").string();
  std::ofstream(file, std::ios::binary) << pprof::Encode(profile, pprof::Kind::kHeap);
  std::string lines;
  for (const Site& site : Sites(profile)) {
    lines +=
        "\n  " + std::to_string(static_cast<int64_t>(site.alloc_bytes)) + " bytes at " + site.line;
  }
  ADD_FAILURE() << made.allocs() << " allocations for " << products
                << " products; its profile is in " << file << lines;
}

}  // namespace
