#ifndef HEAPWISE_PPROF_TESTING_H_
#define HEAPWISE_PPROF_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "heapwise/pprof/reader.h"

// What several tests of the profiler share.
namespace heapwise::pprof::testing {

// The samples of a heap profile; fails the calling test where it is none. Their values are objects and bytes allocated,
// objects and bytes in use.
std::vector<ParsedSample> Decode(const std::string& encoded);

// The line of a file that ends in `mark`, counted from 1; 0 where there is none.
int64_t LineOf(const std::string& file, const std::string& mark);

}  // namespace heapwise::pprof::testing

#endif  // HEAPWISE_PPROF_TESTING_H_
