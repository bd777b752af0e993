#ifndef HEAPWISE_TESTING_GO_H_
#define HEAPWISE_TESTING_GO_H_

#include <filesystem>
#include <string>
#include <vector>

namespace heapwise::test {

// PATH, and behind it the bin directories of the Go toolchains that Debian's packages keep apart (/usr/lib/go-1.24/bin),
// the newest first: what a test that needs `go` where there is one runs its programs with.
std::string PathWithGo();

// Of the directories named go-MAJOR.MINOR below `directory`, those that have bin/go: newest first, by number.
std::vector<std::filesystem::path> GoToolchains(const std::filesystem::path& directory);

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_GO_H_
