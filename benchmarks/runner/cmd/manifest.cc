#include "benchmarks/runner/cmd/manifest.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/quantity.h"
#include "benchmarks/runner/cmd/subcommand.h"

namespace heapwise::runner {
namespace {

constexpr int kWhole = 10000;  // 100 %, in hundredths of a percent

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

int RefuseValue(std::ostream& err, const std::string& flag, const std::string& value,
                const std::string& why) {
  err << "--" << flag << "=" << absl::Utf8SafeCEscape(value) << ": " << why << "\n";
  return kExitUsage;
}

}  // namespace

absl::StatusOr<int> ParseHeadroom(std::string_view text) {
  const absl::Status malformed = absl::InvalidArgumentError(
      "must be a share of the container from 0% to less than 100%, such as 10% or 12.5%");
  if (!text.ends_with('%')) return malformed;
  text.remove_suffix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string hundredths(text.substr(std::min(point + 1, text.size())));
  const bool has_fraction = point < text.size();
  if (whole.empty() || whole.size() > 3 || hundredths.size() > 2 ||
      has_fraction == hundredths.empty() || !AreDigits(whole) || !AreDigits(hundredths)) {
    return malformed;
  }
  hundredths.resize(2, '0');
  int headroom = 0;
  for (const char c : std::string(whole) + hundredths) headroom = headroom * 10 + (c - '0');
  if (headroom >= kWhole) return malformed;
  return headroom;
}

std::string GoMemLimit(int64_t bytes) {
  constexpr int64_t kKiB = 1 << 10;
  constexpr int64_t kMiB = 1 << 20;
  if (bytes >= 64 * kMiB) return absl::StrFormat("%dMiB", bytes / kMiB);
  if (bytes >= 64 * kKiB) return absl::StrFormat("%dKiB", bytes / kKiB);
  return absl::StrFormat("%dB", bytes);
}

int RunManifest(const std::string& container, const std::string& headroom, std::ostream& out,
                std::ostream& err) {
  const absl::StatusOr<int64_t> bytes = ParseQuantity(container);
  if (!bytes.ok())
    return RefuseValue(err, "container", container, std::string(bytes.status().message()));
  if (*bytes <= 0) {
    return RefuseValue(err, "container", container, "must be more than nothing, such as 512Mi");
  }
  const absl::StatusOr<int> share = ParseHeadroom(headroom);
  if (!share.ok())
    return RefuseValue(err, "headroom", headroom, std::string(share.status().message()));
  // In two parts, so that nothing overflows: 100 % of 2^63 - 1 bytes are too many hundredths.
  const int64_t limit =
      *bytes / kWhole * (kWhole - *share) + *bytes % kWhole * (kWhole - *share) / kWhole;
  if (limit <= 0) {
    return RefuseValue(
        err, "container", container,
        "leaves not one byte to the collector; a container is rather of the size of 512Mi");
  }
  // `memory` is written as it was typed: a quantity has no character that YAML minds between quotes.
  out << absl::StrFormat(
      R"(apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
  containers:
    - name: app
      image: myapp:latest
      resources:
        limits:
          memory: "%s"
      env:
        - name: GOMEMLIMIT
          value: "%s"
)",
      container, GoMemLimit(limit));
  return kExitOk;
}

namespace {

Subcommand ManifestSubcommand() {
  struct Flags {
    std::optional<std::string> container;
    std::string headroom = "10%";
  };
  const auto flags = std::make_shared<Flags>();
  return {
      {.name = "manifest",
       .arguments = "--container=SIZE [--headroom=SHARE]",
       .what = "Prints a Kubernetes manifest whose GOMEMLIMIT leaves headroom in the container.",
       .more = "GOMEMLIMIT is the container less the headroom, rounded down to what Go reads. How "
               "much headroom a service needs is measured, not known: lesson 12. Status: 0, 2 when "
               "the size or the share makes no sense.",
       .example = "heapwise manifest --container=512Mi --headroom=12%",
       .flags = {{"container", &flags->container,
                  "the container's memory, a quantity as Kubernetes writes it: 512Mi, 1.5Gi, 500M"},
                 {"headroom", &flags->headroom,
                  "the share of the container that is left free for what the collector does not "
                  "count: 10% (the default), 12.5%"}}},
      70,
      [flags](const ParsedArguments& arguments) {
        for (const char* flag : {"container", "headroom"}) {
          if (std::count(arguments.given.begin(), arguments.given.end(), flag) > 1) {
            return Refuse(absl::StrFormat(
                "heapwise manifest: --%s is there twice; a manifest has one", flag));
          }
        }
        if (!flags->container) {
          return Refuse(
              "heapwise manifest: for a container of what size? heapwise manifest "
              "--container=512Mi");
        }
        return RunManifest(*flags->container, flags->headroom, std::cout, std::cerr);
      }};
}
const Registered registered_manifest(ManifestSubcommand);

}  // namespace

}  // namespace heapwise::runner
