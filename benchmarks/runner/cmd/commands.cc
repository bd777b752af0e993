#include "benchmarks/runner/cmd/commands.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/format/lesson.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/verdict_table.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

void PrintLesson(const Lesson& lesson, const Terminal& terminal, std::ostream& out) {
  out << lesson.name << "  " << lesson.title << "\n";
  const std::string facts =
      absl::StrFormat("%s (%d minutes, %d claim%s)", lesson.pattern, lesson.minutes,
                      lesson.claims.size(), lesson.claims.size() == 1 ? "" : "s");
  for (const std::string& line : Wrap(facts, terminal.width - 4)) out << "    " << line << "\n";
}

// A recorded lesson judged by what its lesson.json says now.
absl::StatusOr<LessonVerdicts> JudgeAgain(const fs::path& root, const LessonRecord& record,
                                          const LessonState& state) {
  const absl::StatusOr<Lesson> lesson = ReadLesson(root, record.lesson);
  if (!lesson.ok()) return lesson.status();
  std::vector<std::string> measured;
  for (const RecordedVariant& variant : record.variants) measured.push_back(variant.name);
  LessonVerdicts verdicts;
  verdicts.title = lesson->title;
  verdicts.state = state;
  verdicts.state.blocks = static_cast<int>(record.blocks.size());
  verdicts.analysis = Analyze(OnlyVariants(*lesson, measured), record.blocks);
  return verdicts;
}

}  // namespace

int RunList(const fs::path& root, bool json, const Terminal& terminal, std::ostream& out,
            std::ostream& err) {
  int status = kExitOk;
  Json array = Json::array();
  for (const std::string& name : LessonNames(root)) {
    const absl::StatusOr<Lesson> lesson = ReadLesson(root, name);
    if (!lesson.ok()) {
      err << lesson.status().message() << "\n";
      status = kExitUsage;
      continue;
    }
    if (json) {
      array.push_back({{"lesson", lesson->name},
                       {"title", lesson->title},
                       {"pattern", lesson->pattern},
                       {"minutes", lesson->minutes},
                       {"claims", lesson->claims.size()}});
    } else {
      PrintLesson(*lesson, terminal, out);
    }
  }
  if (json) out << ToText(array);
  return status;
}

int RunVerdicts(const fs::path& root, const fs::path& run, bool json, const Terminal& terminal,
                std::ostream& out, std::ostream& err) {
  const absl::StatusOr<RecordedRun> recorded = ReadRun(run);
  if (!recorded.ok()) {
    err << recorded.status().message() << "\n";
    return kExitUsage;
  }
  int status = kExitOk;
  Json array = Json::array();
  std::vector<LessonVerdicts> lessons;
  const auto leave_out = [&](const LessonState& state, const std::string& why) {
    err << "left out: " << state.lesson << ": " << why << "\n";
    status = kExitFailed;
  };
  bool measured = false;
  for (const LessonState& state : recorded->run.lessons) {
    if (const auto why = recorded->unreadable.find(state.lesson);
        why != recorded->unreadable.end()) {
      leave_out(state, why->second);
      continue;
    }
    const auto record =
        std::find_if(recorded->lessons.begin(), recorded->lessons.end(),
                     [&](const LessonRecord& one) { return one.lesson == state.lesson; });
    if (record == recorded->lessons.end()) {
      lessons.push_back({"", state, {}});
      continue;
    }
    measured = measured || !record->blocks.empty();
    absl::StatusOr<LessonVerdicts> verdicts = JudgeAgain(root, *record, state);
    if (!verdicts.ok()) {
      leave_out(state, std::string(verdicts.status().message()));
      continue;
    }
    for (const ClaimResult& claim : verdicts->analysis.claims) {
      array.push_back(ClaimToVerdictJson(claim));
    }
    lessons.push_back(*std::move(verdicts));
  }
  if (!measured && recorded->unreadable.empty()) {
    err << run.string() << ": nothing was measured in this run\n";
  }
  if (json) {
    out << ToText(array);
  } else {
    out << VerdictTable(lessons, terminal);
  }
  return status;
}

}  // namespace heapwise::runner
