#ifndef HEAPWISE_GC_ENVIRONMENT_H_
#define HEAPWISE_GC_ENVIRONMENT_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

// Reading GOGC, GOMEMLIMIT and GODEBUG as Go 1.27 reads them. Pure functions: no environment is
// touched here, and nothing is printed. An unset variable reads as "".
namespace heapwise::runtime {

inline constexpr int64_t kNoMemoryLimit = std::numeric_limits<int64_t>::max();

// The value of GOGC as a percentage; -1 means off. "off" and every negative number give -1,
// anything that is not ^[+-]?[0-9]+$ or does not fit an int32 gives 100 in silence. Go:
// mgcpacer.go:1368 (readGOGC), internal/strconv/atoi.go:172 (ParseInt).
int ParseGogc(std::string_view value);

// The value of GOMEMLIMIT in bytes; unset, empty and "off" give kNoMemoryLimit. nullopt means
// malformed: Go prints the value and exits with status 2. Go: mgcpacer.go:1414 (readGOMEMLIMIT).
std::optional<int64_t> ParseGomemlimit(std::string_view value);

// A byte count: ^[+-]?[0-9]+(([KMGT]i)?B)?$, not below 0, that fits an int64. Go: string.go:416
// (parseByteCount).
std::optional<int64_t> ParseByteCount(std::string_view text);

// The integer that Go would store for `name` (gctrace, disablethp) of GODEBUG, 0 without it: a comma-separated list of
// name=number, the last valid one counts, and malformed numbers are skipped. Go: runtime1.go:492
// (parsegodebug).
int ParseGodebug(std::string_view godebug, std::string_view name);

}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_ENVIRONMENT_H_
