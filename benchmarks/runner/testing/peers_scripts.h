// For tests: a directory with shell scripts in place of the programs of the comparison and of Go.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_TESTING_PEERS_SCRIPTS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_TESTING_PEERS_SCRIPTS_H_

#include <filesystem>
#include <string>

#include "testing/temp_dir.h"

namespace heapwise::runner {

class PeersScripts {
 public:
  const std::filesystem::path& root() const { return dir_.path(); }

  void Write(const std::string& file, const std::string& text) const { dir_.Write(file, text); }

  void Script(const std::string& file, const std::string& commands) const {
    Write(file, "#!/bin/sh\n" + commands + "\n");
    std::filesystem::permissions(root() / file, std::filesystem::perms::owner_all);
  }

  // A Go that "compiles" a program by copying it: what stands in place of a Go source is a script.
  void FakeGo(const std::string& file) const {
    Script(file,
           "if [ \"$1\" = version ]; then echo go version go9.9 test/test; exit; fi\n"
           "if [ \"$GOPROXY$GO111MODULE$GOTOOLCHAIN\" != offofflocal ]; then echo networked; exit "
           "3; fi\n"
           "if grep -q 'syntax error' \"$4\"; then echo \"$4: syntax error\"; exit 1; fi\n"
           "cp \"$4\" \"$3\" && chmod +x \"$3\" && echo built >> \"$3.log\"");
  }

 private:
  test::TempDir dir_;
};

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_TESTING_PEERS_SCRIPTS_H_
