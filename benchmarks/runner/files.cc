#include "benchmarks/runner/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_format.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

absl::Status SystemError(const fs::path& path, std::string_view what, int error) {
  return absl::UnavailableError(
      absl::StrFormat("%s: %s: %s", path.string(), std::string(what), std::strerror(error)));
}

// A name beside `path` that no other process uses.
fs::path TemporaryBeside(const fs::path& path) {
  return path.parent_path() / absl::StrFormat(".%s.%d.tmp", path.filename().string(), getpid());
}

// 0, or the errno of what failed.
int WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(written);
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "cannot read", errno);
  std::string content;
  char buffer[1 << 16];
  ssize_t n;
  while ((n = read(fd, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
    if (n > 0) content.append(buffer, n);
  }
  const int error = n < 0 ? errno : 0;
  close(fd);
  if (error != 0) return SystemError(path, "cannot read", error);
  return content;
}

absl::Status WriteFile(const fs::path& path, std::string_view content) {
  const fs::path temporary = TemporaryBeside(path);
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return SystemError(path, "cannot write", errno);
  int error = WriteAll(fd, content);
  if (close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return SystemError(path, "cannot write", error);
  }
  return absl::OkStatus();
}

absl::Status ReplaceSymlink(const fs::path& link, const fs::path& target) {
  const fs::path temporary = TemporaryBeside(link);
  struct stat existing;
  if (lstat(link.c_str(), &existing) == 0 && !S_ISLNK(existing.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s: is in the way: it should be a symbolic link", link.string()));
  }
  unlink(temporary.c_str());
  if (symlink(target.c_str(), temporary.c_str()) != 0 ||
      rename(temporary.c_str(), link.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return SystemError(link, "cannot link", error);
  }
  return absl::OkStatus();
}

std::string DisplayPath(const fs::path& path, const fs::path& base) {
  const fs::path relative = path.lexically_relative(base);
  if (relative.empty() || *relative.begin() == "..") return path.string();
  return relative.string();
}

}  // namespace heapwise::runner
