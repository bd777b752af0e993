#ifndef HEAPWISE_PPROF_ENCODE_H_
#define HEAPWISE_PPROF_ENCODE_H_

#include <string>

namespace heapwise::pprof::internal {

// One gzip member, or its content.
std::string Gzip(const std::string& plain);
std::string Gunzip(const std::string& compressed);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_ENCODE_H_
