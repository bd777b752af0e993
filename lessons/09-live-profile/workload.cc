#include "lessons/09-live-profile/workload.h"

#include <cstdio>
#include <mutex>

#include "heapwise/heap.h"

using heapwise::runtime::New;

namespace {

struct Line {
  Line* next;
  int64_t article;
  int64_t count;
  int64_t cents;
};

struct Page {
  Page* earlier;
  char text[kPageBytes - sizeof(Page*)];
};

static_assert(sizeof(Line) == kLineBytes && sizeof(Page) == kPageBytes);

// Static variables are roots: what they reach lives on.
Line* catalogue = nullptr;
Page* history = nullptr;
std::mutex history_mutex;

void LoadCatalogue() {
  catalogue = nullptr;
  for (int64_t i = 0; i < kCatalogueBytes / kLineBytes; ++i) {
    catalogue = New<Line>(catalogue, i, 1, 100);
  }
}

// The order that a request asks for. Nobody needs it when the request is answered.
Line* ReadOrder() {
  Line* order = nullptr;
  for (int64_t i = 0; i < kOrderBytes / kLineBytes; ++i) order = New<Line>(order, i, 1, 100);
  return order;
}

Page* RenderPage(const Line* order) {
  Page* page = New<Page>();
  int64_t cents = 0;
  for (const Line* line = order; line != nullptr; line = line->next)
    cents += line->count * line->cents;
  std::snprintf(page->text, sizeof page->text, "{\"cents\": %lld}\n",
                static_cast<long long>(cents));
  return page;
}

// The leak. Nobody ever takes a page out.
void RememberPage(Page* page) {
  std::lock_guard lock(history_mutex);
  page->earlier = history;
  history = page;
}

void Work(const heapwise::pprof::Request&, heapwise::pprof::Response& response) {
  Page* page = RenderPage(ReadOrder());
  RememberPage(page);
  response.content_type = "application/json";
  response.body = page->text;
}

}  // namespace

// One worker, beside the thread that looks after connections. With the usual eight, on two processors and with two
// clients, threads change places twice as often and a request takes more than half as long again: the lesson would
// measure that. More stacks also hold more of the last orders. (Two workers could not be told from one.)
Shop::Shop(int port) : server_({.workers = 1}) {
  LoadCatalogue();
  history = nullptr;
  server_.Get("/work", Work);
  port_ = server_.Bind("127.0.0.1", port).value();
  thread_ = std::thread([this] { server_.Serve(); });
}

Shop::~Shop() {
  server_.Stop();
  thread_.join();
}
