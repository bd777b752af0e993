#include "testing/go.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <system_error>
#include <utility>

#include "gtest/gtest.h"
#include "testing/run.h"

namespace heapwise::test {

namespace fs = std::filesystem;

namespace {

// What `go env GOVERSION` prints, as numbers; empty for what is no Go.
std::vector<int> VersionOf(const fs::path& program) {
  const Ran ran = Execute({program.string(), "env", "GOVERSION"},
                          {.environment = {{"GOTOOLCHAIN", "local"}, {"GOTELEMETRY", "off"}}});
  std::vector<int> version;
  if (ran.status != 0 || !ran.output.starts_with("go1")) return version;
  const char* at = ran.output.c_str() + 2;
  while (std::isdigit(static_cast<unsigned char>(*at)) != 0) {
    char* end;
    version.push_back(static_cast<int>(std::strtol(at, &end, 10)));
    at = *end == '.' ? end + 1 : end;
    if (*end != '.') break;
  }
  return version;
}

bool IsProgram(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::vector<fs::path> GoToolchains(const fs::path& directory) {
  std::vector<std::pair<std::pair<int, int>, fs::path>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    std::pair<int, int> version;
    char more = 0;
    if (std::sscanf(entry.path().filename().c_str(), "go-%d.%d%c", &version.first, &version.second,
                    &more) == 2 &&
        fs::exists(entry.path() / "bin/go", error)) {
      found.emplace_back(version, entry.path());
    }
  }
  std::sort(found.begin(), found.end(), std::greater<>());
  std::vector<fs::path> toolchains;
  for (auto& [version, path] : found) toolchains.push_back(std::move(path));
  return toolchains;
}

std::optional<Go> NewestGo(const std::string& path, const fs::path& root) {
  std::vector<fs::path> candidates;
  std::istringstream directories(path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    if (!directory.empty()) candidates.push_back(fs::path(directory) / "go");
  }
  for (const fs::path& toolchain : GoToolchains(root / "usr/lib")) {
    candidates.push_back(toolchain / "bin/go");
  }
  candidates.push_back(root / "usr/local/go/bin/go");
  std::optional<Go> newest;
  for (const fs::path& candidate : candidates) {
    if (!IsProgram(candidate)) continue;
    const Go go{candidate, VersionOf(candidate)};
    if (!go.version.empty() && (!newest || newest->version < go.version)) newest = go;
  }
  return newest;
}

std::optional<Go> NewestGo() {
  const char* const path = std::getenv("PATH");
  return NewestGo(path == nullptr ? "" : path, "/");
}

fs::path BuildGo(const Go& go, const fs::path& source, const fs::path& directory) {
  std::string name = source.stem().string() + "-go";
  for (size_t i = 0; i < go.version.size(); ++i) {
    name += (i == 0 ? "" : ".") + std::to_string(go.version[i]);
  }
  fs::path program = directory / name;
  std::error_code error;
  const fs::file_time_type built = fs::last_write_time(program, error);
  if (!error && built > fs::last_write_time(source)) return program;
  fs::create_directories(directory);
  // Under a name of its own until it is whole: another process may build it now.
  const fs::path own = directory / (name + "." + std::to_string(getpid()));
  const Ran ran = Execute({go.program.string(), "build", "-o", own.string(), source.string()},
                          {.environment = {{"GOFLAGS", "-mod=mod"},
                                           {"GO111MODULE", "off"},
                                           {"GOTOOLCHAIN", "local"},
                                           {"GOTELEMETRY", "off"},
                                           {"GOPROXY", "off"},
                                           {"CGO_ENABLED", "0"},
                                           {"GOCACHE", (directory / "cache").string()},
                                           {"GOPATH", (directory / "path").string()}}});
  if (ran.status != 0) {
    ADD_FAILURE() << go.program << " build " << source << ": " << ran.output;
    return {};
  }
  fs::rename(own, program);
  return program;
}

std::string PathWithGo() {
  const char* const before = std::getenv("PATH");
  std::string path = before == nullptr ? "/usr/bin:/bin" : before;
  for (const fs::path& go : GoToolchains("/usr/lib")) path += ":" + (go / "bin").string();
  return path;
}

}  // namespace heapwise::test
