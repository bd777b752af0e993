#include "testing/page.h"

#include <fstream>

#include "gtest/gtest.h"

namespace heapwise::test {

std::vector<Shown> ShownCommands(const std::filesystem::path& page) {
  std::ifstream lines(page);
  EXPECT_TRUE(lines) << page << " cannot be read";
  std::vector<Shown> commands;
  bool in_text = false;
  bool below_a_command = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      in_text = line == "```text";
      below_a_command = false;
    } else if (in_text && line.starts_with("$ ")) {
      commands.push_back({line.substr(2), {}});
      below_a_command = true;
    } else if (below_a_command) {
      commands.back().output.push_back(line);
    }
  }
  return commands;
}

}  // namespace heapwise::test
