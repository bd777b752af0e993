#include "heapwise/pprof/handler.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/heap.h"
#include "heapwise/mem_stats.h"
#include "heapwise/pprof/http_client.h"
#include "heapwise/pprof/profile.h"
#include "heapwise/pprof/reader.h"
#include "testing/go.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace heapwise::pprof {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kText[] = "text/plain; charset=utf-8";

int SecondsOr(const char* variable, int otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::atoi(value);
}

// Sends bytes as they are and returns everything that comes back until the server closes, or until nothing has
// come for `patience`.
std::string Exchange(int port, const std::string& bytes, std::chrono::milliseconds patience) {
  HttpClient client(port, patience);
  client.Send(bytes);
  client.EndSending();
  return client.ReadAll();
}

class HandlerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { endpoint = Endpoint::Start(0)->release(); }
  static void TearDownTestSuite() { delete endpoint; }

  static HttpClient Client() { return HttpClient(endpoint->port()); }

  static Answer Get(const std::string& path) {
    const std::optional<Answer> answer = Client().Get("/debug/pprof" + path);
    EXPECT_TRUE(answer) << path;
    return answer.value_or(Answer());
  }

  static inline Endpoint* endpoint = nullptr;
};

TEST_F(HandlerTest, TheIndexListsTheProfiles) {
  const auto answer = Get("/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("href=\"heap?debug=1\""));
  EXPECT_THAT(answer.body, HasSubstr("href=\"allocs?debug=1\""));
  EXPECT_THAT(answer.body, HasSubstr("href=\"cmdline"));
  EXPECT_THAT(answer.body, HasSubstr("href=\"symbol\""));
  EXPECT_THAT(answer.body,
              HasSubstr("goroutineleak, mutex, profile (CPU), threadcreate and trace"));
  EXPECT_EQ(Get("").status, 307);
  EXPECT_EQ(Get("").Header("location"), "/debug/pprof/");
}

TEST_F(HandlerTest, AProfileIsAnAttachment) {
  for (const std::string name : {"heap", "allocs"}) {
    const auto answer = Get("/" + name);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("content-type"), "application/octet-stream");
    EXPECT_EQ(answer.Header("content-disposition"), "attachment; filename=\"" + name + "\"");
    EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
    const auto profile = Parse(answer.body);
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_EQ(profile->types.size(), 4u);
    EXPECT_EQ(profile->default_type, name == "allocs" ? "alloc_space" : "");
    EXPECT_EQ(profile->duration_ns, 0);
  }
}

TEST_F(HandlerTest, DebugGivesText) {
  for (const char* query :
       {"/heap?debug=1", "/allocs?debug=2", "/heap?debug=-1", "/heap?debug=99999999999999999999"}) {
    const auto answer = Get(query);
    EXPECT_EQ(answer.status, 200) << query;
    EXPECT_EQ(answer.Header("content-type"), kText) << query;
    EXPECT_EQ(answer.Header("content-disposition"), "") << query;
    EXPECT_THAT(answer.body, StartsWith("heap profile: ")) << query;
  }
  // What is no number is 0, as with Go's Atoi.
  for (const char* query :
       {"/heap?debug=yes", "/heap?debug=", "/heap?debug=1x", "/heap?debug=0x1", "/heap?debug=0"}) {
    EXPECT_EQ(Get(query).Header("content-type"), "application/octet-stream") << query;
  }
}

TEST_F(HandlerTest, GcCollectsForHeapOnlyAndNotWithSeconds) {
  const auto collections = [](const std::string& query) {
    const uint64_t before = runtime::ReadHeapCounters().num_forced_gc;
    EXPECT_EQ(Get(query).status, 200) << query;
    return runtime::ReadHeapCounters().num_forced_gc - before;
  };
  EXPECT_EQ(collections("/heap?gc=1"), 1u);
  EXPECT_EQ(collections("/heap?gc=7&debug=1"), 1u);
  EXPECT_EQ(collections("/heap?gc=99999999999999999999"), 1u);  // out of range, but more than 0
  EXPECT_EQ(collections("/heap"), 0u);
  EXPECT_EQ(collections("/heap?gc=0"), 0u);
  EXPECT_EQ(collections("/heap?gc=-1"), 0u);
  EXPECT_EQ(collections("/heap?gc=true"), 0u);
  EXPECT_EQ(collections("/allocs?gc=1"), 0u);
  EXPECT_EQ(collections("/heap?gc=1&seconds=1"), 0u);
}

TEST_F(HandlerTest, SecondsGivesADelta) {
  const auto answer = Get("/heap?seconds=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("content-type"), "application/octet-stream");
  EXPECT_EQ(answer.Header("content-disposition"), "attachment; filename=\"heap-delta\"");
  const auto profile = Parse(answer.body);
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_GE(profile->duration_ns, 900'000'000);
  EXPECT_LT(profile->duration_ns, 30'000'000'000);
}

TEST_F(HandlerTest, WhatGoRefusesIsRefused) {
  struct Refusal {
    const char* query;
    int status;
    const char* text;
  };
  const Refusal refusals[] = {
      {"/heap?seconds=0", 400, "invalid value for \"seconds\" - must be a positive integer\n"},
      {"/heap?seconds=-3", 400, "invalid value for \"seconds\" - must be a positive integer\n"},
      {"/heap?seconds=1.5", 400, "invalid value for \"seconds\" - must be a positive integer\n"},
      {"/heap?seconds=ten", 400, "invalid value for \"seconds\" - must be a positive integer\n"},
      {"/allocs?seconds=9223372036854775808", 400,
       "invalid value for \"seconds\" - must be a positive integer\n"},
      {"/heap?seconds=1&debug=1", 400, "seconds and debug params are incompatible\n"},
      {"/heap?seconds=3601", 400, "invalid value for \"seconds\" - must be at most 3600\n"},
      {"/unknown", 404, "Unknown profile\n"},
      {"/goroutine", 404, "Unknown profile\n"},
      {"/heap%00", 404, "Unknown profile\n"},
  };
  for (const Refusal& refusal : refusals) {
    const auto answer = Get(refusal.query);
    EXPECT_EQ(answer.status, refusal.status) << refusal.query;
    EXPECT_EQ(answer.body, refusal.text) << refusal.query;
    EXPECT_EQ(answer.Header("content-type"), kText) << refusal.query;
    EXPECT_EQ(answer.Header("x-go-pprof"), "1") << refusal.query;
  }
  EXPECT_EQ(Get("/heap/more").status, 404);
  EXPECT_EQ(Get("/" + std::string(500, 'x')).status, 404);
}

TEST_F(HandlerTest, CmdlineIsTheArgumentsSeparatedByNul) {
  const auto answer = Get("/cmdline");
  EXPECT_EQ(answer.Header("content-type"), kText);
  EXPECT_THAT(answer.body, HasSubstr("handler_test"));
  EXPECT_NE(answer.body.back(), '\0');
}

TEST_F(HandlerTest, OtherMethodsAreRefused) {
  HttpClient client = Client();
  EXPECT_EQ(client.Ask("HEAD", "/debug/pprof/heap")->status, 200);
  EXPECT_EQ(client.Ask("HEAD", "/debug/pprof/heap")->body, "");
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"}) {
    for (const char* path : {"", "/", "/heap", "/cmdline", "/unknown"}) {
      const auto answer = client.Ask(method, std::string("/debug/pprof") + path, "debug=1");
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, 405) << method << path;
      EXPECT_EQ(answer->Header("allow"), "GET, HEAD") << method << path;
    }
  }
  EXPECT_EQ(client.Ask("PUT", "/debug/pprof/symbol")->Header("allow"), "GET, HEAD, POST");
}

TEST_F(HandlerTest, ALargeBodyIsRefused) {
  const auto answer = Client().Ask("POST", "/debug/pprof/symbol", std::string(1 << 20, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

// A function whose address is known.
extern "C" __attribute__((noinline)) void NamedForSymbol() { asm volatile(""); }

TEST_F(HandlerTest, SymbolNamesFunctions) {
  char address[32];
  std::snprintf(address, sizeof address, "%#zx", reinterpret_cast<size_t>(&NamedForSymbol));
  const std::string both = std::string("num_symbols: 1\n") + address + " NamedForSymbol\n";
  EXPECT_EQ(Get("/symbol").body, "num_symbols: 1\n");
  EXPECT_EQ(Get("/symbol").Header("content-type"), kText);
  EXPECT_EQ(Get(std::string("/symbol?") + address).body, both);
  EXPECT_EQ(Get(std::string("/symbol?0x1+") + address + "+nonsense+0x").body, both);
  EXPECT_EQ(Get("/symbol?" + std::to_string(reinterpret_cast<size_t>(&NamedForSymbol))).body, both);
  EXPECT_EQ(Client().Ask("POST", "/debug/pprof/symbol", std::string("0x1+") + address)->body, both);
}

[[gnu::noinline]] char* KeptForPprof() { return runtime::MakeSlice<char>(3 << 20).data(); }

TEST_F(HandlerTest, GoToolPprofOpensTheText) {
  const test::TempDir directory;
  const test::RunOptions with_go = {
      .environment = {{"PATH", test::PathWithGo()}, {"PPROF_TMPDIR", directory.path()}}};
  if (test::Shell("go tool -n pprof", with_go).status != 0) {
    GTEST_SKIP() << "no `go tool pprof` here (Debian: golang-go)";
  }
  const int64_t rate = SetMemProfileRate(1);
  char* const volatile kept = KeptForPprof();
  SetMemProfileRate(rate);
  const test::Ran ran =
      test::Shell("go tool pprof -top -unit=MB -sample_index=alloc_space 'http://127.0.0.1:" +
                      std::to_string(endpoint->port()) + "/debug/pprof/heap?gc=1&debug=1'",
                  with_go);
  EXPECT_EQ(ran.status, 0) << ran.output;
  // Flat: at the function that asked for the memory.
  EXPECT_THAT(ran.output, testing::ContainsRegex("\n +3(\\.[0-9]+)?MB [^\n]*KeptForPprof"));
  EXPECT_NE(kept, nullptr);
}

TEST_F(HandlerTest, ADeltaThatItsClientGaveUpFreesItsPlace) {
  for (int i = 0; i < 3 * HttpBounds().delayed_answers; ++i) {
    HttpClient impatient = Client();
    ASSERT_TRUE(
        impatient.Send("GET /debug/pprof/heap?seconds=3600 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  // As soon as the server has heard of it.
  std::optional<Answer> answer;
  do {
    answer = Client().Get("/debug/pprof/heap?seconds=1");
    ASSERT_TRUE(answer);
  } while (answer->status == 503);
  EXPECT_EQ(answer->status, 200);
}

// Twice as many ask as there are places, so that all places are theirs at some time though a probe may take one before.
TEST_F(HandlerTest, DeltasEndWhenTheServerStops) {
  auto another = Endpoint::Start(0).value();
  std::vector<HttpClient> clients;
  for (int i = 0; i < 2 * HttpBounds().delayed_answers; ++i) {
    clients.emplace_back(another->port());
    clients.back().Send("GET /debug/pprof/heap?seconds=3600 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  while (HttpClient(another->port()).Get("/debug/pprof/heap?seconds=1")->status != 503) {
  }
  another.reset();
  int ended = 0;
  for (HttpClient& client : clients) {
    const std::string answer = client.ReadAll();
    ended += answer.starts_with("HTTP/1.1 503 ") && absl::StrContains(answer, "being stopped");
  }
  EXPECT_EQ(ended, HttpBounds().delayed_answers);
}

TEST_F(HandlerTest, AServerThatMachinesElsewhereCouldReachHasToBeAskedFor) {
  for (const char* host :
       {"0.0.0.0", "::", "10.0.0.1", "126.0.0.1", "128.0.0.1", "example.invalid"}) {
    EXPECT_EQ(HttpServer().Bind(host, 0).status().code(), absl::StatusCode::kInvalidArgument)
        << host;
  }
  HttpServer server;
  EXPECT_EQ(server.Bind("127.0.0.1", 70000).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(server.Bind("127.0.0.1", endpoint->port()).status().code(),
            absl::StatusCode::kUnavailable);
}

// A request that is wrong in some way, made from a seed.
std::string Malformed(std::mt19937_64& random) {
  const auto pick = [&](auto&... choice) {
    const std::string choices[] = {choice...};
    return choices[random() % std::size(choices)];
  };
  const auto noise = [&](size_t most) {
    std::string text(random() % most, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  const std::string method =
      pick("GET", "POST", "HEAD", "PUT", "BREW", "get", "", "GET GET", "OPTIONS", "\x01\x02");
  const std::string path = pick("/debug/pprof/heap", "/debug/pprof/allocs", "/debug/pprof/",
                                "/debug/pprof/../../etc/passwd", "/debug/pprof/%00%ff%zz",
                                "//debug//pprof//heap", "*", "", "/debug/pprof/heap#x");
  std::string query =
      pick("", "?debug=1", "?seconds=-1", "?seconds=1e9", "?seconds=%31%00", "?gc=%",
           "?debug=1&debug=2&&&=&", "?seconds=999999999999999999999999", "?%=%&=%", "?debug");
  if (random() % 4 == 0) query += "?" + noise(200);
  if (random() % 16 == 0) query += std::string(random() % 20'000, 'a');
  const std::string version =
      pick("HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "", "http/1.1", "HTTP/1.1 extra");
  std::string headers =
      pick("", "Host: x\r\n", "Host\r\n", ": empty\r\n", "Content-Length: -5\r\n",
           "Content-Length: 99999999999999999999\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Transfer-Encoding: chunked\r\n", "Range: bytes=0-18446744073709551615,5-1\r\n",
           "Expect: 100-continue\r\n", "Content-Type: multipart/form-data; boundary=\r\n",
           "Accept-Encoding: br, gzip, *;q=x\r\n", "Connection: Upgrade\r\n");
  if (random() % 4 == 0) headers += noise(300) + "\r\n";
  if (random() % 16 == 0) headers += "X: " + std::string(random() % 100'000, 'b') + "\r\n";
  if (random() % 16 == 0) {
    for (int i = 0; i < 500; ++i) headers += "Y" + std::to_string(i) + ": z\r\n";
  }
  const std::string body =
      random() % 3 == 0 ? noise(400)
                        : pick("", "zz\r\n", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\nx");
  const std::string end = pick("\r\n", "\n", "", "\r\n\r\n");
  return method + " " + path + query + " " + version + "\r\n" + headers + end + body;
}

// The server answers each of them, with anything but a 5xx, or closes the connection where there is no request to
// answer; and it goes on answering whoever asks properly.
TEST_F(HandlerTest, TenThousandMalformedRequests) {
  std::mt19937_64 random(20230216);
  int answered = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string request = Malformed(random);
    const std::string answer = Exchange(endpoint->port(), request, std::chrono::seconds(20));
    if (answer.empty()) continue;
    ++answered;
    ASSERT_THAT(answer, StartsWith("HTTP/1.")) << request;
    ASSERT_NE(answer[9], '5') << request << "\n" << answer.substr(0, 200);
    if (i % 1000 == 0) {
      ASSERT_EQ(Get("/heap").status, 200);
    }
  }
  EXPECT_EQ(Get("/heap").status, 200);
  std::printf("%d of 10000 answered\n", answered);
  EXPECT_EQ(answered, 10'000);
}

// Resident memory of this process, MiB.
double ResidentMebibytes() {
  std::ifstream statm("/proc/self/statm");
  double all = 0;
  double resident = 0;
  statm >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

struct Node {
  Node* next;
  int64_t payload[7];
};

// HEAPWISE_SCRAPE_SECONDS makes it longer.
TEST_F(HandlerTest, ManyScrapersWhileTheProgramAllocates) {
  const int64_t rate = SetMemProfileRate(16 << 10);
  const int seconds = SecondsOr("HEAPWISE_SCRAPE_SECONDS", 2);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      runtime::ThreadScope scope;
      while (!stop) {
        Node* list = nullptr;
        for (int n = 0; n < 1000; ++n) list = runtime::New<Node>(list);
        for (int n = 0; n < 100; ++n) std::string(1000 + n, 'x').shrink_to_fit();
      }
    });
  }
  std::atomic<int> scrapes{0};
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      HttpClient client = Client();
      const char* paths[] = {"/debug/pprof/heap", "/debug/pprof/allocs", "/debug/pprof/heap?gc=1",
                             "/debug/pprof/heap?debug=1"};
      for (int n = i; std::chrono::steady_clock::now() < end; ++n) {
        const char* path = paths[n % 4];
        const auto answer = client.Get(path);
        const bool good =
            answer && answer->status == 200 &&
            (n % 4 == 3 ? answer->body.starts_with("heap profile: ") : Parse(answer->body).ok());
        if (!good) ++wrong;
        ++scrapes;
      }
    });
  }
  std::this_thread::sleep_until(end - std::chrono::milliseconds(500 * seconds));
  const double warm = ResidentMebibytes();
  for (size_t i = 2; i < threads.size(); ++i) threads[i].join();
  const double grown = ResidentMebibytes() - warm;
  stop = true;
  threads[0].join();
  threads[1].join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(scrapes, 8);
  // In the second half of a run that is long enough to warm up in the first: what each scrape left behind would add up.
  if (seconds >= 10) {
    EXPECT_LT(grown, 16) << "MiB, from " << warm;
  }
  std::printf("%d scrapes, resident %.1f MiB at half-time, %+.1f MiB since\n", scrapes.load(), warm,
              grown);
  SetMemProfileRate(rate);
}

}  // namespace
}  // namespace heapwise::pprof
