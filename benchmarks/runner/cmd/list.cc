#include "benchmarks/runner/cmd/list.h"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/lesson_file.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

void PrintLesson(const LessonFile& lesson, const Terminal& terminal, std::ostream& out) {
  out << lesson.name << "  " << lesson.title << "\n";
  const std::string facts =
      absl::StrFormat("%s (%d minutes, %d claim%s)", lesson.pattern, lesson.minutes,
                      lesson.claims.size(), lesson.claims.size() == 1 ? "" : "s");
  for (const std::string& line : Wrap(facts, terminal.width - 4)) out << "    " << line << "\n";
}

Subcommand ListSubcommand() {
  struct Flags {
    bool json = false;
    PlaceFlags places;
  };
  const auto flags = std::make_shared<Flags>();
  return {{.name = "list",
           .arguments = "[--json]",
           .what = "Lists the lessons: number, title, pattern, minutes, claims.",
           .example = "heapwise list",
           .flags = {{"json", &flags->json, kJsonHelp}, RootFlag(flags->places)}},
          10,
          [flags](const ParsedArguments&) {
            const absl::StatusOr<Places> places = FindPlaces(flags->places);
            if (!places.ok()) return Refuse(std::string(places.status().message()));
            return RunList(places->root, flags->json, InspectTerminal(STDOUT_FILENO), std::cout,
                           std::cerr);
          }};
}
const Registered registered_list(ListSubcommand);

}  // namespace

int RunList(const fs::path& root, bool json, const Terminal& terminal, std::ostream& out,
            std::ostream& err) {
  int status = kExitOk;
  Json array = Json::array();
  for (const std::string& name : LessonNames(root)) {
    const absl::StatusOr<LessonFile> lesson = ReadLessonFile(root, name);
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

}  // namespace heapwise::runner
