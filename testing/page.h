// What a Markdown page says, so that a test can try it.
#ifndef HEAPWISE_TESTING_PAGE_H_
#define HEAPWISE_TESTING_PAGE_H_

#include <filesystem>
#include <string>
#include <vector>

namespace heapwise::test {

struct Shown {
  std::string command;
  std::vector<std::string> output;  // the lines below it, up to the next command or the block's end
};

// The commands that the page shows, each a line after "$ " in a block fenced as text. Fails the calling test where the
// page cannot be read.
std::vector<Shown> ShownCommands(const std::filesystem::path& page);

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_PAGE_H_
