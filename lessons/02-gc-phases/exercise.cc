// Exercise: how much of the time does the collector stop the world?
//
// A program that is started with GODEBUG=gctrace=1 prints a line for each collection, here as in Go:
//
//   gc 5 @0.125s 17%: 0.010+18+0.003 ms clock, 0.021+11/3.5/7.0+0.007 ms cpu, 39->45->21 MB, ...
//
// After the colon stand the times of three phases: stopped + running + stopped, in milliseconds of
// the clock on the wall. After the @ stands when the collection began, in seconds since the start of
// the program.
//
// As it stands it reads nothing, and what it would make of the times is what the tutorial believes:
// that the whole mark phase stops the world.
//
// Done when `make check LESSON=02` passes:
//   - ParseTraceLine reads the four numbers of any line that Go or this collector prints;
//   - it takes no line for one that is cut off, or that says something else;
//   - StoppedShare is the time stopped, over the time from the start of the program to the end of
//     the last collection.
//
// Hint: std::sscanf can do all of the reading; %n at the end of the format tells whether it came
// that far.
#include <sstream>

#include "lessons/02-gc-phases/lesson.h"

namespace exercise {

std::optional<Phases> ParseTraceLine(const std::string& /*line*/) { return std::nullopt; }

double StoppedShare(std::string_view output) {
  std::istringstream lines{std::string(output)};
  double stopped_ms = 0;
  double end_ms = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::optional<Phases> phases = ParseTraceLine(line);
    if (!phases) continue;
    stopped_ms += phases->stop_ms + phases->running_ms + phases->finish_ms;
    end_ms = phases->start_s * 1000;
  }
  return end_ms == 0 ? 0 : stopped_ms / end_ms;
}

}  // namespace exercise
