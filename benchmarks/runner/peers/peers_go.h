// The Go toolchain, where there is one, and the Go programs of the comparison. Nothing here touches the
// network: modules are off, and Go's caches lie in a directory that the caller names.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_GO_H_
#define HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_GO_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/runner/base/process.h"

namespace heapwise::runner {

struct GoToolchain {
  std::filesystem::path program;
  std::string version;  // "go1.19.8 linux/amd64"

  // Whether it is of the versions that the pages speak of. An older one compiles the programs too.
  bool IsCurrent() const;
};

// The newest version that there is: `go` in the directories of `path` (as the variable PATH), and, below `root`,
// where Debian's versioned packages (usr/lib/go-*/bin) and Go's own archive (usr/local/go/bin) put it, which need
// not be on PATH. Of two with the same version the first in this order. Passed over is what does not answer `go
// version` as Go does.
std::optional<GoToolchain> FindGo(std::string_view path, const std::filesystem::path& root = "/");

// Compiles one Go file to `program`, which lies in `directory`, where Go's caches go too. Does nothing where
// the program is there, newer than its source, and was compiled by this version of Go. An error is one line with the
// last that the compiler said.
absl::Status BuildGoProgram(const GoToolchain& go, const std::filesystem::path& source,
                            const std::filesystem::path& program,
                            const std::filesystem::path& directory);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_GO_H_
