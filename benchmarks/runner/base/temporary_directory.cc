#include "benchmarks/runner/base/temporary_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace heapwise::runner {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory(fs::path path) : path_(std::move(path)) {}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, fs::path())) {}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

absl::StatusOr<TemporaryDirectory> TemporaryDirectory::Make() {
  const char* const parent = getenv("TMPDIR");
  std::string name =
      (fs::path(parent == nullptr || *parent == '\0' ? "/tmp" : parent) / "heapwise_XXXXXX")
          .string();
  if (mkdtemp(name.data()) == nullptr) {
    return absl::UnavailableError(
        absl::StrFormat("%s: cannot make a temporary directory: %s", name, std::strerror(errno)));
  }
  return TemporaryDirectory(name);
}

}  // namespace heapwise::runner
