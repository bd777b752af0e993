#include "benchmarks/runner/cmd/peers.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/find_program.h"
#include "benchmarks/runner/base/json.h"
#include "benchmarks/runner/base/machine.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/program_id.h"
#include "benchmarks/runner/cmd/places.h"
#include "benchmarks/runner/cmd/subcommand.h"
#include "benchmarks/runner/format/conditions.h"
#include "benchmarks/runner/format/measuring_lock.h"
#include "benchmarks/runner/format/wording.h"
#include "benchmarks/runner/peers/peers_table.h"
#include "benchmarks/stats/constants.h"
#include "benchmarks/stats/shuffle.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

// The Go programs by name, and where their sources are below the root.
const std::map<std::string, std::string>& GoSources() {
  static const auto* const sources =
      new std::map<std::string, std::string>{{"binary_trees", "benchmarks/macro/binary_trees.go"},
                                             {"allocation", "benchmarks/peers/allocation.go"},
                                             {"pool", "benchmarks/peers/pool.go"},
                                             {"profiler", "benchmarks/peers/profiler.go"}};
  return *sources;
}

struct JobFailure {
  std::string job;
  int block = 0;  // counted from 1; 0 where it could not be built
  std::string reason;
  std::string output;
};

class Comparison {
 public:
  Comparison(const PeersOptions& options, std::ostream& out, std::ostream& err)
      : options_(options),
        plan_(MakePeerPlan(options.groups, options.go.has_value(), options.tcmalloc)),
        seed_(options.seed ? *options.seed : std::random_device()()),
        out_(out),
        err_(err) {}

  int Run() {
    for (const PeerJob& job : plan_.jobs) {
      std::error_code error;
      if (!job.is_go && !fs::exists(Program(job), error)) {
        err_ << absl::StrFormat("heapwise peers: %s is not built; `make peers` builds it\n",
                                DisplayPath(Program(job), options_.root));
        return kExitUsage;
      }
    }
    // Where the directory cannot be used at all, that is said when the file is written.
    const absl::StatusOr<MeasuringLock> lock = MeasuringLock::Take(options_.results);
    if (lock.ok()) {
      lock->Tell("heapwise peers");
    } else if (absl::IsFailedPrecondition(lock.status())) {
      err_ << lock.status().message() << "\n";
      return kExitUsage;
    }
    const Interrupt interrupt;
    const std::string go_words =
        options_.go ? options_.go->version : "no Go toolchain: its columns are left out";
    Say(absl::StrFormat("peers: %d block%s of %d programs, seed %d, %s", options_.blocks,
                        options_.blocks == 1 ? "" : "s", plan_.jobs.size(), seed_, go_words));
    BuildGo();
    std::mt19937_64 random(seed_);
    for (int i = 0; i < options_.blocks && !Interrupt::Requested(); ++i) {
      const absl::Time began = absl::Now();
      RunBlock(i + 1, random);
      Write(false);
      Say(absl::StrFormat("block %d of %d: %s in %s", i + 1, options_.blocks,
                          Interrupt::Requested() ? "interrupted" : "done",
                          SecondsWords(absl::ToDoubleSeconds(absl::Now() - began))));
    }
    Write(true);
    Report(go_words);
    if (Interrupt::Requested()) return kExitInterrupted;
    return failures_.empty() && !write_failed_ ? kExitOk : kExitFailed;
  }

 private:
  fs::path GoDirectory() const { return options_.programs.parent_path() / "peers"; }

  fs::path Program(const PeerJob& job) const {
    return (job.is_go ? GoDirectory() : options_.programs) / job.program;
  }

  // A Go program that cannot be built fails all its jobs.
  void BuildGo() {
    std::map<std::string, absl::Status> built;
    for (const PeerJob& job : plan_.jobs) {
      if (!job.is_go || Interrupt::Requested()) continue;
      if (!built.contains(job.program)) {
        built[job.program] =
            BuildGoProgram(*options_.go, options_.root / GoSources().at(job.program),
                           GoDirectory() / job.program, GoDirectory());
      }
      const absl::Status& status = built[job.program];
      if (!status.ok() && !Interrupt::Requested()) {
        Fail({job.id, 0, std::string(status.message()), ""});
      }
    }
  }

  void RunBlock(int number, std::mt19937_64& random) {
    std::vector<const PeerJob*> order;
    for (const PeerJob& job : plan_.jobs) order.insert(order.end(), job.runs, &job);
    stats::Shuffle(order, random);
    blocks_.emplace_back();
    std::map<std::string, std::vector<PeerSample>> runs;
    for (const PeerJob* job : order) {
      if (failed_.contains(job->id)) continue;
      if (Interrupt::Requested()) break;
      if (const std::optional<PeerSample> sample = RunJob(*job, number)) {
        runs[job->id].push_back(*sample);
      }
    }
    for (const PeerJob& job : plan_.jobs) {
      if (std::ssize(runs[job.id]) == job.runs) {
        blocks_.back().samples[job.id] = MedianSample(runs[job.id]);
      }
    }
  }

  std::optional<PeerSample> RunJob(const PeerJob& job, int number) {
    ProcessRequest request;
    request.command = {Program(job).string()};
    request.command.insert(request.command.end(), job.arguments.begin(), job.arguments.end());
    request.environment = job.environment;
    request.time_limit = options_.program_limit;
    const ProcessOutcome outcome = RunProcess(request);
    if (outcome.end == ProcessOutcome::End::kInterrupted) return std::nullopt;
    blocks_.back().order.push_back(job.id);
    if (!outcome.Succeeded()) {
      Fail({job.id, number, outcome.Describe(request.time_limit), outcome.output});
      return std::nullopt;
    }
    const absl::StatusOr<PeerSample> sample = ParsePeerOutput(outcome.output);
    if (sample.ok()) return *sample;
    Fail({job.id, number, std::string(sample.status().message()), outcome.output});
    return std::nullopt;
  }

  void Fail(JobFailure failure) {
    Say(absl::StrFormat("failed: %s: %s; it is left out from here on", failure.job,
                        failure.reason));
    failed_.insert(failure.job);
    failures_.push_back(std::move(failure));
  }

  void Report(const std::string& go_words) {
    out_ << "\n" << PeerTables(plan_, blocks_) << "\n";
    const size_t measured = blocks_.size();
    out_ << absl::StrFormat(
        "Medians of %d block%s, seed %d. Ratios %s.\n", measured, measured == 1 ? "" : "s", seed_,
        measured < stats::kMinBlocksForInterval
            ? absl::StrFormat("are medians too; they have intervals from %d blocks on",
                              stats::kMinBlocksForInterval)
            : "are Hodges-Lehmann estimates with 95 % intervals, block by block");
    out_ << (options_.go ? "Go: " : "") << go_words << "\n";
    if (std::find(options_.groups.begin(), options_.groups.end(), "profiler") !=
        options_.groups.end()) {
      out_ << (options_.tcmalloc.empty()
                   ? absl::StrFormat("no tcmalloc (%s): its row is left out", kTcmalloc)
                   : "tcmalloc: " + options_.tcmalloc)
           << "\n";
    }
    for (const JobFailure& failure : failures_) {
      out_ << absl::StrFormat(
          "failed%s: %s: %s\n",
          failure.block > 0 ? absl::StrFormat(" in block %d", failure.block) : "", failure.job,
          failure.reason);
      const std::vector<std::string> lines =
          absl::StrSplit(failure.output, '\n', absl::SkipWhitespace());
      if (!lines.empty()) out_ << "  | " << lines.back() << "\n";
    }
    if (Interrupt::Requested()) out_ << "Interrupted: these are the samples until then.\n";
    out_ << "samples: " << File().string() << (write_failed_ ? " (could not be written)" : "")
         << "\n";
  }

  fs::path File() const { return options_.results / "peers.json"; }

  std::string Status(bool finished) const {
    if (Interrupt::Requested()) return "interrupted";
    if (!finished) return "running";
    return failures_.empty() ? "complete" : "failed";
  }

  void Write(bool finished) {
    Json json = {{"format", kFormat},
                 {"command", options_.command},
                 {"seed", seed_},
                 {"started", Timestamp(started_)},
                 {"finished", finished ? Json(Timestamp(absl::Now())) : Json(nullptr)},
                 {"status", Status(finished)},
                 {"machine", MachineToJson(machine_)},
                 {"load_before", load_before_},
                 {"load_after", LoadAverages()},
                 {"build", BuildToJson(build_)},
                 {"programs", Json::object()},
                 {"blocks", Json::array()},
                 {"failures", Json::array()}};
    json["build"]["go"] = options_.go ? Json(options_.go->version) : Json(nullptr);
    for (const PeerJob& job : plan_.jobs) {
      std::vector<std::string> command = {DisplayPath(Program(job), options_.root)};
      command.insert(command.end(), job.arguments.begin(), job.arguments.end());
      json["programs"][job.id] = {{"command", command},
                                  {"environment", job.environment},
                                  {"build_id", ProgramId(Program(job))}};
    }
    for (const PeerBlock& block : blocks_) {
      json["blocks"].push_back({{"order", block.order}, {"samples", block.samples}});
    }
    for (const JobFailure& failure : failures_) {
      json["failures"].push_back({{"program", failure.job},
                                  {"block", failure.block},
                                  {"reason", failure.reason},
                                  {"output", failure.output}});
    }
    std::error_code error;
    fs::create_directories(options_.results, error);
    const absl::Status written = WriteFile(File(), ToText(json));
    if (!written.ok() && !write_failed_) Say(std::string(written.message()));
    write_failed_ = !written.ok();
  }

  void Say(const std::string& line) { err_ << line << "\n" << std::flush; }

  const PeersOptions& options_;
  const PeerPlan plan_;
  const uint64_t seed_;
  std::ostream& out_;
  std::ostream& err_;
  const absl::Time started_ = absl::Now();
  const MachineFacts machine_ = ReadMachineFacts();
  const BuildFacts build_ = ReadBuildFacts(options_.root);
  const std::array<double, 3> load_before_ = LoadAverages();
  std::vector<PeerBlock> blocks_;
  std::vector<JobFailure> failures_;
  std::set<std::string> failed_;
  bool write_failed_ = false;
};

}  // namespace

std::string FindLibrary(const std::string& file, const std::vector<fs::path>& directories) {
  for (const fs::path& directory : directories) {
    std::error_code error;
    if (fs::is_regular_file(directory / file, error)) return directory / file;
  }
  return "";
}

int RunPeers(const PeersOptions& options, std::ostream& out, std::ostream& err) {
  return Comparison(options, out, err).Run();
}

namespace {

struct PeersFlags {
  std::optional<int> blocks;
  std::string only;
  std::optional<uint64_t> seed;
  PlaceFlags places;
};

int PeersAsTyped(const PeersFlags& flags, const ParsedArguments& arguments) {
  const absl::StatusOr<Places> places = FindPlaces(flags.places);
  if (!places.ok()) return Refuse(std::string(places.status().message()));
  if (const std::string why = NoPrograms(*places); !why.empty()) return Refuse(why);
  PeersOptions options;
  const absl::StatusOr<std::vector<std::string>> groups = ParsePeerGroups(flags.only);
  if (!groups.ok()) return Refuse(std::string(groups.status().message()));
  options.groups = *groups;
  options.blocks = flags.blocks.value_or(kPeerBlocks);
  if (options.blocks < 1 || options.blocks > kMostPeerBlocks) {
    return Refuse(
        absl::StrFormat("--blocks=%d: must be from 1 to %d", options.blocks, kMostPeerBlocks));
  }
  options.seed = flags.seed;
  options.root = places->root;
  options.programs = places->programs;
  options.results = places->results;
  options.command = RecordedCommand(places->root, arguments.words);
  options.go = FindGo(SearchPath());
  return RunPeers(options, std::cout, std::cerr);
}

Subcommand PeersSubcommand() {
  const auto flags = std::make_shared<PeersFlags>();
  return {
      {.name = "peers",
       .what = "Runs the same work with our runtime, with bdwgc alone and with Go, and shows all "
               "side by side.",
       .more = "Binary trees under GOGC and GOMEMLIMIT, the allocation of one object, pools, the "
               "heap profiler. All programs run once a block, in shuffled order; the samples go to "
               "peers.json among the results. Without a Go toolchain Go's columns are left out. "
               "Takes about 10 minutes. Status: 0 when all was measured, 1 when a program failed "
               "or the file could not be written, 2 when the command makes no sense, 130 after "
               "Ctrl-C, which shows what was measured.",
       .example = "heapwise peers --only=allocation,pool",
       .flags =
           {{"blocks", &flags->blocks,
             "the blocks, from 1 to 100 (default: 6, the fewest that give a ratio an interval)"},
            {"only", &flags->only,
             "the groups to measure, a list of trees, limits, allocation, pool and profiler "
             "(default: all)"},
            {"seed", &flags->seed, kSeedHelp},
            ResultsFlag(flags->places),
            RootFlag(flags->places),
            ProgramsFlag(flags->places)}},
      60,
      [flags](const ParsedArguments& arguments) { return PeersAsTyped(*flags, arguments); }};
}
const Registered registered_peers(PeersSubcommand);

}  // namespace

}  // namespace heapwise::runner
