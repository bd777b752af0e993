#include "benchmarks/runner/peers/peers_plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace heapwise::runner {
namespace {

constexpr double kMiB = 1024 * 1024;

// Long enough for a steady mean, short enough that a block of all programs takes a minute or so.
constexpr char kMinTime[] = "0.15";
constexpr char kGoBenchtime[] = "-benchtime=150ms";
constexpr char kLockMinTime[] = "--min_time=300ms";

// Processes of one program differ by more than what is to be seen of the profiler.
constexpr int kProfilerRuns = 16;

// The ways to build binary trees. The order is that of the columns.
struct TreeColumn {
  const char* id;
  const char* label;
  const char* program;
  std::vector<std::string> arguments;
  Environment environment;
  bool is_go;
};

const std::vector<TreeColumn>& TreeColumns() {
  static const auto* const columns = new std::vector<TreeColumn>{
      {"stop-the-world", "ours, stop-the-world", "binary_trees", {}, {{"GC_MARKERS", "1"}}, false},
      {"parallel", "ours, parallel", "binary_trees", {}, {}, false},
      {"incremental", "ours, incremental", "binary_trees", {"--incremental"}, {}, false},
      {"bdwgc", "bdwgc alone", "binary_trees_bdwgc", {}, {}, false},
      {"go", "Go", "binary_trees", {}, {}, true},
      {"go-stop-the-world",
       "Go, stop-the-world",
       "binary_trees",
       {},
       {{"GODEBUG", "gcstoptheworld=1"}},
       true},
  };
  return *columns;
}

enum TreeMeasure : size_t { kWall, kNumGc, kPeak };

std::vector<PeerMeasure> TreeMeasures() {
  return {{"wall time, s", "wall_s", 1, 2},
          {"NumGC", "num_gc", 1, 0},
          {"peak heap, MiB", "peak_heap_bytes", kMiB, 1},
          {"longest pause, ms", "max_pause_ms", 1, 2},
          {"total pause, ms", "pause_total_ms", 1, 0},
          {"GC CPU", "gc_cpu_fraction", 1, 1, true}};
}

std::vector<PeerMeasure> LimitMeasures() {
  std::vector<PeerMeasure> measures = TreeMeasures();
  measures[kPeak] = {"peak Sys-Released, MiB", "peak_sys_minus_released_bytes", kMiB, 1};
  measures.insert(measures.begin() + kPeak + 1,
                  {"peak / limit", "peak_sys_minus_released_bytes", 1, 2, false, true});
  return measures;
}

std::vector<std::string> TreeNotes(bool with_go) {
  if (!with_go) {
    return {
        "Peak heap: objects alive or not yet found dead. bdwgc counts none: its blocks in use when "
        "a collection began."};
  }
  return {
      "Peak heap: objects alive or not yet found dead; for Go sampled every 64 KiB of allocation. "
      "bdwgc counts none: its blocks in use when a collection began.",
      "Longest pause: for Go the longest sum of the stops of one collection (MemStats.PauseNs), "
      "for "
      "ours the longest time that a thread was held up. Go does not count it as a pause when "
      "gcstoptheworld=1 keeps goroutines from running, so it has none there."};
}

// A setting of the collector, and what it is called.
struct TreeSetting {
  std::string id;
  std::string label;
  Environment environment;
  double reference = 0;
  std::vector<std::string> left_out = {};  // columns by id
};

class Planner {
 public:
  Planner(bool with_go, std::string tcmalloc) : with_go_(with_go), tcmalloc_(std::move(tcmalloc)) {}

  PeerPlan Take() { return std::move(plan_); }

  void AddTrees() {
    for (const int depth : {18, 20}) {
      std::vector<TreeSetting> settings;
      for (const char* percent : {"50", "100", "200", "off"}) {
        if (depth == 20 && std::string_view(percent) == "off") continue;
        settings.push_back({percent, std::string("GOGC=") + percent, {{"GOGC", percent}}});
      }
      PeerTable table;
      table.group = "trees";
      table.title = absl::StrFormat(
          "Binary trees: one of depth %d that lives (%d MiB), 1000 of depth 14 that die (1 MiB "
          "each)",
          depth, depth == 18 ? 16 : 64);
      table.measures = TreeMeasures();
      FillTrees(table, absl::StrFormat("trees%d", depth), depth, 1000, settings);
      table.notes = TreeNotes(with_go_);
      table.notes.insert(table.notes.begin(),
                         "bdwgc alone knows no GOGC: its one run of a block stands under each.");
      plan_.tables.push_back(std::move(table));
    }
  }

  void AddLimits() {
    std::vector<TreeSetting> settings;
    for (const auto& [mebibytes, words] :
         {std::pair{128, "2 x live"}, {256, "4 x live"}, {48, "0.75 x live"}}) {
      TreeSetting setting;
      setting.id = std::to_string(mebibytes);
      setting.label = absl::StrFormat("GOMEMLIMIT=%dMiB, %s", mebibytes, words);
      setting.environment = {{"GOGC", "off"}, {"GOMEMLIMIT", absl::StrFormat("%dMiB", mebibytes)}};
      setting.reference = mebibytes * kMiB;
      setting.left_out = {"bdwgc"};
      if (mebibytes == 48) setting.left_out.push_back("go-stop-the-world");
      settings.push_back(std::move(setting));
    }
    PeerTable table;
    table.group = "limits";
    table.title =
        "Memory limits, GOGC=off: one tree of depth 20 that lives (64 MiB), 600 of depth 14 that "
        "die";
    table.measures = LimitMeasures();
    FillTrees(table, "limits", 20, 600, settings);
    if (with_go_) {
      table.notes = TreeNotes(true);
      table.notes[0] =
          "Go with gcstoptheworld=1 is not run at 48 MiB: below its live heap it does little but "
          "collect.";
    }
    plan_.tables.push_back(std::move(table));
  }

  void AddAllocation() {
    AddJob({"allocation", false, "peers_allocation", MinTime(), {}});
    AddJob({"allocation_bdwgc", false, "peers_allocation_bdwgc", MinTime(), {}});
    AddJob({"allocation_go", true, "allocation", {kGoBenchtime}, {}});
    PeerTable table;
    table.group = "allocation";
    table.title = "Allocation: ns per cleared object with a pointer, kept for 1024 allocations";
    table.measures = {{"ns", "", 1, 1}};
    const Micro columns[] = {{"ours, New", "allocation", "ours"},
                             {"GC_MALLOC", "allocation_bdwgc", "bdwgc"},
                             {"new, delete", "allocation", "new_delete"},
                             {"Go", "allocation_go", "go", true}};
    FillMicro(table, columns, {{"16", "16 B"}, {"32", "32 B"}, {"64", "64 B"}, {"1024", "1024 B"}});
    AddRatio(table, "time, ours / GC_MALLOC", 0, "ours, New", "GC_MALLOC");
    AddRatio(table, "time, ours / Go", 0, "ours, New", "Go");
    plan_.tables.push_back(std::move(table));
  }

  void AddPool() {
    AddJob({"pool", false, "peers_pool", MinTime(), {}});
    AddJob({"pool_go", true, "pool", {kGoBenchtime}, {}});
    AddJob({"pool_lock", false, "peers_pool_lock", {kLockMinTime}, {}});
    PeerTable table;
    table.group = "pool";
    table.title =
        "Pool: ns per Get and Put of a 1 KiB buffer, wall time over the pairs of all threads";
    table.measures = {{"ns", "", 1, 1}};
    const Micro columns[] = {{"ours, Pool", "pool", "ours_pool"},
                             {"mutex, free list", "pool", "mutex_list"},
                             {"ours, fresh", "pool", "ours_fresh"},
                             {"Go, sync.Pool", "pool_go", "go_pool", true},
                             {"Go, fresh", "pool_go", "go_fresh", true}};
    FillMicro(table, columns, {{"1", "1 thread"}, {"2", "2 threads"}});
    AddRatio(table, "time, ours Pool / mutex", 0, "ours, Pool", "mutex, free list");
    AddRatio(table, "time, ours Pool / Go's", 0, "ours, Pool", "Go, sync.Pool");
    AddRatio(table, "time, ours fresh / Go's", 0, "ours, fresh", "Go, fresh");
    plan_.tables.push_back(std::move(table));

    PeerTable lock;
    lock.group = "pool";
    lock.title = "Where fresh buffers of two threads wait: shares of the time";
    lock.measures = {{"share", "", 1, 1, true}};
    const Micro lock_columns[] = {{"bdwgc's lock", "pool_lock", "lock_wait"},
                                  {"other mutexes", "pool_lock", "other_wait"},
                                  {"world stopped", "pool_lock", "world_stopped"}};
    FillMicro(lock, lock_columns, {{"2", "2 threads"}});
    lock.notes = {
        "A thread that waits for a lock while its holder collects counts in both a wait and the "
        "stop. The other mutexes are the runtime's own, which lets one thread collect at a time."};
    plan_.tables.push_back(std::move(lock));
  }

  void AddProfiler() {
    AddJob({"profiler", false, "profiler_cost", {}, {}});
    PeerTable table;
    table.group = "profiler";
    table.title =
        "Heap profiler: ns per cleared object of 32 B, kept for 1024 allocations, by what is "
        "sampled";
    table.columns = {{"nothing"}, {"1 in 512 KiB"}, {"every object"}};
    table.measures = {{"ns", "", 1, 2}};
    for (const auto& [name, label] :
         {std::pair{"ours", "ours, New"}, {"new_delete", "ours, new, delete"}}) {
      PeerRow row;
      row.label = label;
      for (const char* rate : {"off", "512KiB", "every"}) {
        row.cells.push_back({"profiler", absl::StrFormat("%s/%s", name, rate)});
      }
      table.rows.push_back(std::move(row));
    }
    if (with_go_) {
      AddRates(table, "Go", "go", [](const char* rate) {
        return PeerJob{"", true, "profiler", {absl::StrFormat("-rate=%s", rate)}, {}};
      });
    }
    if (!tcmalloc_.empty()) {
      AddRates(table, "tcmalloc, new, delete", "new_delete", [this](const char* rate) {
        return PeerJob{"",
                       false,
                       "peers_new_delete",
                       {"--needs=tc_version"},
                       {{"LD_PRELOAD", tcmalloc_}, {"TCMALLOC_SAMPLE_PARAMETER", rate}}};
      });
      table.notes = {
          "tcmalloc, sampling nothing, is the library as it comes; ours counts allocations even "
          "then."};
    }
    AddRatio(table, "time, 1 in 512 KiB / nothing", 0, "1 in 512 KiB", "nothing");
    AddRatio(table, "time, every object / nothing", 0, "every object", "nothing");
    plan_.tables.push_back(std::move(table));

    AddJob({"profiler_service", false, "service_cost", {}, {}});
    PeerTable service;
    service.group = "profiler";
    service.title = "Heap profiler of the service, which has one processor with its two clients";
    service.columns = {{"off"}, {"off again"}, {"1 in 512 KiB"}, {"the same, fetched"}};
    service.measures = {{"", "", 1, 2}};
    for (const auto& [name, label] :
         {std::pair{"rps", "requests per second"}, {"cpu_us", "CPU of the service, us each"}}) {
      PeerRow row;
      row.label = label;
      for (const char* condition : {"off", "control", "on", "scraped"}) {
        row.cells.push_back({"profiler_service", absl::StrFormat("%s/%s", condition, name)});
      }
      service.rows.push_back(std::move(row));
    }
    AddRatio(service, "1 in 512 KiB / off", 0, "1 in 512 KiB", "off");
    AddRatio(service, "the same, fetched / off", 0, "the same, fetched", "off");
    AddRatio(service, "off again / off", 0, "off again", "off");
    service.notes = {
        "Fetched: /debug/pprof/heap once a second. Off again: a second process like the first, the "
        "measure of what this comparison cannot tell apart."};
    plan_.tables.push_back(std::move(service));
  }

 private:
  // A row of the profiler's table whose rates need a process each. make(rate in bytes) makes the job
  // without its name.
  template <class Make>
  void AddRates(PeerTable& table, const char* label, const std::string& field, Make make) {
    PeerRow row;
    row.label = label;
    for (const auto& [name, rate] : {std::pair{"off", "0"}, {"512KiB", "524288"}, {"every", "1"}}) {
      PeerJob job = make(rate);
      job.id = absl::StrFormat("profiler_%s/%s", job.is_go ? "go" : "tcmalloc", name);
      // Nobody asks for the last one to a percent.
      if (std::string_view(name) != "every") job.runs = kProfilerRuns;
      row.cells.push_back({job.id, field});
      AddJob(std::move(job));
    }
    table.rows.push_back(std::move(row));
  }

  // A column of a table whose numbers come from one program: the field is name/row.
  struct Micro {
    const char* label;
    const char* job;
    const char* name;
    bool is_go = false;
  };

  static std::vector<std::string> MinTime() {
    return {std::string("--benchmark_min_time=") + kMinTime};
  }

  void AddJob(PeerJob job) {
    if (job.is_go && !with_go_) return;
    plan_.jobs.push_back(std::move(job));
  }

  template <size_t n>
  void FillMicro(PeerTable& table, const Micro (&columns)[n],
                 const std::vector<std::pair<std::string, std::string>>& rows) {
    for (const auto& [id, label] : rows) {
      PeerRow row;
      row.label = label;
      for (const Micro& column : columns) {
        if (column.is_go && !with_go_) continue;
        row.cells.push_back({column.job, std::string(column.name) + "/" + id});
      }
      table.rows.push_back(std::move(row));
    }
    for (const Micro& column : columns) {
      if (column.is_go && !with_go_) continue;
      table.columns.push_back({column.label, column.is_go});
    }
  }

  void FillTrees(PeerTable& table, const std::string& name, int depth, int trees,
                 const std::vector<TreeSetting>& settings) {
    const auto leaves_out = [](const TreeSetting& setting, const TreeColumn& column) {
      return std::find(setting.left_out.begin(), setting.left_out.end(), column.id) !=
             setting.left_out.end();
    };
    table.rows.resize(settings.size());
    for (size_t i = 0; i < settings.size(); ++i) {
      table.rows[i].label = settings[i].label;
      table.rows[i].reference = settings[i].reference;
    }
    for (const TreeColumn& column : TreeColumns()) {
      if (column.is_go && !with_go_) continue;
      if (std::all_of(settings.begin(), settings.end(),
                      [&](const TreeSetting& setting) { return leaves_out(setting, column); })) {
        continue;
      }
      table.columns.push_back({column.label, column.is_go});
      // bdwgc alone reads no setting: one run for all.
      const bool once = std::string_view(column.id) == "bdwgc";
      for (size_t i = 0; i < settings.size(); ++i) {
        PeerCell cell;
        if (!leaves_out(settings[i], column)) {
          cell.job = once ? name + "/" + column.id
                          : absl::StrFormat("%s/%s/%s", name, settings[i].id, column.id);
          if (!once || i == 0) {
            PeerJob job{cell.job, column.is_go, column.program, column.arguments,
                        column.environment};
            // Go's flags take one dash or two.
            job.arguments.push_back(absl::StrFormat("--live_depth=%d", depth));
            job.arguments.push_back(absl::StrFormat("--trees=%d", trees));
            job.arguments.push_back("--tree_depth=14");
            if (!once)
              job.environment.insert(settings[i].environment.begin(),
                                     settings[i].environment.end());
            AddJob(std::move(job));
          }
        }
        table.rows[i].cells.push_back(std::move(cell));
      }
    }
    AddRatio(table, "wall time, ours parallel / Go", kWall, "ours, parallel", "Go");
    AddRatio(table, "NumGC, stop-the-world: ours / Go", kNumGc, "ours, stop-the-world",
             "Go, stop-the-world");
    AddRatio(table, "peak, stop-the-world: ours / Go", kPeak, "ours, stop-the-world",
             "Go, stop-the-world");
  }

  // Where one of the columns is left out, so is the ratio.
  static void AddRatio(PeerTable& table, const char* label, size_t measure, std::string_view of,
                       std::string_view over) {
    const auto find = [&](std::string_view name) -> std::optional<size_t> {
      for (size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].label == name) return i;
      }
      return std::nullopt;
    };
    const std::optional<size_t> of_column = find(of);
    const std::optional<size_t> over_column = find(over);
    if (of_column && over_column) {
      table.ratios.push_back({label, measure, *of_column, *over_column});
    }
  }

  const bool with_go_;
  const std::string tcmalloc_;  // the path of its library, or empty
  PeerPlan plan_;
};

}  // namespace

const std::vector<std::string>& PeerGroups() {
  static const auto* const groups =
      new std::vector<std::string>{"trees", "limits", "allocation", "pool", "profiler"};
  return *groups;
}

absl::StatusOr<std::vector<std::string>> ParsePeerGroups(std::string_view list) {
  if (list.empty()) return PeerGroups();
  const std::vector<std::string> typed =
      absl::StrSplit(absl::string_view(list.data(), list.size()), ',');
  for (const std::string& name : typed) {
    if (std::find(PeerGroups().begin(), PeerGroups().end(), name) == PeerGroups().end()) {
      return absl::InvalidArgumentError(
          absl::StrFormat("--only=%s: there is no group '%s'; there are %s", std::string(list),
                          name, absl::StrJoin(PeerGroups(), ", ")));
    }
  }
  std::vector<std::string> chosen;
  for (const std::string& group : PeerGroups()) {
    if (std::find(typed.begin(), typed.end(), group) != typed.end()) chosen.push_back(group);
  }
  return chosen;
}

PeerPlan MakePeerPlan(const std::vector<std::string>& groups, bool with_go,
                      const std::string& tcmalloc) {
  Planner planner(with_go, tcmalloc);
  for (const std::string& group : groups) {
    if (group == "trees") planner.AddTrees();
    if (group == "limits") planner.AddLimits();
    if (group == "allocation") planner.AddAllocation();
    if (group == "pool") planner.AddPool();
    if (group == "profiler") planner.AddProfiler();
  }
  return planner.Take();
}

}  // namespace heapwise::runner
