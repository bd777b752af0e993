// Lesson 14: leaks. A service looks its pages up in a cache, and renders what is not there. Four caches: one that never
// forgets, one with a bound, none, and one of weak pointers. The requests are the same, and so are the answers.
#ifndef HEAPWISE_LESSONS_14_LEAKS_AND_OOM_LESSON_H_
#define HEAPWISE_LESSONS_14_LEAKS_AND_OOM_LESSON_H_

#include <cstddef>
#include <cstdint>

#include "lessons/14-leaks-and-oom/workload.h"

// The most pages that the bounded cache keeps: 1 MiB.
inline constexpr size_t kMostPages = 1024;

// Each finds the page of this key. One thread at a time. The page is collected when neither the cache nor anybody else
// points to it.

namespace slow {  // keeps every page that was ever asked for
const Page* Find(int64_t key);
}
namespace fast {  // keeps the kMostPages pages that were asked for last
const Page* Find(int64_t key);
}
namespace none {  // keeps nothing: each page is garbage once it was sent
const Page* Find(int64_t key);
}
namespace weak {  // keeps a page as long as the collector does
const Page* Find(int64_t key);
size_t Entries();  // of its table
}  // namespace weak

// The exercise: the sessions of a shop, at most kMostSessions at a time.
namespace exercise {

inline constexpr int64_t kMostSessions = 64;

// A request of this user: goes on with the session that the user has, or begins one. Where there are kMostSessions
// already, the one whose last request is longest ago ends first. Returns the session's token: 1, 2, 3, ... in the order
// in which sessions begin.
int64_t Visit(int64_t user);

// How many requests the session of this token has had; 0 where it has ended, or there never was one. Is no request.
int64_t Requests(int64_t token);

// The user's session, if there is one, ends.
void Leave(int64_t user);

}  // namespace exercise

#endif  // HEAPWISE_LESSONS_14_LEAKS_AND_OOM_LESSON_H_
