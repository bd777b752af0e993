#ifndef HEAPWISE_PPROF_ENCODE_H_
#define HEAPWISE_PPROF_ENCODE_H_

#include <string>

namespace heapwise::pprof::internal {

// One member of gzip.
std::string Gzip(const std::string& plain);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_ENCODE_H_
