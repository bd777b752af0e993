#ifndef HEAPWISE_TESTING_GO_H_
#define HEAPWISE_TESTING_GO_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace heapwise::test {

// PATH, and behind it the bin directories of the Go toolchains that Debian's packages keep apart (/usr/lib/go-1.24/bin),
// the newest first: what a test that needs `go` where there is one runs its programs with.
std::string PathWithGo();

// A Go toolchain and the numbers of its version: go1.27.4 is 1, 27, 4. A release candidate counts as its release.
struct Go {
  std::filesystem::path program;
  std::vector<int> version;
};

// The newest by number, so that what is held against Go is held against the Go of today: of `go` in the directories of
// `path` (as the variable PATH) and of what lies below `root` as Debian's packages (usr/lib/go-1.24/bin) and Go's own
// archive (usr/local/go/bin) put it. Of two with the same version the first.
std::optional<Go> NewestGo(const std::string& path, const std::filesystem::path& root);

// The same for the test's own PATH and the root of the file system.
std::optional<Go> NewestGo();

// Compiles a Go file without modules and without the network and returns the program, which lies in `directory`, where
// Go's caches are kept too; its name has Go's version. Does nothing where it is there and newer than its source. Empty,
// and a failure of the calling test, where Go refuses. Several processes may call it at a time.
std::filesystem::path BuildGo(const Go& go, const std::filesystem::path& source,
                              const std::filesystem::path& directory);

// Of the directories named go-MAJOR.MINOR below `directory`, those that have bin/go: newest first, by number.
std::vector<std::filesystem::path> GoToolchains(const std::filesystem::path& directory);

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_GO_H_
