#include "lessons/14-leaks-and-oom/workload.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>
#include <thread>

#include "heapwise/mem_stats.h"

namespace runtime = heapwise::runtime;

namespace {

int64_t rendered = 0;

// A number from 0 up to 1. The standard's own distributions differ from library to library.
double Uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

Page* Render(int64_t key) {
  Page* const page = runtime::New<Page>();
  page->key = key;
  uint64_t state = static_cast<uint64_t>(key) + 1;
  for (size_t i = 0; i < page->text.size(); i += sizeof(state)) {
    state = state * 6364136223846793005 + 1442695040888963407;  // Knuth's, of MMIX
    std::memcpy(&page->text[i], &state, sizeof(state));
  }
  ++rendered;
  return page;
}

int64_t Rendered() { return rendered; }

int64_t Answer(FindPage find, int64_t key) {
  const Page* const page = find(key);
  // 1 KiB with the byte that MakeSlice adds.
  const std::span<char> reply = runtime::MakeSlice<char>(sizeof(Page) - 1);
  std::memcpy(reply.data(), page->text.data(), page->text.size());
  uint64_t sum = static_cast<uint64_t>(page->key);
  for (size_t i = 0; i < page->text.size(); i += sizeof(sum)) {
    uint64_t word;
    std::memcpy(&word, &reply[i], sizeof(word));
    sum = sum * 31 + word;
  }
  return static_cast<int64_t>(sum);
}

Requests::Requests(uint64_t seed) : random_(seed), next_new_(static_cast<int64_t>(seed) << 32) {
  double sum = 0;
  for (int64_t page = 0; page < kPopular; ++page)
    up_to_.push_back(sum += 1.0 / static_cast<double>(page + 1));
  for (double& share : up_to_) share /= sum;
}

int64_t Requests::NextKey() {
  if (random_() % 2 == 0) return next_new_++;
  return std::ranges::upper_bound(up_to_, Uniform(random_)) - up_to_.begin();
}

int64_t LiveBytes() {
  int64_t live = -1;
  for (int collection = 0, same = 0; same < 3 && collection < 100; ++collection) {
    runtime::GC();
    const auto found = static_cast<int64_t>(runtime::ReadHeapCounters().heap_marked);
    same = found == live ? same + 1 : 0;
    live = found;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return live;
}
