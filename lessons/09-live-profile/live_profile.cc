#include "lessons/09-live-profile/live_profile.h"

#include <algorithm>

#include "heapwise/pprof/http_client.h"
#include "heapwise/pprof/reader.h"

std::optional<std::string> FetchHeap(int port) {
  const auto answer = heapwise::pprof::HttpClient(port).Get("/debug/pprof/heap?gc=1");
  if (!answer || answer->status != 200) return std::nullopt;
  return answer->body;
}

BytesByFunction InUse(const std::string& profile) {
  const auto read = heapwise::pprof::Parse(profile);
  if (!read.ok()) return {};
  return heapwise::pprof::BytesByFunction(*read, "inuse_space");
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
