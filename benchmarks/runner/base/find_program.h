// Programs by their name, as a shell finds them.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_FIND_PROGRAM_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_FIND_PROGRAM_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heapwise::runner {

// The variable PATH; empty where it is not set.
std::string SearchPath();

// Whether it is a file that this process may execute.
bool IsProgram(const std::filesystem::path& file);

// All programs of that name in the directories of `path`, which are separated by colons, in their order. An empty
// directory, which a shell takes for the current one, is passed over.
std::vector<std::filesystem::path> FindPrograms(std::string_view path, std::string_view name);

// The first of them.
std::optional<std::filesystem::path> FindProgram(std::string_view path, std::string_view name);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_FIND_PROGRAM_H_
