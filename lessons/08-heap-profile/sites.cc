#include "lessons/08-heap-profile/sites.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "heapwise/pprof/reader.h"

namespace {

// The probability that an allocation is sampled. Rate 1 takes all.
double Sampled(double size, double rate) { return rate <= 1 ? 1 : -std::expm1(-size / rate); }

bool IsLessons(const heapwise::pprof::Line& line) {
  return line.file.find("lessons/08-heap-profile/") != std::string::npos &&
         !line.file.ends_with("/bench.cc") && !line.file.ends_with("/test.cc");
}

}  // namespace

std::vector<Site> Sites(const heapwise::pprof::Profile& profile) {
  using namespace heapwise::pprof;
  // Encoded, the counts are scaled, and addresses are lines.
  const ParsedProfile read = Parse(Encode(profile, Kind::kHeap)).value();
  std::map<std::string, Site> sites;
  const auto add = [&](const char* type, double Site::*bytes) {
    for (const auto& [line, n] : BytesByLine(read, type, IsLessons)) {
      const std::string path = line.file + ':' + std::to_string(line.line);
      Site& site = sites[path];
      site.function = line.function;
      site.line = path.substr(path.rfind('/') + 1);
      site.*bytes += static_cast<double>(n);
    }
  };
  add("alloc_space", &Site::alloc_bytes);
  add("inuse_space", &Site::inuse_bytes);
  std::vector<Site> ordered;
  for (const auto& [path, site] : sites) ordered.push_back(site);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const Site& a, const Site& b) { return a.alloc_bytes > b.alloc_bytes; });
  return ordered;
}

Site SiteAt(const heapwise::pprof::Profile& profile, const std::string& line) {
  for (const Site& site : Sites(profile)) {
    if (site.line == line) return site;
  }
  return {};
}

double SigmaBytes(int64_t times, const std::vector<double>& sizes, double rate) {
  double variance = 0;
  for (const double size : sizes) {
    const double p = Sampled(size, rate);
    variance += static_cast<double>(times) * size * size * (1 - p) / p;
  }
  return std::sqrt(variance);
}
