#include "benchmarks/runner/base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_split.h"

namespace heapwise::runner {

Terminal InspectTerminal(int fd) {
  Terminal terminal;
  if (isatty(fd) != 1) return terminal;
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  const char* const term = std::getenv("TERM");
  const std::string_view kind = term == nullptr ? "" : term;
  terminal.is_terminal = !kind.empty() && kind != "dumb";
  const char* const no_color = std::getenv("NO_COLOR");
  terminal.colour = terminal.is_terminal && (no_color == nullptr || *no_color == '\0');
  return terminal;
}

int DisplayWidth(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](unsigned char c) {
    return (c & 0xC0) != 0x80;  // not a continuation byte
  }));
}

std::vector<std::string> Wrap(std::string_view text, int width) {
  std::vector<std::string> lines;
  for (const absl::string_view piece : absl::StrSplit(std::string(text), ' ', absl::SkipEmpty())) {
    const std::string word(piece);
    if (lines.empty() || DisplayWidth(lines.back()) + 1 + DisplayWidth(word) > width) {
      lines.push_back(word);
    } else {
      lines.back() += " " + word;
    }
  }
  return lines;
}

}  // namespace heapwise::runner
