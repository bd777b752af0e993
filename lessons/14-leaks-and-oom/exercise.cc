// Exercise: a shop whose memory grows, though it never has more than kMostSessions sessions.
//
// Its answers are right: a session that has ended is never seen again. But it is still in memory, for two reasons.
//
// Done when `make check LESSON=14` passes:
//   - who has left leaves nothing behind, be it one at a time or all of them at once;
//   - the answers are what they were: the sessions that were used last go on, and the others have ended.
//
// Hint: who still points to a session that has ended? One pointer lies in a table. The other one lies where nobody
// looks any more, but the collector does.
#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>
#include <utility>

#include "heapwise/heap.h"
#include "lessons/14-leaks-and-oom/lesson.h"

namespace exercise {
namespace {

struct Session {
  int64_t user;
  int64_t token;
  int64_t requests;
  bool ended;
  std::array<char, 984> basket;
};

using Table = std::unordered_map<int64_t, Session*, std::hash<int64_t>, std::equal_to<>,
                                 heapwise::runtime::Allocator<std::pair<const int64_t, Session*>>>;

// The first `used` slots count; the last of these was used last.
std::array<Session*, kMostSessions> slots;
int64_t used = 0;
Table by_token;
int64_t next_token = 1;

std::span<Session*> Open() { return std::span(slots).first(used); }

// The place of the user's session, or the end of the open ones.
auto PlaceOf(int64_t user) { return std::ranges::find(Open(), user, &Session::user); }

// The session at this place ends, and those behind it move up.
void End(std::span<Session*>::iterator place) {
  (*place)->ended = true;
  std::ranges::move(place + 1, Open().end(), place);
  --used;
}

void Begin(int64_t user) {
  if (used == kMostSessions) End(Open().begin());
  Session* const session = heapwise::runtime::New<Session>(user, next_token++);
  by_token[session->token] = session;
  slots[used++] = session;
}

}  // namespace

int64_t Visit(int64_t user) {
  const auto place = PlaceOf(user);
  if (place == Open().end()) {
    Begin(user);
  } else {
    std::rotate(place, place + 1, Open().end());
  }
  Session& session = *Open().back();
  ++session.requests;
  return session.token;
}

int64_t Requests(int64_t token) {
  const auto found = by_token.find(token);
  return found == by_token.end() || found->second->ended ? 0 : found->second->requests;
}

void Leave(int64_t user) {
  const auto place = PlaceOf(user);
  if (place != Open().end()) End(place);
}

}  // namespace exercise
