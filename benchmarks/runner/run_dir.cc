#include "benchmarks/runner/run_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/files.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

absl::StatusOr<RunDir> RunDir::Create(const fs::path& results, absl::Time now) {
  std::error_code error;
  fs::create_directories(results, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot be made: %s", results.string(), error.message()));
  }
  const std::string stamp = absl::FormatTime("%Y-%m-%d-%H%M%S", now, absl::UTCTimeZone());
  for (int attempt = 1;; ++attempt) {
    const fs::path path =
        results / (attempt == 1 ? stamp : absl::StrFormat("%s-%d", stamp, attempt));
    if (fs::create_directory(path, error)) return Open(path);
    if (error) {
      return absl::UnavailableError(
          absl::StrFormat("%s: cannot be made: %s", path.string(), error.message()));
    }
  }
}

absl::StatusOr<RunDir> RunDir::Open(const fs::path& dir) {
  const int lock = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot be opened: %s", dir.string(), std::strerror(errno)));
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(lock);
    if (error == EWOULDBLOCK) {
      return absl::FailedPreconditionError(
          absl::StrFormat("%s: is still being measured by another process", dir.string()));
    }
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot be locked: %s", dir.string(), std::strerror(error)));
  }
  return RunDir(dir, lock);
}

RunDir::RunDir(RunDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunDir::~RunDir() {
  if (lock_ >= 0) close(lock_);
}

absl::Status RunDir::Write(const std::string& name, std::string_view content) const {
  return WriteFile(path_ / name, content);
}

absl::Status RunDir::MakeLatest() const {
  return ReplaceSymlink(path_.parent_path() / "latest", path_.filename());
}

}  // namespace heapwise::runner
