// Quantities as Kubernetes writes them: "512Mi", "1.5Gi", "500M", "1e9".
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_QUANTITY_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_QUANTITY_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace heapwise::runner {

// The bytes that a quantity of memory means, a fraction rounded up, as Kubernetes' resource.Quantity has it
// (k8s.io/apimachinery, pkg/api/resource/quantity.go): an optional sign, digits with at most one point, and a suffix: Ki,
// Mi, Gi, Ti, Pi, Ei (powers of 1024), n, u, m, none, k, M, G, T, P, E (of 1000), or e or E with a whole number (of 10).
// Not what Kubernetes caps without a word, more than 2^63 - 1 bytes, and not a number without a digit. An error is
// what is wrong with it and what would be right, to be put behind the text itself. Exact, never by way of a
// floating-point number. Pure.
absl::StatusOr<int64_t> ParseQuantity(std::string_view text);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_QUANTITY_H_
