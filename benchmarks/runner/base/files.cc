#include "benchmarks/runner/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

absl::Status SystemError(const fs::path& path, std::string_view what, int error) {
  return absl::UnavailableError(
      absl::StrFormat("%s: %s: %s", path.string(), std::string(what), std::strerror(error)));
}

// Makes something under a name beside `path` that nothing has yet: `make` is called with one name after the
// other until it does not find its own taken. The process's number alone would not do: containers that share a
// directory have the same ones. Sets `name`; returns what `make` did, errno as it left it.
template <class Make>
int MakeBeside(const fs::path& path, const Make& make, fs::path& name) {
  for (int attempt = 0;; ++attempt) {
    name = path.parent_path() /
           absl::StrFormat(".%s.%d.%d.tmp", path.filename().string(), getpid(), attempt);
    const int made = make(name.c_str());
    if (made >= 0 || errno != EEXIST) return made;
  }
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
  fs::path temporary;
  const int fd = MakeBeside(
      path,
      [](const char* name) { return open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); },
      temporary);
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
  struct stat existing;
  if (lstat(link.c_str(), &existing) == 0 && !S_ISLNK(existing.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%s: is in the way: it should be a symbolic link", link.string()));
  }
  fs::path temporary;
  const int made = MakeBeside(
      link, [&](const char* name) { return symlink(target.c_str(), name); }, temporary);
  if (made < 0) return SystemError(link, "cannot link", errno);
  if (rename(temporary.c_str(), link.c_str()) != 0) {
    const int error = errno;
    unlink(temporary.c_str());
    return SystemError(link, "cannot link", error);
  }
  return absl::OkStatus();
}

std::vector<fs::path> EntriesOf(const fs::path& dir) {
  std::vector<fs::path> entries;
  std::error_code error;
  // Not a range's loop, whose step may throw.
  for (fs::directory_iterator at(dir, error), end; !error && at != end; at.increment(error)) {
    entries.push_back(at->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

fs::path CurrentDirectory() {
  std::error_code error;
  return fs::current_path(error);
}

std::string DisplayPath(const fs::path& path, const fs::path& base) {
  const fs::path relative = path.lexically_relative(base);
  if (relative.empty() || *relative.begin() == "..") return path.string();
  return relative.string();
}

std::string ShellWord(std::string_view word) {
  // What Python's shlex.quote leaves alone, less what only some shells do.
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || std::strchr("_@%+=:,./-", c) != nullptr;
  });
  if (plain) return std::string(word);
  const std::string text(word);
  return "'" + absl::StrReplaceAll(text, {{"'", "'\\''"}}) + "'";
}

}  // namespace heapwise::runner
