// heapwise: measures the lessons and judges their claims. `heapwise --help` lists the subcommands (subcommand.h).
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/terminal.h"
#include "benchmarks/runner/cmd/arguments.h"
#include "benchmarks/runner/cmd/subcommand.h"

namespace heapwise::runner {
namespace {

std::string Overview(const std::vector<Subcommand>& subcommands) {
  std::string text =
      "heapwise SUBCOMMAND [FLAG...]: measures the lessons and judges their claims.\n\n";
  for (const Subcommand& subcommand : subcommands) {
    bool first = true;
    for (const std::string& line : Wrap(subcommand.usage.what, 68)) {
      text += absl::StrFormat("  %-9s %s\n", first ? std::string(subcommand.usage.name) : "", line);
      first = false;
    }
  }
  return text +
         "\nheapwise SUBCOMMAND --help tells its flags, heapwise --version how it was built.\n";
}

std::string VersionLine() {
  const BuildFacts build = CompiledBuild();
  return absl::StrFormat("heapwise %s (%s, %s `%s`, Google Benchmark %s, bdwgc %s)\n",
                         HEAPWISE_VERSION, build.compiler, build.build_type, build.flags,
                         build.benchmark, build.bdwgc);
}

int Main(const std::vector<std::string>& words) {
  const std::vector<Subcommand> subcommands = Subcommands();
  std::vector<std::string> names;
  for (const Subcommand& subcommand : subcommands) names.emplace_back(subcommand.usage.name);
  const std::string there_are = "; there are " + absl::StrJoin(names, ", ");
  if (words.empty()) return Refuse("heapwise: which subcommand?" + there_are);
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    std::cout << Overview(subcommands);
    return kExitOk;
  }
  if (words[0] == "--version") {
    std::cout << VersionLine();
    return kExitOk;
  }
  const auto subcommand =
      std::find_if(subcommands.begin(), subcommands.end(),
                   [&](const Subcommand& candidate) { return candidate.usage.name == words[0]; });
  if (subcommand == subcommands.end()) {
    return Refuse("heapwise: unknown subcommand '" + words[0] + "'" + there_are);
  }
  const absl::StatusOr<ParsedArguments> arguments =
      ParseArguments(subcommand->usage, {words.begin() + 1, words.end()});
  if (!arguments.ok()) return Refuse(std::string(arguments.status().message()));
  if (arguments->help) {
    std::cout << HelpText(subcommand->usage);
    return kExitOk;
  }
  return subcommand->run(*arguments);
}

// Standard output that could not be written makes a failure of what was none. Of a pipe that nobody reads any more
// nothing is said.
int CheckOutput(int status) {
  errno = 0;
  std::cout.flush();
  std::fflush(stdout);
  const int error = errno;
  if (std::cout && std::ferror(stdout) == 0) return status;
  pollfd output = {STDOUT_FILENO, 0, 0};
  const bool closed_pipe = poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
  if (!closed_pipe) {
    std::cerr << "heapwise: not all of this could be written to standard output"
              << (error == 0 ? "" : std::string(": ") + std::strerror(error)) << "\n";
  }
  return status == kExitOk ? kExitFailed : status;
}

// A standard stream that this program was started without is opened so that its use fails: else the first file
// that is opened would be taken for it.
void FillStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is the one: those below it are open.
    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace
}  // namespace heapwise::runner

int main(int argc, char** argv) {
  namespace runner = heapwise::runner;
  runner::FillStandardStreams();
  int status = runner::kExitFailed;
  try {
    status = runner::Main(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception& error) {
    std::cerr << "heapwise: " << error.what() << "\n";
  }
  return runner::CheckOutput(status);
}
