#include "lessons/08-heap-profile/sites.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>

namespace {

// The probability that an allocation is sampled. Rate 1 takes all.
double Sampled(double size, double rate) { return rate <= 1 ? 1 : -std::expm1(-size / rate); }

// The last part of "#\t0x...\tfunction+0x..\t/path/file.cc:7": the function and its line.
struct Frame {
  std::string function;
  std::string path;
};

Frame FrameOf(const std::string& text) {
  std::istringstream in(text);
  std::string skipped, function, path;
  std::getline(in, skipped, '\t');
  std::getline(in, skipped, '\t');
  std::getline(in, function, '\t');
  std::getline(in, path);
  return {function.substr(0, function.rfind("+0x")), path};
}

bool IsLessons(const std::string& path) {
  return path.find("lessons/08-heap-profile/") != std::string::npos &&
         path.find("/bench.cc:") == std::string::npos &&
         path.find("/test.cc:") == std::string::npos;
}

}  // namespace

std::vector<Site> Sites(const heapwise::pprof::Profile& profile) {
  const auto rate = static_cast<double>(profile.rate);
  std::map<std::string, Site> sites;
  double alloc_bytes = 0;
  double inuse_bytes = 0;
  bool found = true;  // the line that the present sample belongs to
  std::istringstream text(heapwise::pprof::Text(profile));
  for (std::string line; std::getline(text, line);) {
    long long inuse_n, inuse, alloc_n, alloc;
    if (std::sscanf(line.c_str(), "%lld: %lld [%lld: %lld] @", &inuse_n, &inuse, &alloc_n,
                    &alloc) == 4) {
      const double size = alloc_n != 0 ? static_cast<double>(alloc) / static_cast<double>(alloc_n)
                                       : static_cast<double>(inuse) / static_cast<double>(inuse_n);
      const double scale = 1 / Sampled(size, rate);
      alloc_bytes = static_cast<double>(alloc) * scale;
      inuse_bytes = static_cast<double>(inuse) * scale;
      found = false;
    } else if (line.starts_with("#\t") && !found) {
      const Frame frame = FrameOf(line);
      if (!IsLessons(frame.path)) continue;
      found = true;
      Site& site = sites[frame.path];
      site.function = frame.function;
      site.line = frame.path.substr(frame.path.rfind('/') + 1);
      site.alloc_bytes += alloc_bytes;
      site.inuse_bytes += inuse_bytes;
    }
  }
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
