#include "heapwise/pprof/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace heapwise::pprof::internal {

std::string Demangle(const std::string& function) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(function.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? name.get() : function;
}

}  // namespace heapwise::pprof::internal
