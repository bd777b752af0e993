#include "benchmarks/runner/root.h"

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
  return absl::NotFoundError(
      absl::StrFormat("no directory with lessons/ above %s or %s; name it with --root=DIR",
                      executable.parent_path().string(), current.string()));
}

}  // namespace heapwise::runner
