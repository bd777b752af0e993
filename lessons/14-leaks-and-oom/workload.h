// The service of this lesson, but for its cache: pages, how they are rendered and sent, and who asks for which.
//
// One thread at a time, and one that is registered with the collector.
#ifndef HEAPWISE_LESSONS_14_LEAKS_AND_OOM_WORKLOAD_H_
#define HEAPWISE_LESSONS_14_LEAKS_AND_OOM_WORKLOAD_H_

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "heapwise/heap.h"

struct Page {
  int64_t key;
  std::array<char, 1016> text;
};
static_assert(sizeof(Page) == 1024);
template <>
inline constexpr bool heapwise::runtime::kIsPointerFree<Page> = true;

// How a variant finds the page of a key.
using FindPage = const Page* (*)(int64_t key);

// Makes the page of this key on the collected heap: always the same text for the same key.
Page* Render(int64_t key);

// Pages rendered so far.
int64_t Rendered();

// Answers one request: finds the page, and sends a reply of 1 KiB that is garbage from then on. Returns a checksum of the
// reply.
int64_t Answer(FindPage find, int64_t key);

// What is asked for. Of two requests one is for a popular page, of which there are kPopular: the second most popular one
// half as often as the first, the third a third as often (Zipf's law). The other one is for a page that nobody asked
// for before and nobody will again, such as a search; other seeds have other such pages.
class Requests {
 public:
  static constexpr int64_t kPopular = 512;

  explicit Requests(uint64_t seed = 1);

  int64_t NextKey();

 private:
  std::mt19937_64 random_;
  std::vector<double> up_to_;  // the popular requests' share for this page and those before it
  int64_t next_new_;
};

// What the benchmarks serve.
inline constexpr int64_t kRequests = 16'000;

// Collects until that frees nothing more, since cleanups run in between and are garbage then, and returns the bytes that
// survived.
int64_t LiveBytes();

#endif  // HEAPWISE_LESSONS_14_LEAKS_AND_OOM_WORKLOAD_H_
