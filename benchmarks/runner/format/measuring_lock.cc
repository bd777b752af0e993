#include "benchmarks/runner/format/measuring_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

absl::StatusOr<MeasuringLock> MeasuringLock::Take(const fs::path& results) {
  std::error_code error;
  fs::create_directories(results, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot be made: %s", results.string(), error.message()));
  }
  const fs::path file = results / ".lock";
  int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  // Another user's, in a checkout that several share: enough to be locked, not to be written.
  if (fd < 0) fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot write: %s", file.string(), std::strerror(errno)));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return MeasuringLock(fd);
  const int reason = errno;
  close(fd);
  if (reason != EWOULDBLOCK) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot be locked: %s", file.string(), std::strerror(reason)));
  }
  const std::string text = ReadFile(file).value_or("");
  const std::string who(absl::StripAsciiWhitespace(text));
  return absl::FailedPreconditionError(absl::StrFormat(
      "%s: %s is measuring, and two at once would disturb each other; wait until it has ended, or "
      "end it with Ctrl-C where it runs",
      results.string(), who.empty() ? "another process" : who));
}

MeasuringLock::MeasuringLock(MeasuringLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

MeasuringLock::~MeasuringLock() {
  if (fd_ >= 0) close(fd_);
}

void MeasuringLock::Tell(const std::string& what) const {
  const std::string text = absl::StrFormat("process %d (%s)\n", getpid(), what);
  // Where it cannot be written the others are told less.
  [[maybe_unused]] const bool told =
      ftruncate(fd_, 0) == 0 && pwrite(fd_, text.data(), text.size(), 0) >= 0;
}

}  // namespace heapwise::runner
