// Lesson 02: the phases of a collection. The service of workload.h is started twice: with a
// collector that marks while the world is stopped, and with one that marks in steps.
#ifndef HEAPWISE_LESSONS_02_GC_PHASES_LESSON_H_
#define HEAPWISE_LESSONS_02_GC_PHASES_LESSON_H_

#include <optional>
#include <string>
#include <string_view>

#include "lessons/02-gc-phases/workload.h"

// Each loads a catalogue of that many MiB, a power of two.
namespace slow {  // marks with the world stopped
void StartService(int catalogue_mib);
}
namespace fast {  // marks in steps: incremental and generational, for the rest of the process
void StartService(int catalogue_mib);
}

// The exercise: read the collector's trace.
namespace exercise {

// What one line of a trace says about the phases of its collection:
//   gc 5 @0.125s 17%: 0.010+18+0.003 ms clock, ...
struct Phases {
  double start_s;     // 0.125: seconds from the start of the program to that of the collection
  double stop_ms;     // 0.010: the world stopped (Go: sweep termination)
  double running_ms;  // 18:    marking while the program runs
  double finish_ms;   // 0.003: the world stopped again (Go: mark termination)
};

// The phases of one line, without its newline. Nothing where the line is no complete line of a
// trace.
std::optional<Phases> ParseTraceLine(const std::string& line);

// The share of the time, from the start of the program to the end of its last collection, in which
// the world was stopped: from 0 to 1. `output` is what the program printed, one trace line for each
// collection and perhaps other lines between. 0 where there was no collection.
double StoppedShare(std::string_view output);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_02_GC_PHASES_LESSON_H_
