#include "benchmarks/runner/measure/heap_profiles.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/process.h"
#include "benchmarks/runner/base/temporary_directory.h"
#include "benchmarks/runner/measure/gb_report.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStem = "profile";
constexpr std::string_view kExtension = ".pb.gz";

// "profile.early.pb.gz" is "early", "profile.pb.gz" the end.
std::string NameOf(const std::string& file) {
  const size_t middle = file.size() - kExtension.size();
  return middle > kStem.size() ? file.substr(kStem.size() + 1, middle - kStem.size() - 1)
                               : std::string(kEndProfile);
}

}  // namespace

ProfileOutcome ProfileVariant(const BlockRequest& request, const std::string& variant) {
  ProfileOutcome outcome;
  const auto fail = [&](std::string reason, std::string output = "") {
    outcome.end = BlockOutcome::End::kFailed;
    outcome.failure.reason = "while it was profiled: " + std::move(reason);
    outcome.failure.variant = variant;
    outcome.failure.output = std::move(output);
    return outcome;
  };
  const absl::StatusOr<TemporaryDirectory> dir = TemporaryDirectory::Make();
  if (!dir.ok()) return fail(std::string(dir.status().message()));
  ProcessRequest process;
  process.command = {
      request.program.string(), "--benchmark_filter=" + BenchmarkFilter({variant}),
      absl::StrFormat("--benchmark_min_time=%g", absl::ToDoubleSeconds(request.min_time)),
      absl::StrFormat("--heapwise_profile=%s/%s%s", dir->path().string(), kStem, kExtension)};
  if (request.lesson.isolation == LessonFile::Isolation::kProcess) {
    process.environment = request.lesson.EnvironmentOf(variant);
  }
  process.time_limit = request.time_limit;
  const ProcessOutcome ended = RunProcess(process);
  if (ended.end == ProcessOutcome::End::kInterrupted) {
    outcome.end = BlockOutcome::End::kInterrupted;
    return outcome;
  }
  if (!ended.Succeeded()) return fail(ended.Describe(request.time_limit), ended.output);
  for (const fs::path& entry : EntriesOf(dir->path())) {
    absl::StatusOr<std::string> content = ReadFile(entry);
    if (!content.ok()) return fail(std::string(content.status().message()), ended.output);
    outcome.profiles[NameOf(entry.filename())] = *std::move(content);
  }
  for (const auto& [of, profile] : request.lesson.NeededProfiles()) {
    if (of != variant || outcome.profiles.contains(profile)) continue;
    return fail(absl::StrFormat("it saved no profile \"%s\", which lesson.json asks for", profile),
                ended.output);
  }
  return outcome;
}

std::string ProfileFile(const std::string& lesson, const std::string& variant,
                        const std::string& profile) {
  return absl::StrFormat("%s-%s%s%s", lesson, FileNamePart(variant),
                         profile == kEndProfile ? "" : "." + profile, kExtension);
}

}  // namespace heapwise::runner
