// `heapwise peers`: the same work by our runtime, by bdwgc alone and by Go, one after the other in shuffled
// blocks, so that they meet the same machine.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_PEERS_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_PEERS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "benchmarks/runner/peers/peers_go.h"
#include "benchmarks/runner/peers/peers_plan.h"

namespace heapwise::runner {

inline constexpr int kPeerBlocks = 6;  // the fewest for which a ratio has an interval
inline constexpr int kMostPeerBlocks = 100;

// gperftools' allocator, from Debian's package libgoogle-perftools4.
inline constexpr char kTcmalloc[] = "libtcmalloc.so.4";

// The first of the directories of libraries that has this file, with it; empty where none has.
std::string FindLibrary(const std::string& file,
                        const std::vector<std::filesystem::path>& directories = {
                            "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
                            "/usr/lib", "/usr/local/lib"});

struct PeersOptions {
  std::filesystem::path root;      // where benchmarks/ with the Go sources is
  std::filesystem::path programs;  // the directory of the C++ programs
  std::filesystem::path results;   // peers.json is written there
  std::string command;             // as recorded
  std::vector<std::string> groups = PeerGroups();
  int blocks = kPeerBlocks;                       // 1 to kMostPeerBlocks
  std::optional<uint64_t> seed;                   // a new one otherwise
  std::optional<GoToolchain> go;                  // without one the Go columns are left out
  std::string tcmalloc = FindLibrary(kTcmalloc);  // if empty its row is left out
  absl::Duration program_limit = absl::Minutes(1);
};

// Builds the Go programs into peers/ beside `programs`, measures, prints the tables to `out` and progress to
// `err`, and writes peers.json (docs/FORMAT.md) after each block. A program that fails is not run again;
// all else goes on. Returns the exit status: 1 where a program failed or the file could not be written,
// 2 where a program is not built or another process measures into the same results, 130 after Ctrl-C, which keeps and prints what was measured.
int RunPeers(const PeersOptions& options, std::ostream& out, std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_PEERS_H_
