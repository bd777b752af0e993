#include "benchmarks/runner/cmd/manifest.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "benchmarks/runner/base/exit_status.h"
#include "benchmarks/runner/base/quantity.h"

namespace heapwise::runner {
namespace {

constexpr int kWhole = 10000;  // 100 %, in hundredths of a percent

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int Refuse(std::ostream& err, const std::string& flag, const std::string& value,
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
      has_fraction == hundredths.empty() || !std::all_of(whole.begin(), whole.end(), IsDigit) ||
      !std::all_of(hundredths.begin(), hundredths.end(), IsDigit)) {
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
    return Refuse(err, "container", container, std::string(bytes.status().message()));
  if (*bytes <= 0) {
    return Refuse(err, "container", container, "must be more than nothing, such as 512Mi");
  }
  const absl::StatusOr<int> share = ParseHeadroom(headroom);
  if (!share.ok()) return Refuse(err, "headroom", headroom, std::string(share.status().message()));
  // In two parts, so that nothing overflows: 100 % of 2^63 - 1 bytes are too many hundredths.
  const int64_t limit =
      *bytes / kWhole * (kWhole - *share) + *bytes % kWhole * (kWhole - *share) / kWhole;
  if (limit <= 0) {
    return Refuse(
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

}  // namespace heapwise::runner
