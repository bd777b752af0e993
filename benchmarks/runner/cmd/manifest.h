// `heapwise manifest`: a Kubernetes manifest whose GOMEMLIMIT leaves headroom in the container.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_CMD_MANIFEST_H_
#define HEAPWISE_BENCHMARKS_RUNNER_CMD_MANIFEST_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// A share such as "10%" or "12.5%", in hundredths of a percent: 1000. At least 0 and less than 10000. An error is what is
// wrong with it, to be put behind the text.
absl::StatusOr<int> ParseHeadroom(std::string_view text);

// The value of GOMEMLIMIT for so many bytes, as Go reads it: a whole number of MiB from 64 MiB on, of KiB from 64 KiB
// on, otherwise of B. Rounded down.
std::string GoMemLimit(int64_t bytes);

// Prints the manifest of a Pod with one container of this size, of which GOMEMLIMIT leaves the headroom. Status 2
// with one line where the size is no quantity of memory above zero, the headroom no share below 100 %, or nothing
// is left.
int RunManifest(const std::string& container, const std::string& headroom, std::ostream& out,
                std::ostream& err);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_CMD_MANIFEST_H_
