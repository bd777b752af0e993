#include "benchmarks/runner/measure/block.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/format/measures.h"
#include "benchmarks/runner/measure/gb_report.h"
#include "benchmarks/stats/shuffle.h"

namespace heapwise::runner {
namespace {

// What the context says of a condition that is not the same in all processes of a block.
constexpr char kDiffers[] = "differs between the variants";

// A file in memory that a child writes to by its path: nothing to clean up, and a full disk does not
// touch it. The descriptor is passed on to the child.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, 0)) {}
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string Path() const { return absl::StrFormat("/proc/self/fd/%d", fd_); }
  std::string Content() const { return ReadFile(Path()).value_or(""); }

 private:
  int fd_;
};

// One process of the lesson program that measures `variants`.
class LessonProcess {
 public:
  LessonProcess(const BlockRequest& request, std::vector<std::string> variants)
      : request_(request), variants_(std::move(variants)) {
    for (const std::string& variant : request.lesson.TimelineVariants()) {
      if (std::find(variants_.begin(), variants_.end(), variant) != variants_.end()) {
        timeline_variants_.push_back(variant);
      }
    }
  }

  // Adds what was measured to `outcome`, or sets its end. `alone` where the process is this variant's own.
  void Run(bool alone, BlockOutcome& outcome) {
    MemoryFile report_file("heapwise-report");
    MemoryFile timeline_file("heapwise-timeline");
    ProcessRequest process;
    process.command = {
        request_.program.string(),
        "--benchmark_filter=" + BenchmarkFilter(variants_),
        "--benchmark_out=" + report_file.Path(),
        "--benchmark_out_format=json",
        absl::StrFormat("--benchmark_min_time=%g", absl::ToDoubleSeconds(request_.min_time)),
        absl::StrFormat("--heapwise_seed=%d", request_.seed)};
    if (!timeline_variants_.empty()) {
      process.command.push_back("--heapwise_timeline=" + timeline_file.Path());
    }
    if (alone) process.environment = request_.lesson.EnvironmentOf(variants_.front());
    // Else it would start itself again for that (harness/main.cc)
    process.environment["LD_BIND_NOW"] = "1";
    process.time_limit = request_.time_limit;
    process.sample_rss = alone || !timeline_variants_.empty();
    const ProcessOutcome ended = RunProcess(process);
    const auto fail = [&](std::string reason) {
      outcome.end = BlockOutcome::End::kFailed;
      outcome.failure.reason = std::move(reason);
      if (alone) outcome.failure.variant = variants_.front();
      outcome.failure.output = ended.output;
    };
    if (ended.end == ProcessOutcome::End::kInterrupted) {
      outcome.end = BlockOutcome::End::kInterrupted;
      return;
    }
    if (!ended.Succeeded()) return fail(ended.Describe(request_.time_limit));
    absl::StatusOr<GbReport> report = ParseGbReport(report_file.Content(), variants_);
    if (!report.ok()) return fail(std::string(report.status().message()));

    double peak = 0;
    for (const auto& [seconds, bytes] : ended.rss) peak = std::max(peak, bytes);
    if (alone && peak > 0) report->samples[variants_.front()]["rss_peak_bytes"] = peak;
    const absl::Status timelines =
        AddTimelines(timeline_file.Content(), OnItsClock(ended, report->context), outcome);
    if (!timelines.ok()) return fail(std::string(timelines.message()));
    for (const auto& [key, value] : report->context) {
      std::string& known = outcome.context.try_emplace(key, value).first->second;
      if (known != value) known = kDiffers;
    }
    outcome.block.samples.merge(report->samples);
    outcome.block.order.insert(outcome.block.order.end(), report->order.begin(),
                               report->order.end());
  }

 private:
  // What was sampled, in seconds since the program itself began to count; before that, the system was loading it.
  // Takes the time of that beginning out of the context, which is no condition of the measurement.
  static std::vector<std::pair<double, double>> OnItsClock(
      const ProcessOutcome& ended, std::map<std::string, std::string>& context) {
    const auto told = context.extract("start_ns");
    int64_t began_ns = 0;
    if (told.empty() || !absl::SimpleAtoi(told.mapped(), &began_ns)) return ended.rss;
    const double offset = static_cast<double>(began_ns - ended.start_ns) * 1e-9;
    std::vector<std::pair<double, double>> rss;
    for (const auto& [seconds, bytes] : ended.rss) {
      if (seconds >= offset) rss.emplace_back(seconds - offset, bytes);
    }
    return rss;
  }

  absl::Status AddTimelines(const std::string& lines,
                            const std::vector<std::pair<double, double>>& rss,
                            BlockOutcome& outcome) const {
    for (const std::string& variant : timeline_variants_) outcome.timelines[variant].rss = rss;
    int number = 0;
    for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
      JsonDocument document(absl::StrFormat("line %d of its timeline", ++number));
      const JsonField root = document.Parse(std::string(line));
      const std::string benchmark = PlainName(root["benchmark"].String());
      root["t_s"].Number();
      if (!document.status().ok()) return document.status();
      for (const std::string& variant : timeline_variants_) {
        // The harness names a benchmark without its threads.
        if (PlainName(variant.substr(0, variant.find("/threads:"))) != benchmark) continue;
        Json collection = root.value();
        collection.erase("benchmark");
        outcome.timelines[variant].collections.push_back(std::move(collection));
      }
    }
    return absl::OkStatus();
  }

  const BlockRequest& request_;
  std::vector<std::string> variants_;
  std::vector<std::string> timeline_variants_;
};

// SplitMix64's finaliser (Steele, Lea, Flood 2014, Fast splittable pseudorandom number generators).
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

BlockOutcome RunBlock(const BlockRequest& request) {
  std::vector<std::string> variants;
  for (const DeclaredVariant& variant : request.lesson.variants) variants.push_back(variant.name);
  variants.push_back(request.lesson.control);

  BlockOutcome outcome;
  if (request.lesson.isolation == LessonFile::Isolation::kTogether) {
    LessonProcess(request, variants).Run(/*alone=*/false, outcome);
  } else {
    for (const std::string& variant : Shuffled(variants, request.seed)) {
      LessonProcess(request, {variant}).Run(/*alone=*/true, outcome);
      if (outcome.end != BlockOutcome::End::kMeasured) break;
    }
  }
  if (outcome.end != BlockOutcome::End::kMeasured) return outcome;
  for (const auto& [variant, measure] : request.lesson.NeededSamples()) {
    // A measure of the table may be absent, such as a pause where nothing was collected: its claims
    // are then too noisy, with that reason. An unknown name that no one reports is a mistake.
    if (IsKnownMeasure(measure) || outcome.block.samples[variant].contains(measure)) continue;
    outcome.end = BlockOutcome::End::kFailed;
    outcome.failure.reason =
        absl::StrFormat("reported no %s for %s, which lesson.json asks for", measure, variant);
    break;
  }
  // Where variants were left out, one of them may be the one that reports it.
  if (!request.lesson.whole) return outcome;
  for (const Measure& measure : request.lesson.own_measures) {
    const auto& samples = outcome.block.samples;
    const bool reported = std::any_of(samples.begin(), samples.end(), [&](const auto& sample) {
      return sample.second.contains(measure.name);
    });
    if (reported) continue;
    outcome.end = BlockOutcome::End::kFailed;
    outcome.failure.reason = absl::StrFormat(
        "no variant reported %s, which lesson.json declares under measures", measure.name);
    break;
  }
  return outcome;
}

uint64_t BlockSeed(uint64_t run_seed, std::string_view lesson, int block) {
  uint64_t state = Mix(run_seed + 0x9e3779b97f4a7c15);
  for (const unsigned char c : lesson) state = Mix(state + 0x9e3779b97f4a7c15 + c);
  return Mix(state + 0x9e3779b97f4a7c15 * (static_cast<uint64_t>(block) + 1)) >> 33;
}

std::vector<std::string> Shuffled(std::vector<std::string> names, uint64_t seed) {
  std::mt19937_64 random(seed);
  stats::Shuffle(names, random);
  return names;
}

}  // namespace heapwise::runner
