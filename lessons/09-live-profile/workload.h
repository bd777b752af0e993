// The service that every variant of this lesson runs, over HTTP on 127.0.0.1. It is build/bin/service --leak in small:
// the same functions, in the same roles.
#ifndef HEAPWISE_LESSONS_09_LIVE_PROFILE_WORKLOAD_H_
#define HEAPWISE_LESSONS_09_LIVE_PROFILE_WORKLOAD_H_

#include <cstdint>
#include <thread>

#include "heapwise/pprof/http_server.h"

inline constexpr int64_t kLineBytes = 32;
inline constexpr int64_t kCatalogueBytes = int64_t{12} << 20;  // lives as long as the shop
inline constexpr int64_t kOrderBytes = 1024 * kLineBytes;      // garbage, of each request
inline constexpr int64_t kPageBytes = 2048;                    // the leak, of each request

// A shop that answers GET /work from a thread of its own until it is destroyed. One at a time: a new shop begins
// with a new catalogue, and without the pages that the one before it kept.
class Shop {
 public:
  // Port 0 lets the system choose. Throws absl::BadStatusOrAccess where the port is taken.
  explicit Shop(int port);
  ~Shop();
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  int port() const { return port_; }

 private:
  heapwise::pprof::HttpServer server_;
  int port_;
  std::thread thread_;
};

#endif  // HEAPWISE_LESSONS_09_LIVE_PROFILE_WORKLOAD_H_
