#ifndef HEAPWISE_PPROF_DEMANGLE_H_
#define HEAPWISE_PPROF_DEMANGLE_H_

#include <string>

namespace heapwise::pprof::internal {

// For people: `function` as C++ writes it; as it is where it is no mangled name.
std::string Demangle(const std::string& function);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_DEMANGLE_H_
