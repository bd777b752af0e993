#include "benchmarks/runner/judge/verdict_table.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/stats/constants.h"

namespace heapwise::runner {
namespace {

constexpr int kWidest = 120;
constexpr int kNarrowest = 60;
constexpr int kIndent = 2;
constexpr int kGap = 2;
constexpr int kVerdictWidth = 16;  // "~ too noisy here"
constexpr int kOutputLines = 5;    // of a failed lesson's output

constexpr char kBold[] = "\033[1m";
constexpr char kGreen[] = "\033[32m";
constexpr char kRed[] = "\033[31m";
constexpr char kYellow[] = "\033[33m";
constexpr char kReset[] = "\033[0m";

struct Look {
  const char* symbol;
  const char* colour;
};

Look LookOf(stats::Verdict verdict) {
  switch (verdict) {
    case stats::Verdict::kShown:
      return {"✓", kGreen};
    case stats::Verdict::kContradicted:
      return {"✗", kRed};
    case stats::Verdict::kTooNoisy:
      return {"~", kYellow};
  }
  return {"", ""};
}

class Table {
 public:
  Table(const std::vector<LessonVerdicts>& lessons, const Terminal& terminal)
      : colour_(terminal.colour), width_(std::clamp(terminal.width, kNarrowest, kWidest)) {
    for (const LessonVerdicts& lesson : lessons) {
      for (const ClaimResult& claim : lesson.analysis.claims) {
        number_width_ = std::max(number_width_, DisplayWidth(claim.number));
      }
    }
    // However long a number is, the claim keeps the greater part.
    number_width_ = std::min(number_width_, (width_ - kVerdictWidth) * 2 / 5);
    claim_width_ = width_ - kIndent - 2 * kGap - number_width_ - kVerdictWidth;
  }

  void Add(const LessonVerdicts& lesson) {
    if (!text_.empty()) text_ += "\n";
    const int blocks = lesson.state.blocks;
    text_ += Coloured(kBold, lesson.state.lesson) +
             (lesson.title.empty() ? "" : "  " + lesson.title) +
             absl::StrFormat(" (%d block%s)\n", blocks, blocks == 1 ? "" : "s");
    const int too_few = static_cast<int>(stats::kMinBlocksForInterval) - 1;
    const size_t claims = lesson.analysis.claims.size();
    if (blocks > too_few || claims == 0) {
      for (const ClaimResult& claim : lesson.analysis.claims) AddClaim(claim);
    } else {
      AddNote(
          absl::StrFormat("~ too noisy here: %d claim%s, for want of blocks (a verdict needs %d)",
                          claims, claims == 1 ? "" : "s", too_few + 1));
    }
    if (lesson.analysis.control) AddNote(lesson.analysis.control->words);
    AddEnd(lesson.state);
  }

  const std::string& text() const { return text_; }

 private:
  void AddClaim(const ClaimResult& claim) {
    const Look look = LookOf(claim.verdict);
    const std::vector<std::string> words = Wrap(claim.says, claim_width_);
    const std::vector<std::string> number = Wrap(claim.number, number_width_);
    std::vector<std::string> verdict = {std::string(look.symbol) + " " +
                                        stats::ToString(claim.verdict)};
    if (!claim.trusted) verdict.push_back("  (untrusted)");
    for (size_t i = 0; i < std::max({words.size(), number.size(), verdict.size()}); ++i) {
      std::string row(kIndent, ' ');
      Append(row, i < words.size() ? words[i] : "", claim_width_ + kGap);
      Append(row, i < number.size() ? number[i] : "", number_width_ + kGap);
      if (i < verdict.size()) {
        row += Coloured(look.colour, verdict[i]);
      } else {
        row.erase(row.find_last_not_of(' ') + 1);
      }
      text_ += row + "\n";
    }
    // The claim itself does not say how it came out.
    if (claim.verdict == stats::Verdict::kContradicted) AddNote("> " + claim.finding, 2 * kIndent);
    if (!claim.interval) AddNote("> " + claim.detail, 2 * kIndent);
  }

  void AddEnd(const LessonState& state) {
    if (state.status == RunStatus::kInterrupted) {
      AddNote(state.blocks == 0 ? "Not measured: interrupted before its first block."
                                : "Interrupted: these are the blocks measured until then.");
    }
    if (state.status == RunStatus::kRunning) {
      AddNote(state.blocks == 0 ? "Not measured: its run has not come to it, or was ended before."
                                : "Its run has not ended, or was ended from outside: these are the "
                                  "blocks measured until then.");
    }
    if (!state.failure) return;
    const Failure& failure = *state.failure;
    AddNote(absl::StrFormat("Failed in block %d%s: %s", failure.block,
                            failure.variant ? " (" + *failure.variant + ")" : "", failure.reason));
    std::vector<std::string> lines = absl::StrSplit(failure.output, '\n', absl::SkipEmpty());
    if (lines.size() > kOutputLines) lines.erase(lines.begin(), lines.end() - kOutputLines);
    if (!lines.empty()) AddNote("The last that it printed:");
    for (const std::string& line : lines)
      text_ += std::string(2 * kIndent, ' ') + "| " + line + "\n";
  }

  void AddNote(const std::string& note, int indent = kIndent) {
    for (const std::string& line : Wrap(note, width_ - indent)) {
      text_ += std::string(indent, ' ') + line + "\n";
    }
  }

  static void Append(std::string& row, const std::string& cell, int width) {
    row += cell + std::string(std::max(0, width - DisplayWidth(cell)), ' ');
  }

  std::string Coloured(const char* colour, const std::string& text) const {
    return colour_ ? colour + text + kReset : text;
  }

  bool colour_;
  int width_;
  int number_width_ = 0;
  int claim_width_;
  std::string text_;
};

}  // namespace

std::string VerdictTable(const std::vector<LessonVerdicts>& lessons, const Terminal& terminal) {
  Table table(lessons, terminal);
  for (const LessonVerdicts& lesson : lessons) table.Add(lesson);
  return table.text();
}

}  // namespace heapwise::runner
