// A memory cgroup of our own: a directory that the kernel fills with files, in which a process can be held to a
// number of bytes. Version 2 (memory.max) and version 1 (memory.limit_in_bytes) differ in little more than names.
//
// What can be made depends on the machine and on whose it is: nothing here fails loudly, an empty answer means that
// there is no such thing here. Not thread-safe.
#ifndef HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CGROUP_H_
#define HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CGROUP_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cgroup {

enum class Version { k1, k2 };

// A directory below which a memory cgroup might be made.
struct Place {
  Version version;
  std::filesystem::path directory;
};

// Where this process might make one, the best first, by the texts of /proc/self/mountinfo and /proc/self/cgroup:
// with version 2 below its own cgroup or, since one that holds processes can often hold no other, beside it; with
// version 1 below its own.
std::vector<Place> FindPlaces(const std::string& mountinfo, const std::string& membership);

// One cgroup, by its directory.
class Group {
 public:
  Group(Version version, std::filesystem::path directory)
      : version_(version), directory_(std::move(directory)) {}

  // Makes `name` below the place, for processes of `bytes` together. nullopt where that is not permitted or the place
  // has no control over memory; then nothing is left behind.
  static std::optional<Group> Make(const Place& place, const std::string& name, int64_t bytes);

  // Sets the limit, and closes the way out into swap. False where the limit cannot be set.
  bool Limit(int64_t bytes);

  // Whether the kernel counts swap against the limit too. Where it does not, a process may live on, slowly, in swap.
  bool SwapClosed() const { return swap_closed_; }

  // Moves the calling process into it. What that process had before stays counted where it was.
  bool Enter() const;

  // The most that its processes held at once, as the kernel counted; nullopt before Linux 5.19 with version 2.
  std::optional<int64_t> PeakBytes() const;

  // How many processes the kernel has killed in it because memory had run out.
  int64_t OomKills() const;

  // Kills the processes that are in it and removes it. False where it is still there after two seconds.
  bool Remove() const;

  const std::filesystem::path& directory() const { return directory_; }

 private:
  Version version_;
  std::filesystem::path directory_;
  bool swap_closed_ = false;
};

// The name of a cgroup of this process, and of its `number`th: "heapwise-PID-START-NUMBER". START, in the kernel's
// ticks, tells the process from a later one with its PID.
std::string NamePrefix();
std::string Name(int number);

// Removes the cgroups below the place whose makers are gone: what a kill -9 of everything has left.
void RemoveLeftovers(const Place& place);

// Removes those whose names start with `prefix`, processes included.
void RemoveAll(const Place& place, const std::string& prefix);

}  // namespace cgroup

#endif  // HEAPWISE_LESSONS_12_CONTAINER_HEADROOM_CGROUP_H_
