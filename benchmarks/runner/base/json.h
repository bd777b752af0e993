// JSON as this program writes it. To read it strictly: json_field.h.
#ifndef HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_H_
#define HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_H_

#include <string>

#include "nlohmann/json.hpp"

namespace heapwise::runner {

using Json = nlohmann::ordered_json;

// A file's text: indented, with a newline at the end. What is no UTF-8 becomes U+FFFD.
std::string ToText(const Json& json);

}  // namespace heapwise::runner

#endif  // HEAPWISE_BENCHMARKS_RUNNER_BASE_JSON_H_
