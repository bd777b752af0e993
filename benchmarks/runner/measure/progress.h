// How far a run is: on a terminal one line that is drawn again and again, elsewhere a plain line at the
// start and the end of each lesson.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_MEASURE_PROGRESS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_MEASURE_PROGRESS_H_

#include <ostream>
#include <string>

#include "benchmarks/runner/base/terminal.h"

namespace heapwise::runner {

struct ProgressState {
  std::string lesson;
  int lesson_number = 0;  // from 1
  int lessons = 0;
  int block = 0;   // measured so far
  int blocks = 0;  // as planned now
  double elapsed_seconds = 0;
  double left_seconds = 0;  // an estimate

  // The share of the whole run that is done, for the bar: time gone of all time.
  double Share() const;
};

// The line for a terminal of this width, without a newline; never longer than the width.
std::string ProgressLine(const ProgressState& state, int width);

class Progress {
 public:
  Progress(std::ostream& out, const Terminal& terminal) : out_(out), terminal_(terminal) {}
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void LessonStarts(const ProgressState& state);
  void Update(const ProgressState& state);
  // `words` tells how it went: "14 blocks in 17 s".
  void LessonEnds(const std::string& lesson, const std::string& words);
  // A line of text that stays, terminal or not.
  void Say(const std::string& line);
  void Clear();

 private:
  std::ostream& out_;
  const Terminal terminal_;
  bool drawn_ = false;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_MEASURE_PROGRESS_H_
