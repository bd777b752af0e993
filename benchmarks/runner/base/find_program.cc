#include "benchmarks/runner/base/find_program.h"

#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "absl/strings/str_split.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

std::string SearchPath() {
  const char* const path = std::getenv("PATH");
  return path == nullptr ? "" : path;
}

bool IsProgram(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

std::vector<fs::path> FindPrograms(std::string_view path, std::string_view name) {
  std::vector<fs::path> found;
  for (const std::string& directory :
       std::vector<std::string>(absl::StrSplit(std::string(path), ':', absl::SkipEmpty()))) {
    const fs::path candidate = fs::path(directory) / name;
    if (IsProgram(candidate)) found.push_back(candidate);
  }
  return found;
}

std::optional<fs::path> FindProgram(std::string_view path, std::string_view name) {
  const std::vector<fs::path> all = FindPrograms(path, name);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

}  // namespace heapwise::runner
