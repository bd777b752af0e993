#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "benchmarks/harness/lesson.h"
#include "benchmarks/harness/profile.h"
#include "heapwise/gc/gc_events.h"
#include "heapwise/heap.h"
#include "heapwise/pprof/http_client.h"
#include "lessons/09-live-profile/lesson.h"
#include "lessons/09-live-profile/live_profile.h"

namespace {

using heapwise::pprof::HttpClient;

constexpr int kClients = 2;
constexpr int64_t kRequestsOfAClient = 1000;
constexpr auto kScrapeEvery = std::chrono::milliseconds(50);

uint64_t LiveBytes() {
  using heapwise::runtime::CollectionLog;
  heapwise::runtime::GC();
  return CollectionLog::Since(CollectionLog::Next() - 1).collections.front().heap_after_bytes;
}

// A service that runs, and what was seen of its heap before the requests and after.
class Session {
 public:
  Session(Service (*start)(Ports), bool scrape) : start_(start), scrape_(scrape) {}
  ~Session() { StopScraper(); }

  void Start() {
    StopScraper();
    service_ = start_({});
    Client (*this)();
    if (service_.endpoint != nullptr) heapwise::bench::SaveProfile("early");
    early_ = FetchInUse();
    live_before_ = LiveBytes();
    requests_ = 0;
    scrapes_ = 0;
    if (scrape_) scraper_ = std::thread([this, port = ProfilePort()] { Scrape(port); });
  }

  // Asks the service over a connection of its own, which it keeps. Every thread of a benchmark has a copy.
  class Client {
   public:
    explicit Client(Session& session) : session_(session) {}
    Client(const Client& other) : session_(other.session_) {}

    // One request. A lost one would make the numbers wrong: it ends the program.
    void operator()() {
      if (connection_ == nullptr) {
        connection_ = std::make_unique<HttpClient>(session_.service_.shop->port());
      }
      const auto answer = connection_->Get("/work");
      if (!answer || answer->status != 200) std::abort();
      ++session_.requests_;
    }

   private:
    Session& session_;
    std::unique_ptr<HttpClient> connection_;
  };

  double GrowthShare() { return ShareOf(Growth(early_, FetchInUse()), "RenderPage"); }
  double InUseShare() { return ShareOf(FetchInUse(), "RenderPage"); }
  double KeptBytesPerRequest() {
    return (static_cast<double>(LiveBytes()) - static_cast<double>(live_before_)) /
           static_cast<double>(requests_.load());
  }
  double Scrapes() { return static_cast<double>(scrapes_.load()); }

 private:
  // Without an endpoint there is only the shop to ask.
  int ProfilePort() const {
    return service_.endpoint != nullptr ? service_.endpoint->port() : service_.shop->port();
  }

  BytesByFunction FetchInUse() {
    const auto profile = FetchHeap(ProfilePort());
    return profile ? InUse(*profile) : BytesByFunction();
  }

  void StopScraper() {
    if (!scraper_.joinable()) return;
    ended_ = true;
    scraper_.join();
    ended_ = false;
  }

  // As a tool does that collects profiles all the time, and far more often: those wait for 10 s or more.
  void Scrape(int port) {
    HttpClient client(port);
    while (!ended_) {
      if (const auto answer = client.Get("/debug/pprof/heap"); answer && answer->status == 200)
        ++scrapes_;
      std::this_thread::sleep_for(kScrapeEvery);
    }
  }

  Service (*const start_)(Ports);
  const bool scrape_;
  Service service_;
  BytesByFunction early_;
  uint64_t live_before_ = 0;
  std::thread scraper_;
  std::atomic<bool> ended_{false};
  std::atomic<int64_t> requests_{0};
  std::atomic<int64_t> scrapes_{0};
};

void Prepare(heapwise::bench::Variant& variant, Session& session) {
  variant.Operations(kRequestsOfAClient)
      .Threads({kClients})
      .Setup([&session] { session.Start(); })
      .Report("growth_share", [&session] { return session.GrowthShare(); })
      .Report("in_use_share", [&session] { return session.InUseShare(); })
      .Report("kept_bytes", [&session] { return session.KeptBytesPerRequest(); });
}

}  // namespace

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.OneProcessEach();
  static Session slow(slow::Start, false);
  static Session fast(fast::Start, false);
  static Session scraped(fast::Start, true);
  Prepare(lesson.Slow(Session::Client(slow)), slow);
  Prepare(lesson.Fast(Session::Client(fast)), fast);
  heapwise::bench::Variant& variant = lesson.Add("scraped", Session::Client(scraped));
  Prepare(variant, scraped);
  variant.Report("scrapes", [] { return scraped.Scrapes(); });
}
