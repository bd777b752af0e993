#include "benchmarks/runner/judge/verdict_table.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/text_table.h"
#include "benchmarks/stats/constants.h"

namespace heapwise::runner {
namespace {

constexpr int kWidest = 120;
constexpr int kNarrowest = 60;
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

class VerdictText {
 public:
  VerdictText(const std::vector<LessonVerdicts>& lessons, const Terminal& terminal)
      : colour_(terminal.colour), width_(std::clamp(terminal.width, kNarrowest, kWidest)) {
    for (const LessonVerdicts& lesson : lessons) {
      for (const ClaimResult& claim : lesson.analysis.claims) {
        number_width_ = std::max(number_width_, DisplayWidth(claim.number));
      }
    }
    // However long a number is, the claim keeps the greater part.
    number_width_ = std::min(number_width_, (width_ - kVerdictWidth) * 2 / 5);
    claim_width_ = width_ - kTableIndent - 2 * kTableGap - number_width_ - kVerdictWidth;
  }

  void Add(const LessonVerdicts& lesson) {
    if (!text_.empty()) text_ += "\n";
    const int blocks = lesson.state.blocks;
    text_ += (colour_ ? kBold + lesson.state.lesson + kReset : lesson.state.lesson) +
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
    std::string verdict = std::string(look.symbol) + " " + stats::ToString(claim.verdict);
    if (!claim.trusted) verdict += "\n  (untrusted)";
    TextTable row(kTableIndent, kTableGap,
                  {{claim_width_, claim_width_}, {number_width_, number_width_}});
    row.Add({claim.says, claim.number, {verdict, colour_ ? look.colour : ""}});
    text_ += row.Text();
    // The claim itself does not say how it came out.
    if (claim.verdict == stats::Verdict::kContradicted)
      AddNote("> " + claim.finding, 2 * kTableIndent);
    if (!claim.interval) AddNote("> " + claim.detail, 2 * kTableIndent);
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
      text_ += std::string(2 * kTableIndent, ' ') + "| " + line + "\n";
  }

  void AddNote(const std::string& note, int indent = kTableIndent) {
    for (const std::string& line : Wrap(note, width_ - indent)) {
      text_ += std::string(indent, ' ') + line + "\n";
    }
  }

  bool colour_;
  int width_;
  int number_width_ = 0;
  int claim_width_;
  std::string text_;
};

}  // namespace

std::string VerdictTable(const std::vector<LessonVerdicts>& lessons, const Terminal& terminal) {
  VerdictText table(lessons, terminal);
  for (const LessonVerdicts& lesson : lessons) table.Add(lesson);
  return table.text();
}

}  // namespace heapwise::runner
