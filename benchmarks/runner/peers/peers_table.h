// The tables of `heapwise peers`, from its raw samples. Pure functions.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_TABLE_H_
#define HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_TABLE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/runner/peers/peers_plan.h"

namespace heapwise::runner {

// What one run of a program measured: the numbers of its object, true and false as 1 and 0. Fields that
// hold null or text are left out.
using PeerSample = std::map<std::string, double>;

// One block: every program run, in a shuffled order. A program that failed has no sample.
struct PeerBlock {
  std::vector<std::string> order;             // ids of jobs
  std::map<std::string, PeerSample> samples;  // by id
};

// The object on the last line that is not empty. An error says what stands there instead.
absl::StatusOr<PeerSample> ParsePeerOutput(std::string_view output);

// The median of each field over the runs that have it.
PeerSample MedianSample(const std::vector<PeerSample>& runs);

// The numbers of one cell, one for each block that has it, in the program's unit.
std::vector<double> PeerValues(const PeerCell& cell, const PeerMeasure& measure,
                               const std::vector<PeerBlock>& blocks);

// The tables with the median of every cell over the blocks, "-" where there is none, and below each table
// its ratios: the median of the blocks' ratios, and from six blocks on the Hodges-Lehmann estimate with its
// 95 % interval instead. A note that several tables share stands below the first. Ends with a newline.
std::string PeerTables(const PeerPlan& plan, const std::vector<PeerBlock>& blocks);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_TABLE_H_
