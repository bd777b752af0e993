// The Go toolchain, where there is one, and the Go programs of the comparison. Nothing here touches the
// network: modules are off, and Go's caches lie in a directory that the caller names.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_PEERS_GO_H_
#define HEAPWISE_BENCHMARKS_RUNNER_PEERS_GO_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "benchmarks/runner/process.h"

namespace heapwise::runner {

// Where Debian's golang-1.19-go puts its program, which is not on PATH.
inline constexpr char kDebianGo[] = "/usr/lib/go-1.19/bin/go";

struct GoToolchain {
  std::filesystem::path program;
  std::string version;  // "go1.19.8 linux/amd64"
};

// The first of: `go` in the directories of `path` (as the variable PATH), then `otherwise`. Passed over is
// what does not answer `go version` as Go does.
std::optional<GoToolchain> FindGo(std::string_view path, const std::filesystem::path& otherwise);

// Compiles one Go file to `program`, which lies in `directory`, where Go's caches go too. Does nothing where
// the program is there and newer than its source. An error is one line with the last that the compiler said.
absl::Status BuildGoProgram(const GoToolchain& go, const std::filesystem::path& source,
                            const std::filesystem::path& program,
                            const std::filesystem::path& directory);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_PEERS_GO_H_
