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
  std::array<char, 992> basket;
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

// The session at this place ends, and those behind it move up. The slot behind the last one would still point to that.
void End(std::span<Session*>::iterator place) {
  by_token.erase((*place)->token);
  std::ranges::move(place + 1, Open().end(), place);
  slots[--used] = nullptr;
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
  return found == by_token.end() ? 0 : found->second->requests;
}

void Leave(int64_t user) {
  const auto place = PlaceOf(user);
  if (place != Open().end()) End(place);
}

}  // namespace exercise
