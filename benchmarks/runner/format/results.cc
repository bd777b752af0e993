#include "benchmarks/runner/format/results.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/format/measures.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

RunStatus ParseStatus(const JsonField& field) {
  const std::string name = field.OneOf({"complete", "failed", "interrupted", "running"});
  for (const RunStatus status :
       {RunStatus::kFailed, RunStatus::kInterrupted, RunStatus::kRunning}) {
    if (RunStatusName(status) == name) return status;
  }
  return RunStatus::kComplete;
}

Json FailureToJson(const Failure& failure) {
  return {{"reason", failure.reason},
          {"block", failure.block},
          {"variant", failure.variant ? Json(*failure.variant) : Json()},
          {"output", failure.output}};
}

Failure ParseFailure(const JsonField& field) {
  field.OnlyKeys({"reason", "block", "variant", "output"});
  Failure failure;
  failure.reason = field["reason"].String();
  failure.block = field["block"].Int(0);
  const JsonField variant = field["variant"];
  if (!variant.IsNull()) failure.variant = variant.String();
  failure.output = field["output"].String();
  return failure;
}

double Positive(const JsonField& field) {
  const double number = field.Number();
  if (!(number > 0)) field.Refuse("must be greater than 0");
  return number;
}

Settings ParseSettings(const JsonField& field) {
  field.OnlyKeys({"min_blocks", "max_blocks", "budget_seconds", "min_time_seconds", "half_width",
                  "threshold", "lesson_timeout_seconds"});
  Settings settings;
  settings.min_blocks = field["min_blocks"].Int(1);
  settings.max_blocks = field["max_blocks"].Int(1);
  settings.budget_seconds = field["budget_seconds"].Number();
  settings.min_time_seconds = Positive(field["min_time_seconds"]);
  settings.half_width = Positive(field["half_width"]);
  settings.threshold = Positive(field["threshold"]);
  settings.lesson_timeout_seconds = Positive(field["lesson_timeout_seconds"]);
  if (settings.max_blocks < settings.min_blocks) {
    field["max_blocks"].Refuse("must not be less than min_blocks");
  }
  return settings;
}

LessonState ParseLessonState(const JsonField& field) {
  field.OnlyKeys({"lesson", "status", "blocks", "failure"});
  LessonState state;
  state.lesson = field["lesson"].NonEmptyString();
  if (state.lesson.find('/') != std::string::npos)
    field["lesson"].Refuse("must be a lesson's name");
  state.status = ParseStatus(field["status"]);
  state.blocks = field["blocks"].Int(0);
  if (const auto failure = field.Find("failure")) state.failure = ParseFailure(*failure);
  return state;
}

Json SampleToJson(const Sample& sample) {
  Json json = Json::object();
  if (const auto iterations = sample.find(kIterations); iterations != sample.end()) {
    json[kIterations] = std::llround(iterations->second);
  }
  for (const auto& [measure, value] : sample) {
    if (measure != kIterations) json[measure] = value;
  }
  return json;
}

Block ParseBlock(const JsonField& field, const std::set<std::string>& variants) {
  field.OnlyKeys({"order", "samples"});
  Block block;
  for (const JsonField& name : field["order"].Array()) block.order.push_back(name.String());
  for (const auto& [variant, sample] : field["samples"].Members()) {
    if (!variants.contains(variant)) sample.Refuse("is no variant of this lesson");
    for (const auto& [measure, value] : sample.Members()) {
      block.samples[variant][measure] = value.Number();
    }
    if (!sample.Find(kIterations)) sample[kIterations];  // refuses what is missing
  }
  for (const std::string& variant : variants) {
    if (!block.samples.contains(variant)) {
      field["samples"].Refuse("has no sample of \"" + variant + "\"");
    }
  }
  return block;
}

Json TimelineToJson(const Timeline& timeline) {
  Json rss = Json::array();
  for (const auto& [seconds, bytes] : timeline.rss) {
    rss.push_back(Json::array({seconds, std::llround(bytes)}));
  }
  return {{"collections", timeline.collections}, {"rss", rss}};
}

Timeline ParseTimeline(const JsonField& field) {
  field.OnlyKeys({"collections", "rss"});
  Timeline timeline;
  for (const JsonField& collection : field["collections"].Array()) {
    collection["t_s"].Number();
    timeline.collections.push_back(collection.value());
  }
  for (const JsonField& element : field["rss"].Array()) {
    const std::vector<JsonField> pair = element.Array(2);
    if (pair.size() == 2) timeline.rss.emplace_back(pair[0].Number(), pair[1].Number());
  }
  return timeline;
}

}  // namespace

std::string RunStatusName(RunStatus status) {
  switch (status) {
    case RunStatus::kRunning:
      return "running";
    case RunStatus::kComplete:
      return "complete";
    case RunStatus::kFailed:
      return "failed";
    case RunStatus::kInterrupted:
      return "interrupted";
  }
  return "";
}

std::string RunToText(const RunRecord& run) {
  Json lessons = Json::array();
  for (const LessonState& state : run.lessons) {
    Json lesson = {{"lesson", state.lesson},
                   {"status", RunStatusName(state.status)},
                   {"blocks", state.blocks}};
    if (state.failure) lesson["failure"] = FailureToJson(*state.failure);
    lessons.push_back(lesson);
  }
  const Json json = {{"format", kFormat},
                     {"id", run.id},
                     {"mode", run.mode},
                     {"command", run.command},
                     {"seed", run.seed},
                     {"started", run.started},
                     {"finished", run.finished ? Json(*run.finished) : Json()},
                     {"status", RunStatusName(run.status)},
                     {"machine", MachineToJson(run.machine)},
                     {"load_before", LoadsToJson(run.load_before)},
                     {"load_after", LoadsToJson(run.load_after)},
                     {"build", BuildToJson(run.build)},
                     {"settings",
                      {{"min_blocks", run.settings.min_blocks},
                       {"max_blocks", run.settings.max_blocks},
                       {"budget_seconds", run.settings.budget_seconds},
                       {"min_time_seconds", run.settings.min_time_seconds},
                       {"half_width", run.settings.half_width},
                       {"threshold", run.settings.threshold},
                       {"lesson_timeout_seconds", run.settings.lesson_timeout_seconds}}},
                     {"lessons", lessons}};
  return ToText(json);
}

absl::StatusOr<RunRecord> ParseRun(const std::string& file_name, std::string_view text) {
  JsonDocument document(file_name);
  const JsonField root = document.Parse(text);
  if (!document.status().ok()) return document.status();
  root.OnlyKeys({"format", "id", "mode", "command", "seed", "started", "finished", "status",
                 "machine", "load_before", "load_after", "build", "settings", "lessons"});
  CheckFormat(root);
  RunRecord run;
  run.id = root["id"].NonEmptyString();
  run.mode = root["mode"].OneOf({"quick", "bench", "lesson"});
  run.command = root["command"].String();
  const JsonField seed = root["seed"];
  if (seed.value().is_number_unsigned()) {
    run.seed = seed.value().get<uint64_t>();
  } else {
    seed.Refuse("must be a whole number, 0 or greater");
  }
  run.started = root["started"].String();
  const JsonField finished = root["finished"];
  if (!finished.IsNull()) run.finished = finished.String();
  run.status = ParseStatus(root["status"]);
  run.machine = ParseMachine(root["machine"]);
  run.load_before = ParseLoads(root["load_before"]);
  run.load_after = ParseLoads(root["load_after"]);
  run.build = ParseBuild(root["build"]);
  run.settings = ParseSettings(root["settings"]);
  std::set<std::string> names;
  for (const JsonField& lesson : root["lessons"].Array()) {
    run.lessons.push_back(ParseLessonState(lesson));
    const std::string& name = run.lessons.back().lesson;
    if (!names.insert(name).second) lesson["lesson"].Refuse("is there twice: \"" + name + "\"");
  }
  if (!document.status().ok()) return document.status();
  return run;
}

Json LessonToJson(const LessonRecord& record) {
  Json variants = Json::array();
  for (const RecordedVariant& variant : record.variants) {
    Json json = {{"name", variant.name}, {"label", variant.label}};
    if (!variant.environment.empty()) json["environment"] = variant.environment;
    variants.push_back(std::move(json));
  }
  Json blocks = Json::array();
  for (const Block& block : record.blocks) {
    Json samples = Json::object();
    for (const auto& [variant, sample] : block.samples) samples[variant] = SampleToJson(sample);
    blocks.push_back({{"order", block.order}, {"samples", samples}});
  }
  Json context = Json::object();
  for (const auto& [key, value] : record.context) context[key] = value;
  Json timelines = Json::object();
  for (const auto& [variant, timeline] : record.timelines) {
    timelines[variant] = TimelineToJson(timeline);
  }
  Json json = {{"format", kFormat},
               {"lesson", record.lesson},
               {"title", record.title},
               {"operation", record.operation},
               {"isolation", record.isolation},
               {"status", RunStatusName(record.status)},
               {"command", record.command}};
  if (!record.build_id.empty()) json["build_id"] = record.build_id;
  json.update(
      {{"context", context},
       {"pair", {{"slow", record.slow}, {"fast", record.fast}, {"control", record.control}}},
       {"variants", variants},
       {"blocks", blocks},
       {"timelines", timelines}});
  if (!record.profiles.empty()) json["profiles"] = record.profiles;
  return json;
}

absl::StatusOr<LessonRecord> ParseLessonRecord(const std::string& file_name,
                                               std::string_view text) {
  JsonDocument document(file_name);
  const JsonField root = document.Parse(text);
  if (!document.status().ok()) return document.status();
  root.OnlyKeys({"format",    "lesson",   "title",    "operation", "isolation", "status",
                 "command",   "context",  "pair",     "variants",  "measures",  "blocks",
                 "summary",   "ratios",   "control",  "claims",    "growth",    "pareto",
                 "timelines", "profiles", "build_id", "survival"});
  CheckFormat(root);
  LessonRecord record;
  record.lesson = root["lesson"].NonEmptyString();
  record.title = root["title"].String();
  record.operation = root["operation"].NonEmptyString();
  record.isolation = root["isolation"].OneOf({"together", "process"});
  record.status = ParseStatus(root["status"]);
  record.command = root["command"].String();
  if (const auto build_id = root.Find("build_id")) record.build_id = build_id->NonEmptyString();
  for (const auto& [key, value] : root["context"].Members()) {
    record.context[key] = value.String();
  }
  const JsonField pair = root["pair"];
  pair.OnlyKeys({"slow", "fast", "control"});
  record.slow = pair["slow"].String();
  record.fast = pair["fast"].String();
  record.control = pair["control"].String();
  std::set<std::string> names = {record.control};
  for (const JsonField& variant : root["variants"].Array(1)) {
    variant.OnlyKeys({"name", "label", "environment"});
    RecordedVariant recorded{variant["name"].NonEmptyString(), variant["label"].String()};
    if (const auto environment = variant.Find("environment")) {
      for (const auto& [name, value] : environment->Members()) {
        recorded.environment[name] = value.String();
      }
    }
    if (!names.insert(recorded.name).second) {
      variant["name"].Refuse("is there twice: \"" + recorded.name + "\"");
    }
    record.variants.push_back(std::move(recorded));
  }
  for (const JsonField& block : root["blocks"].Array()) {
    record.blocks.push_back(ParseBlock(block, names));
  }
  for (const auto& [variant, timeline] : root["timelines"].Members()) {
    record.timelines[variant] = ParseTimeline(timeline);
  }
  if (const auto profiles = root.Find("profiles")) {
    for (const auto& [variant, of_variant] : profiles->Members()) {
      for (const auto& [name, file] : of_variant.Members()) {
        record.profiles[variant][name] = file.NonEmptyString();
        if (file.String().find('/') != std::string::npos)
          file.Refuse("must be a file beside this one");
      }
    }
  }
  if (!document.status().ok()) return document.status();
  return record;
}

namespace {

absl::StatusOr<LessonRecord> ReadLessonRecord(const fs::path& file, const std::string& name) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return text.status();
  absl::StatusOr<LessonRecord> lesson = ParseLessonRecord(file.string(), *text);
  if (lesson.ok() && lesson->lesson != name) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: lesson: must be \"%s\", as the file is named, got \"%s\"",
                        file.string(), name, lesson->lesson));
  }
  return lesson;
}

// Whether a folder is named as RunDir names it: by its time, and a number where there was one of that time already.
bool IsRunName(std::string_view name) {
  constexpr std::string_view kStamp = "0000-00-00-000000";
  constexpr size_t kMostDigits = 6;
  std::string shape(name);
  for (char& c : shape) c = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? '0' : c;
  if (shape == kStamp) return true;
  if (!shape.starts_with(kStamp) || shape[kStamp.size()] != '-') return false;
  const std::string number = shape.substr(kStamp.size() + 1);
  return !number.empty() && number.size() <= kMostDigits &&
         number == std::string(number.size(), '0');
}

// The newest of the runs that are named by their time, as RunDir names them.
std::optional<fs::path> NewestByName(const fs::path& results) {
  // The time, then the number behind it: -10 comes after -9.
  const auto key = [](const std::string& name) {
    constexpr size_t kStamp = std::string_view("YYYY-MM-DD-HHMMSS").size();
    return std::pair(name.substr(0, kStamp),
                     name.size() > kStamp ? std::stoi(name.substr(kStamp + 1)) : 1);
  };
  std::optional<std::string> newest;
  for (const std::string& name : RunNames(results)) {
    if (!IsRunName(name)) continue;
    if (!newest || key(*newest) < key(name)) newest = name;
  }
  if (!newest) return std::nullopt;
  return results / *newest;
}

}  // namespace

absl::StatusOr<RecordedRun> ReadRun(const fs::path& dir) {
  RecordedRun recorded;
  recorded.dir = dir;
  const fs::path run_file = dir / "run.json";
  const absl::StatusOr<std::string> run_text = ReadFile(run_file);
  if (!run_text.ok()) return run_text.status();
  absl::StatusOr<RunRecord> run = ParseRun(run_file.string(), *run_text);
  if (!run.ok()) return run.status();
  recorded.run = *std::move(run);
  for (const LessonState& state : recorded.run.lessons) {
    const fs::path file = dir / (state.lesson + ".json");
    std::error_code error;
    if (state.blocks == 0 && !fs::exists(file, error)) continue;
    absl::StatusOr<LessonRecord> lesson = ReadLessonRecord(file, state.lesson);
    if (lesson.ok()) {
      recorded.lessons.push_back(*std::move(lesson));
    } else {
      recorded.unreadable[state.lesson] = std::string(lesson.status().message());
    }
  }
  return recorded;
}

std::vector<std::string> RunNames(const fs::path& results) {
  std::vector<std::string> names;
  for (const fs::path& entry : EntriesOf(results)) {
    std::error_code error;
    if (fs::is_symlink(entry, error) || !fs::exists(entry / "run.json", error)) continue;
    names.push_back(entry.filename());
  }
  return names;
}

absl::StatusOr<fs::path> FindRun(const fs::path& results, const std::string& typed) {
  std::error_code error;
  const fs::path path = typed;
  if (path.filename() == "latest") {
    const fs::path of = typed == "latest" ? results : path.parent_path();
    if (fs::is_symlink(of / "latest", error) && fs::exists(of / "latest/run.json", error)) {
      return of / "latest";
    }
    if (const std::optional<fs::path> newest = NewestByName(of)) return *newest;
    return absl::NotFoundError(
        absl::StrFormat("%s holds no run yet: measure one with `heapwise bench`", of.string()));
  }
  // A name first: `reference` means the recorded run even where a folder of that name is at hand.
  if (typed.find('/') == std::string::npos && fs::exists(results / typed / "run.json", error)) {
    return results / typed;
  }
  if (fs::exists(path / "run.json", error)) return path;
  const bool directory = fs::is_directory(typed, error) || fs::is_directory(results / typed, error);
  return absl::NotFoundError(
      directory ? absl::StrFormat("%s: is no run: it holds no run.json", typed)
                : absl::StrFormat("no run '%s', neither a directory nor a name under %s", typed,
                                  results.string()));
}

}  // namespace heapwise::runner
