// What `heapwise peers` compares: the programs it runs, and the tables that their numbers go to. Pure data.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_PLAN_H_
#define HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_PLAN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/runner/base/process.h"

namespace heapwise::runner {

// One program of the comparison. Its last line of output is a JSON object of numbers.
struct PeerJob {
  std::string id;  // "trees18/50/parallel"; unique
  bool is_go = false;
  std::string program;  // a file name: of the built programs, or of the Go programs
  std::vector<std::string> arguments;
  Environment environment;
  int runs = 1;  // a block, in turn with the others; the sample has the medians
};

// A number that each cell of a table has.
struct PeerMeasure {
  std::string label;   // "peak heap, MiB"
  std::string field;   // of the program's object; empty where the cell says it
  double divisor = 1;  // from the program's unit to the label's
  int decimals = 0;
  bool percent = false;        // a share, shown as "12.3 %"
  bool per_reference = false;  // divided by the row's reference instead of the divisor
};

// Where a column's number of a row comes from.
struct PeerCell {
  std::string job;    // empty where there is none: shown as "-"
  std::string field;  // of the object; empty where the measure says it
};

struct PeerRow {
  std::string label;
  std::vector<PeerCell> cells;  // one a column
  double reference = 0;         // for measures that are shown as a ratio to it
};

struct PeerColumn {
  std::string label;
  bool is_go = false;
};

// The ratio of a measure in two columns, shown below the table for each row.
struct PeerRatio {
  std::string label;  // "wall time, ours parallel / Go"
  size_t measure = 0;
  size_t of = 0;  // columns
  size_t over = 0;
};

struct PeerTable {
  std::string group;  // what --only names: "trees", "limits", "allocation", "pool", "profiler"
  std::string title;
  std::vector<PeerColumn> columns;
  // One: rows are lines; several: each row is a table of measures
  std::vector<PeerMeasure> measures;
  std::vector<PeerRow> rows;
  std::vector<PeerRatio> ratios;
  std::vector<std::string> notes;  // sentences below it
};

struct PeerPlan {
  std::vector<PeerJob> jobs;
  std::vector<PeerTable> tables;
};

// The groups in the order of the tables.
const std::vector<std::string>& PeerGroups();

// The groups of a list such as "trees,pool", in our order; all for "". An error names the one that is none.
absl::StatusOr<std::vector<std::string>> ParsePeerGroups(std::string_view list);

// Everything of these groups. Without Go its jobs, columns, rows and ratios are left out, and those of
// tcmalloc where the path of its library is empty.
PeerPlan MakePeerPlan(const std::vector<std::string>& groups, bool with_go,
                      const std::string& tcmalloc);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_PEERS_PEERS_PLAN_H_
