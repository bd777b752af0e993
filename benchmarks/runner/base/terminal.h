// What a terminal can show, and the text that is fitted to it.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_TERMINAL_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_TERMINAL_H_

#include <string>
#include <string_view>
#include <vector>

namespace heapwise::runner {

struct Terminal {
  bool is_terminal = false;  // one that obeys escape sequences, so that a line can be drawn again
  int width = 80;            // columns
  bool colour = false;       // a terminal, and NO_COLOR is not set (https://no-color.org)
};

// What the descriptor is connected to. Not a terminal: 80 columns, no colour. One that TERM calls dumb, or does
// not name, has its width, but gets no escape sequences.
Terminal InspectTerminal(int fd);

// Columns that UTF-8 text takes: its characters, none of ours being wide.
int DisplayWidth(std::string_view text);

// Text broken at spaces into lines of at most `width` columns; a longer word gets a line of its own.
std::vector<std::string> Wrap(std::string_view text, int width);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_TERMINAL_H_
