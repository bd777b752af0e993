// A recorded run on disk (docs/FORMAT.md): results/RUN/run.json and a file for each lesson. Here is what
// was measured; what follows from it is analysis.h's. Reading is strict: `FILE: FIELD: reason`.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RESULTS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RESULTS_H_

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/format/conditions.h"

namespace heapwise::runner {

// What one variant measured in one block, by the names of the table of measures; "iterations" too.
using Sample = std::map<std::string, double>;

// One block: every variant, the control included, measured once in fresh processes.
struct Block {
  std::vector<std::string> order;         // in which they ran
  std::map<std::string, Sample> samples;  // by variant
};

enum class RunStatus { kRunning, kComplete, kFailed, kInterrupted };
std::string RunStatusName(RunStatus status);

struct Failure {
  std::string reason;
  int block = 0;                       // counted from 1
  std::optional<std::string> variant;  // absent where all ran in one process
  std::string output;                  // the last of what it printed
};

// The collector's and the runner's view of one variant's last process.
struct Timeline {
  Json collections = Json::array();            // docs/FORMAT.md, the GC timeline
  std::vector<std::pair<double, double>> rss;  // (seconds since the process's start, bytes)
};

struct RecordedVariant {
  std::string name;
  std::string label;
  Environment environment = {};  // what was set for its process
};

struct LessonRecord {
  std::string lesson;
  std::string title;
  std::string operation;
  std::string isolation;
  RunStatus status = RunStatus::kRunning;
  std::string command;
  std::string build_id;  // of the program (program_id.h); empty in older runs
  std::map<std::string, std::string> context;
  std::string slow, fast, control;
  std::vector<RecordedVariant> variants;  // without the control
  std::vector<Block> blocks;
  std::map<std::string, Timeline> timelines;
  // The files of heap profiles beside LESSON.json, by variant and by the profile's name.
  std::map<std::string, std::map<std::string, std::string>> profiles;
};

struct Settings {
  int min_blocks = 0;
  int max_blocks = 0;
  double budget_seconds = 0;    // per lesson
  double min_time_seconds = 0;  // per variant and block, as Google Benchmark counts it
  double half_width = 0;        // relative: where a ratio's interval is narrow enough
  double threshold = 0;         // practical, of a ratio
  double lesson_timeout_seconds = 0;
};

// A lesson's line in run.json.
struct LessonState {
  std::string lesson;
  RunStatus status = RunStatus::kRunning;
  int blocks = 0;
  std::optional<Failure> failure;
};

struct RunRecord {
  std::string id;
  std::string mode;
  std::string command;
  uint64_t seed = 0;
  std::string started;                  // "2026-11-23T10:15:00Z"
  std::optional<std::string> finished;  // absent while it runs
  RunStatus status = RunStatus::kRunning;
  MachineFacts machine;
  std::array<double, 3> load_before = {};
  std::array<double, 3> load_after = {};
  BuildFacts build;
  Settings settings;
  std::vector<LessonState> lessons;
};

std::string RunToText(const RunRecord& run);
absl::StatusOr<RunRecord> ParseRun(const std::string& file_name, std::string_view text);

// The measured part of LESSON.json as a JSON object; analysis.h adds the rest.
Json LessonToJson(const LessonRecord& record);
absl::StatusOr<LessonRecord> ParseLessonRecord(const std::string& file_name, std::string_view text);

// A whole run: run.json and the file of each lesson that has one. A lesson's file that cannot be read does not
// stand in the way of the others.
struct RecordedRun {
  std::filesystem::path dir;
  RunRecord run;
  std::vector<LessonRecord> lessons;
  std::map<std::string, std::string> unreadable;  // why, by the lesson's name
};
absl::StatusOr<RecordedRun> ReadRun(const std::filesystem::path& dir);

// The runs under `results`, in the order of the names; links such as `latest` are not among them.
std::vector<std::string> RunNames(const std::filesystem::path& results);

// The directory of a run that a user names by a path or by its name under `results`. `latest` is the run that the
// link of that name points to; where there is no such link, the newest by its name.
absl::StatusOr<std::filesystem::path> FindRun(const std::filesystem::path& results,
                                              const std::string& typed);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_FORMAT_RESULTS_H_
