#include <cstdio>
#include <sstream>

#include "lessons/02-gc-phases/lesson.h"

namespace exercise {

std::optional<Phases> ParseTraceLine(const std::string& line) {
  Phases phases;
  int end = 0;  // stays 0 unless everything before %n was there
  std::sscanf(line.c_str(), "gc %*d @%lfs %*d%%: %lf+%lf+%lf ms clock,%n", &phases.start_s,
              &phases.stop_ms, &phases.running_ms, &phases.finish_ms, &end);
  if (end == 0) return std::nullopt;
  return phases;
}

double StoppedShare(std::string_view output) {
  std::istringstream lines{std::string(output)};
  double stopped_ms = 0;
  double end_ms = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::optional<Phases> phases = ParseTraceLine(line);
    if (!phases) continue;
    const double stopped_here_ms = phases->stop_ms + phases->finish_ms;
    stopped_ms += stopped_here_ms;
    end_ms = phases->start_s * 1000 + stopped_here_ms + phases->running_ms;
  }
  return end_ms == 0 ? 0 : stopped_ms / end_ms;
}

}  // namespace exercise
