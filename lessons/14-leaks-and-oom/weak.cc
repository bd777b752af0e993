#include "heapwise/weak.h"

#include <unordered_map>

#include "heapwise/finalizer.h"
#include "lessons/14-leaks-and-oom/lesson.h"

namespace weak {
namespace {

using heapwise::runtime::Weak;

// A Weak does not keep its page alive. But the table is ours, and no collector clears it up.
std::unordered_map<int64_t, Weak<Page>> pages;

// The page is dead: its entry goes too, unless a new page has taken its place.
void Forget(Page* page) {
  const auto found = pages.find(page->key);
  if (found != pages.end() && found->second.Get() == nullptr) pages.erase(found);
}

}  // namespace

const Page* Find(int64_t key) {
  if (const auto found = pages.find(key); found != pages.end()) {
    if (const Page* page = found->second.Get()) return page;
  }
  Page* const page = Render(key);
  heapwise::runtime::SetFinalizer(page, Forget);
  pages[key] = Weak<Page>(page);
  return page;
}

size_t Entries() { return pages.size(); }

}  // namespace weak
