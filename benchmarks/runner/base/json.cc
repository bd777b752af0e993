#include "benchmarks/runner/base/json.h"

namespace heapwise::runner {

std::string ToText(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace heapwise::runner
