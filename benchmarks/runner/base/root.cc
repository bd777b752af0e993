#include "benchmarks/runner/base/root.h"

#include <string>
#include <system_error>

#include "absl/strings/str_format.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

fs::path ExecutablePath() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

absl::StatusOr<fs::path> FindRoot(const fs::path& executable, const fs::path& current) {
  for (const fs::path& start : {executable, current}) {
    for (fs::path dir = start; !dir.empty(); dir = dir.parent_path()) {
      std::error_code error;
      if (fs::is_directory(dir / "lessons", error)) return dir;
      if (dir == dir.parent_path()) break;
    }
  }
  std::string searched;
  for (const fs::path& start : {executable.parent_path(), current}) {
    if (start.empty()) continue;
    searched += (searched.empty() ? " above " : " or ") + start.string();
  }
  return absl::NotFoundError(
      absl::StrFormat("no directory with lessons/%s; name it with --root=DIR", searched));
}

}  // namespace heapwise::runner
