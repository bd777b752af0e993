#include "lessons/09-live-profile/live_profile.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

#include "heapwise/pprof/encode.h"
#include "heapwise/pprof/http_client.h"
#include "profile.pb.h"

namespace {

constexpr int kInUseBytes = 3;  // the fourth of a heap profile's sample types

std::string Demangled(const std::string& name) {
  int status = 0;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  const std::string demangled = status == 0 ? text : name;
  std::free(text);
  return demangled;
}

}  // namespace

std::optional<std::string> FetchHeap(int port) {
  const auto answer = heapwise::pprof::HttpClient(port).Get("/debug/pprof/heap?gc=1");
  if (!answer || answer->status != 200) return std::nullopt;
  return answer->body;
}

BytesByFunction InUse(const std::string& profile) {
  perftools::profiles::Profile message;
  BytesByFunction bytes;
  if (!message.ParseFromString(heapwise::pprof::internal::Gunzip(profile))) return bytes;
  std::map<uint64_t, std::string> functions;
  for (const auto& function : message.function()) {
    functions[function.id()] = Demangled(message.string_table(static_cast<int>(function.name())));
  }
  std::map<uint64_t, std::string> innermost;  // of each location
  for (const auto& location : message.location()) {
    if (location.line_size() > 0)
      innermost[location.id()] = functions[location.line(0).function_id()];
  }
  for (const auto& sample : message.sample()) {
    if (sample.location_id_size() > 0)
      bytes[innermost[sample.location_id(0)]] += sample.value(kInUseBytes);
  }
  return bytes;
}

BytesByFunction Growth(const BytesByFunction& early, const BytesByFunction& late) {
  BytesByFunction growth = late;
  for (const auto& [function, bytes] : early) growth[function] -= bytes;
  return growth;
}

int64_t BytesOf(const BytesByFunction& bytes, const std::string& part) {
  int64_t sum = 0;
  for (const auto& [function, in_use] : bytes) {
    if (function.find(part) != std::string::npos) sum += in_use;
  }
  return sum;
}

double ShareOf(const BytesByFunction& bytes, const std::string& part) {
  int64_t all = 0;
  for (const auto& [function, in_use] : bytes) all += std::max<int64_t>(in_use, 0);
  return all == 0 ? 0 : static_cast<double>(BytesOf(bytes, part)) / static_cast<double>(all);
}
