#include "lessons/12-container-headroom/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <utility>

namespace fs = std::filesystem;

namespace cgroup {
namespace {

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Writes into a file that is there already: the kernel's files are never made by us.
bool Write(const fs::path& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

bool Contains(const std::vector<std::string>& words, std::string_view wanted) {
  for (const std::string& word : words) {
    if (word == wanted) return true;
  }
  return false;
}

std::optional<int64_t> Number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

// The value behind `key` in a file of lines "key value"; 0 where there is none.
int64_t Field(const fs::path& path, std::string_view key) {
  const std::vector<std::string> words = Words(ReadAll(path));
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == key) return Number(words[i + 1]).value_or(0);
  }
  return 0;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// The directory of the cgroup `group` in a mount that shows the hierarchy from `root` on; the mount itself where the
// group lies outside of what it shows, as in a container.
fs::path DirectoryOf(const std::string& group, const std::string& root, const fs::path& mount) {
  const std::string below = root == "/" ? group : group.substr(std::min(root.size(), group.size()));
  const bool inside =
      root == "/" || (group.starts_with(root) && (below.empty() || below[0] == '/'));
  if (!inside || below.size() <= 1) return mount;
  const fs::path directory = mount / below.substr(1);
  std::error_code error;
  return fs::is_directory(directory, error) ? directory : mount;
}

// When the process started, in ticks since the machine did; nullopt where there is no such process.
std::optional<int64_t> StartOf(int64_t pid) {
  const std::string stat = ReadAll("/proc/" + std::to_string(pid) + "/stat");
  const size_t name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields = Words(stat.substr(name_end + 1));
  constexpr size_t kStartTime = 19;  // the 22nd field of the line is the 20th behind the name
  return fields.size() > kStartTime ? Number(fields[kStartTime]) : std::nullopt;
}

// Whether `name` is one of Name() whose process is gone.
bool IsLeftover(const std::string& name) {
  const std::vector<std::string> parts = Split(name, '-');
  if (parts.size() != 4 || parts[0] != "heapwise") return false;
  const std::optional<int64_t> pid = Number(parts[1]);
  const std::optional<int64_t> start = Number(parts[2]);
  return pid && start && StartOf(*pid) != start;
}

std::vector<fs::path> GroupsBelow(const Place& place) {
  std::vector<fs::path> groups;
  std::error_code error;
  for (fs::directory_iterator entry(place.directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with("heapwise-")) groups.push_back(entry->path());
  }
  return groups;
}

}  // namespace

std::vector<Place> FindPlaces(const std::string& mountinfo, const std::string& membership) {
  std::optional<std::string> group_2;  // "0::/user.slice/session-1.scope"
  std::optional<std::string> group_1;  // "4:memory:/"
  for (const std::string& line : Split(membership, '\n')) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (controllers.empty()) {
      group_2 = line.substr(second + 1);
    } else if (Contains(Split(controllers, ','), "memory")) {
      group_1 = line.substr(second + 1);
    }
  }
  std::vector<Place> places;
  std::vector<Place> second_best;
  for (const std::string& line : Split(mountinfo, '\n')) {
    // "35 24 0:31 ROOT MOUNT OPTIONS [tags] - TYPE SOURCE SUPER_OPTIONS"
    const size_t dash = line.find(" - ");
    const std::vector<std::string> before = Words(line.substr(0, dash));
    const std::vector<std::string> after =
        Words(dash == std::string::npos ? "" : line.substr(dash + 3));
    if (before.size() < 5 || after.size() < 3) continue;
    if (after[0] == "cgroup2" && group_2) {
      const fs::path own = DirectoryOf(*group_2, before[3], before[4]);
      places.push_back({Version::k2, own});
      if (own != fs::path(before[4])) places.push_back({Version::k2, own.parent_path()});
    } else if (after[0] == "cgroup" && group_1 && Contains(Split(after[2], ','), "memory")) {
      second_best.push_back({Version::k1, DirectoryOf(*group_1, before[3], before[4])});
    }
  }
  places.insert(places.end(), second_best.begin(), second_best.end());
  return places;
}

std::optional<Group> Group::Make(const Place& place, const std::string& name, int64_t bytes) {
  if (place.version == Version::k2 &&
      !Contains(Words(ReadAll(place.directory / "cgroup.subtree_control")), "memory")) {
    return std::nullopt;
  }
  Group group(place.version, place.directory / name);
  if (mkdir(group.directory_.c_str(), 0755) != 0) return std::nullopt;
  if (group.Limit(bytes)) return group;
  rmdir(group.directory_.c_str());
  return std::nullopt;
}

bool Group::Limit(int64_t bytes) {
  const std::string text = std::to_string(bytes);
  if (version_ == Version::k2) {
    if (!Write(directory_ / "memory.max", text)) return false;
    swap_closed_ = Write(directory_ / "memory.swap.max", "0");
  } else {
    if (!Write(directory_ / "memory.limit_in_bytes", text)) return false;
    // Memory and swap together: no more than memory alone.
    swap_closed_ = Write(directory_ / "memory.memsw.limit_in_bytes", text);
  }
  // A kernel that does not count swap has no such file. Where there is no swap there is nothing to close.
  if (!swap_closed_) swap_closed_ = Split(ReadAll("/proc/swaps"), '\n').size() <= 1;
  return true;
}

bool Group::Enter() const { return Write(directory_ / "cgroup.procs", "0"); }

std::optional<int64_t> Group::PeakBytes() const {
  return Number(ReadAll(directory_ /
                        (version_ == Version::k2 ? "memory.peak" : "memory.max_usage_in_bytes")));
}

int64_t Group::OomKills() const {
  return Field(directory_ / (version_ == Version::k2 ? "memory.events" : "memory.oom_control"),
               "oom_kill");
}

bool Group::Remove() const {
  constexpr int kAttempts = 2000;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (rmdir(directory_.c_str()) == 0 || errno == ENOENT) return true;
    for (const std::string& word : Words(ReadAll(directory_ / "cgroup.procs"))) {
      // 0 is a process of another PID namespace, which is none of ours.
      if (const std::optional<int64_t> pid = Number(word); pid && *pid > 0) {
        kill(static_cast<pid_t>(*pid), SIGKILL);
      }
    }
    usleep(1000);
  }
  return false;
}

std::string NamePrefix() {
  return "heapwise-" + std::to_string(getpid()) + "-" +
         std::to_string(StartOf(getpid()).value_or(0)) + "-";
}

std::string Name(int number) { return NamePrefix() + std::to_string(number); }

void RemoveLeftovers(const Place& place) {
  for (const fs::path& group : GroupsBelow(place)) {
    // Empty by now: a process in it died with its maker. One that is not belongs to somebody else after all.
    if (IsLeftover(group.filename().string())) rmdir(group.c_str());
  }
}

void RemoveAll(const Place& place, const std::string& prefix) {
  for (const fs::path& group : GroupsBelow(place)) {
    if (group.filename().string().starts_with(prefix)) Group(place.version, group).Remove();
  }
}

}  // namespace cgroup
