#include "heapwise/weak.h"

#include <mutex>
#include <unordered_map>

#include "heapwise/cleanup.h"
#include "lessons/14-leaks-and-oom/lesson.h"

namespace weak {
namespace {

using heapwise::runtime::Weak;

// A Weak does not keep its page alive. But the table is ours, and no collector clears it up.
std::unordered_map<int64_t, Weak<Page>> pages;
std::mutex pages_mutex;  // cleanups run in a thread of their own

// The page is gone: its entry goes too, unless a new page has taken its place.
void Forget(int64_t key) {
  const std::lock_guard lock(pages_mutex);
  const auto found = pages.find(key);
  if (found != pages.end() && found->second.Get() == nullptr) pages.erase(found);
}

}  // namespace

const Page* Find(int64_t key) {
  const std::lock_guard lock(pages_mutex);
  if (const auto found = pages.find(key); found != pages.end()) {
    if (const Page* page = found->second.Get()) return page;
  }
  Page* const page = Render(key);
  heapwise::runtime::AddCleanup(page, Forget, key);
  pages[key] = Weak<Page>(page);
  return page;
}

size_t Entries() {
  const std::lock_guard lock(pages_mutex);
  return pages.size();
}

}  // namespace weak
