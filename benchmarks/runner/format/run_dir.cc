#include "benchmarks/runner/format/run_dir.h"

#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

absl::StatusOr<RunDir> RunDir::Create(const fs::path& results, absl::Time now) {
  absl::StatusOr<MeasuringLock> lock = MeasuringLock::Take(results);
  if (!lock.ok()) return lock.status();
  std::error_code error;
  const std::string stamp = absl::FormatTime("%Y-%m-%d-%H%M%S", now, absl::UTCTimeZone());
  for (int attempt = 1;; ++attempt) {
    const fs::path path =
        results / (attempt == 1 ? stamp : absl::StrFormat("%s-%d", stamp, attempt));
    if (fs::create_directory(path, error)) return RunDir(path, *std::move(lock));
    if (error) {
      return absl::UnavailableError(
          absl::StrFormat("%s: cannot be made: %s", path.string(), error.message()));
    }
  }
}

absl::StatusOr<RunDir> RunDir::Open(const fs::path& dir) {
  absl::StatusOr<MeasuringLock> lock = MeasuringLock::Take(dir.parent_path());
  if (!lock.ok()) return lock.status();
  return RunDir(dir, *std::move(lock));
}

RunDir::RunDir(fs::path path, MeasuringLock lock) : path_(std::move(path)), lock_(std::move(lock)) {
  lock_.Tell("run " + id());
}

absl::Status RunDir::Write(const std::string& name, std::string_view content) const {
  return WriteFile(path_ / name, content);
}

absl::Status RunDir::MakeLatest() const {
  const fs::path link = path_.parent_path() / "latest";
  const absl::Status linked = ReplaceSymlink(link, path_.filename());
  if (linked.ok() || absl::IsFailedPrecondition(linked)) return linked;
  std::error_code error;
  fs::remove(link, error);
  return error ? linked : absl::OkStatus();
}

}  // namespace heapwise::runner
