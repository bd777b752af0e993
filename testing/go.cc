#include "testing/go.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <system_error>
#include <utility>

namespace heapwise::test {

namespace fs = std::filesystem;

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

std::string PathWithGo() {
  const char* const before = std::getenv("PATH");
  std::string path = before == nullptr ? "/usr/bin:/bin" : before;
  for (const fs::path& go : GoToolchains("/usr/lib")) path += ":" + (go / "bin").string();
  return path;
}

}  // namespace heapwise::test
