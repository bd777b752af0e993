// Programs that a test runs: without a shell, so that no path needs quoting, or with one for what a page shows.
#ifndef HEAPWISE_TESTING_RUN_H_
#define HEAPWISE_TESTING_RUN_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace heapwise::test {

struct Ran {
  int status = -1;     // exit status, or 128 + the number of the signal that ended it
  std::string output;  // standard output and standard error as they came
};

struct RunOptions {
  std::filesystem::path directory{};                 // to run in; the test's own where empty
  std::map<std::string, std::string> environment{};  // set for the program, over the test's own
  // Standard output goes to this file instead, such as /dev/full
  std::filesystem::path output_to{};
};

// Runs argv[0], searched in PATH where it has no slash, to its end with an empty standard input. Fails the calling
// test and returns status -1 where it cannot be started. Any thread.
Ran Execute(const std::vector<std::string>& argv, const RunOptions& options = {});

// The same for a line of shell, as it stands on a page.
Ran Shell(const std::string& script, const RunOptions& options = {});

// The directory that the running test was built in (it holds bin/ and test/), and the source tree around it.
std::filesystem::path BuildDirectory();
std::filesystem::path SourceRoot();

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_RUN_H_
