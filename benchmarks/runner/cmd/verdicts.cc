#include "benchmarks/runner/cmd/verdicts.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/results.h"
#include "benchmarks/runner/judge/analysis.h"
#include "benchmarks/runner/judge/analysis_json.h"
#include "benchmarks/runner/judge/recorded.h"
#include "benchmarks/runner/judge/verdict_table.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

Subcommand VerdictsSubcommand() {
  struct Flags {
    bool json = false;
    PlaceFlags places;
  };
  const auto flags = std::make_shared<Flags>();
  return {{.name = "verdicts",
           .arguments = "[RUN] [--json]",
           .what = "Judges a recorded run's claims again from its raw blocks; RUN is a name under "
                   "results/ or a path (default: latest).",
           .more = "Status: 0, 1 when a lesson was left out because its file is broken or there is "
                   "no such lesson any more, 2 when there is no such run.",
           .example = "heapwise verdicts reference --json",
           .flags = {{"json", &flags->json, kJsonHelp},
                     ResultsFlag(flags->places),
                     RootFlag(flags->places)},
           .most_arguments = 1},
          30,
          [flags](const ParsedArguments& arguments) {
            const absl::StatusOr<Places> places = FindPlaces(flags->places);
            if (!places.ok()) return Refuse(std::string(places.status().message()));
            const std::string typed =
                arguments.positional.empty() ? "latest" : arguments.positional[0];
            const absl::StatusOr<fs::path> run = FindRun(places->results, typed);
            if (!run.ok()) return Refuse(std::string(run.status().message()));
            return RunVerdicts(places->root, *run, flags->json, InspectTerminal(STDOUT_FILENO),
                               std::cout, std::cerr);
          }};
}
const Registered registered_verdicts(VerdictsSubcommand);

}  // namespace

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
    absl::StatusOr<JudgedLesson> judged = JudgeRecorded(root, *record);
    if (!judged.ok()) {
      leave_out(state, std::string(judged.status().message()));
      continue;
    }
    for (const ClaimResult& claim : judged->analysis.claims) {
      array.push_back(ClaimToVerdictJson(claim));
    }
    lessons.push_back({judged->title, state, std::move(judged->analysis)});
    lessons.back().state.blocks = static_cast<int>(record->blocks.size());
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
