#include "benchmarks/runner/measure/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/format/wording.h"

namespace heapwise::runner {

double ProgressState::Share() const {
  const double whole = elapsed_seconds + left_seconds;
  return whole > 0 ? std::clamp(elapsed_seconds / whole, 0.0, 1.0) : 0;
}

std::string ProgressLine(const ProgressState& state, int width) {
  constexpr int kBar = 20;
  const int filled = static_cast<int>(std::lround(state.Share() * kBar));
  const std::string bar = "[" + std::string(filled, '#') + std::string(kBar - filled, '.') + "] ";
  const std::string where = absl::StrFormat("%d/%d %s, block %d of %d", state.lesson_number,
                                            state.lessons, state.lesson, state.block, state.blocks);
  const std::string time = absl::StrFormat(
      ", %s, about %s left", SecondsWords(state.elapsed_seconds), SecondsWords(state.left_seconds));
  for (const std::string& line : {bar + where + time, where + time, where}) {
    if (DisplayWidth(line) <= width) return line;
  }
  return where.substr(0, std::max(0, width));
}

void Progress::LessonStarts(const ProgressState& state) {
  if (terminal_.is_terminal) {
    Update(state);
  } else {
    out_ << absl::StrFormat("%s: measuring, lesson %d of %d\n", state.lesson, state.lesson_number,
                            state.lessons)
         << std::flush;
  }
}

void Progress::Update(const ProgressState& state) {
  if (!terminal_.is_terminal) return;
  // The last column stays free: some terminals wrap when it is written.
  out_ << "\r" << ProgressLine(state, terminal_.width - 1) << "\033[K" << std::flush;
  drawn_ = true;
}

void Progress::LessonEnds(const std::string& lesson, const std::string& words) {
  if (!terminal_.is_terminal) out_ << lesson << ": " << words << "\n" << std::flush;
}

void Progress::Say(const std::string& line) {
  Clear();
  out_ << line << "\n" << std::flush;
}

void Progress::Clear() {
  if (drawn_) out_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace heapwise::runner
