#include "heapwise/pprof/http_server.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/http_client.h"

namespace heapwise::pprof {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A server that runs, with a page that echoes what it was asked, one that waits, and a large one.
class RunningServer {
 public:
  explicit RunningServer(const HttpBounds& bounds = {}, const std::string& allowed = "")
      : server_(bounds) {
    server_.GetOrPost("/echo", [](const Request& request, Response& response) {
      response.body =
          request.method + "|" + request.path + "|" + request.query + "|" + request.body;
    });
    server_.Get("/below/",
                [](const Request& request, Response& response) { response.body = request.path; });
    server_.Get("/wait", [this](const Request&, Response& response) {
      ++waiting;
      while (!let_go) std::this_thread::sleep_for(milliseconds(1));
      response.body = "done";
    });
    server_.Get("/large",
                [](const Request&, Response& response) { response.body.assign(4 << 20, 'x'); });
    server_.Get("/throw", [](const Request&, Response&) { throw std::runtime_error("no"); });
    server_.Get("/header", [](const Request&, Response& response) {
      response.headers.emplace_back("X-Two", "a\r\nX-Lines: b");
    });
    server_.Get("/mask", [](const Request&, Response& response) {
      sigset_t mask;
      pthread_sigmask(SIG_BLOCK, nullptr, &mask);
      for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGSEGV, SIGPROF}) {
        response.body += sigismember(&mask, signal) == 1 ? '1' : '0';
      }
    });
    server_.Get("/later", [](const Request&, Response& response) {
      response.After(milliseconds(20), [](Response& later) { later.body = "later"; });
    });
    server_.Get("/never", [this](const Request&, Response& response) {
      ++waiting;
      response.After(std::chrono::hours(1), [](Response& later) { later.body = "never"; });
    });
    if (!allowed.empty()) server_.AllowHost(allowed);
    port = server_.Bind("127.0.0.1", 0).value();
    thread_ = std::thread([this] { server_.Serve(); });
  }
  ~RunningServer() {
    server_.Stop();
    let_go = true;  // afterwards: whoever waits is to be answered by a server that is being stopped
    thread_.join();
  }

  HttpClient Client() const { return HttpClient(port); }

  // What comes for such bytes until the server closes.
  std::string Raw(const std::string& bytes) const {
    HttpClient client(port);
    EXPECT_TRUE(client.Send(bytes));
    return client.ReadAll();
  }
  int StatusOf(const std::string& bytes) const {
    const std::string answer = Raw(bytes);
    return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
  }

  int port = 0;
  std::atomic<bool> let_go{false};
  std::atomic<int> waiting{0};

 private:
  HttpServer server_;
  std::thread thread_;
};

constexpr char kHost[] = "Host: localhost\r\n";
const std::string kLast = std::string(kHost) + "Connection: close\r\n";

int Count(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

TEST(HttpServerTest, RoutesAsGosMux) {
  const RunningServer server;
  HttpClient client = server.Client();
  EXPECT_EQ(client.Get("/echo?a=b%20c")->body, "GET|/echo|a=b%20c|");
  EXPECT_EQ(client.Get("/%65cho")->body, "GET|/echo||");
  EXPECT_EQ(client.Get("/below/some/where")->body, "/below/some/where");
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  EXPECT_EQ(client.Get("/echo/")->status, 404);
  EXPECT_EQ(client.Get("/below")->status, 307);
  EXPECT_EQ(client.Get("/below?x=1")->Header("location"), "/below/?x=1");
  EXPECT_EQ(client.Get("//a/../echo?x")->Header("location"), "/echo?x");
  EXPECT_EQ(client.Ask("PUT", "/below")->status, 405);
  EXPECT_EQ(client.Ask("PUT", "/nothing")->status, 404);
  EXPECT_EQ(client.Ask("PUT", "/echo")->Header("allow"), "GET, HEAD, POST");
  EXPECT_EQ(client.Ask("POST", "/echo", "body")->body, "POST|/echo||body");
  EXPECT_EQ(client.Get("/%zz")->status, 400);
  EXPECT_EQ(client.Get("/throw")->status, 500);
  EXPECT_EQ(client.Get("/later")->body, "later");
}

// Where a path is looked for is up to the first slash, and no further than the beginning.
TEST(HttpServerTest, TheLongestRouteAboveAnswers) {
  const RunningServer server;
  HttpClient client = server.Client();
  EXPECT_EQ(client.Get("/below/")->body, "/below/");
  EXPECT_EQ(client.Get("/below/a")->body, "/below/a");
  EXPECT_EQ(client.Get("/below/a/")->body, "/below/a/");
  EXPECT_EQ(client.Get("/belowx")->status, 404);
  EXPECT_EQ(client.Get("/")->status, 404);
  EXPECT_EQ(client.Get("/x/below/a")->status, 404);
}

// What a page would be shown as, where there might have been one (net/http: Redirect, Error).
TEST(HttpServerTest, AnswersThatNoHandlerMakesHaveGosHeaders) {
  const RunningServer server;
  HttpClient client = server.Client();
  const auto page = client.Get("/below");
  EXPECT_EQ(page->Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page->Header("location"), "/below/");
  EXPECT_EQ(page->Header("x-content-type-options"), "");
  EXPECT_EQ(client.Ask("HEAD", "/below")->Header("content-type"), "text/html; charset=utf-8");
  const auto posted = client.Ask("POST", "//echo", "x");
  EXPECT_EQ(posted->status, 307);
  EXPECT_EQ(posted->Header("content-type"), "");
  const auto nothing = client.Get("/nothing");
  EXPECT_EQ(nothing->body, "404 page not found\n");
  EXPECT_EQ(nothing->Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(nothing->Header("content-type"), "text/plain; charset=utf-8");
  const auto refused = client.Ask("POST", "/below/", "x");
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->body, "Method Not Allowed\n");
  EXPECT_EQ(refused->Header("allow"), "GET, HEAD");
  EXPECT_EQ(refused->Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(client.Ask("DELETE", "/echo")->status, 405);
  EXPECT_EQ(client.Ask("HEAD", "/echo")->status, 200);
  const auto good = client.Get("/echo");
  EXPECT_EQ(good->Header("x-content-type-options"), "");
  EXPECT_EQ(good->Header("content-length"), "11");
  EXPECT_EQ(good->Header("connection"), "");
  EXPECT_EQ(client.Get("/throw")->body, "internal error\n");
  const auto body = client.Get("/%zz")->body;
  EXPECT_EQ(body, "this is not an address\n");
}

TEST(HttpServerTest, AConnectionIsKeptAsItsClientAsks) {
  const RunningServer server;
  const std::string second = "GET /below/2 HTTP/1.1\r\n" + kLast + "\r\n";
  const std::string kept =
      server.Raw("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + second);
  EXPECT_EQ(Count(kept, "HTTP/1.1 200 OK\r\n"), 2) << kept;
  EXPECT_EQ(Count(kept, "Connection: keep-alive\r\n"), 1) << kept;
  EXPECT_EQ(Count(kept, "Connection: close\r\n"), 1) << kept;
  EXPECT_EQ(Count(server.Raw("GET /echo HTTP/1.0\r\n\r\n" + second), "HTTP/1.1 "), 1);
  // A page after one without its body, on the same connection.
  const std::string heads =
      server.Raw("HEAD /echo HTTP/1.1\r\n" + std::string(kHost) + "\r\n" + second);
  EXPECT_THAT(heads, EndsWith("/below/2"));
  EXPECT_EQ(Count(heads, "|/echo|"), 0);
  // What a redirection and a wrong host are answered with leaves the connection as it is.
  const std::string on =
      server.Raw("GET //echo HTTP/1.1\r\n" + std::string(kHost) +
                 "\r\nGET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n" + second);
  EXPECT_EQ(Count(on, "HTTP/1.1 "), 3) << on;
  EXPECT_THAT(on, HasSubstr("does not listen on the host of the request"));
}

TEST(HttpServerTest, AnIdleConnectionEndsAndABusyOneDoesNot) {
  const RunningServer server({.request_time = seconds(60), .idle_time = milliseconds(100)});
  // No request for a while: silence, then the end.
  HttpClient client(server.port);
  ASSERT_TRUE(client.Send("GET /echo HTTP/1.1\r\n" + std::string(kHost) + "\r\n"));
  EXPECT_THAT(client.ReadAll(), EndsWith("GET|/echo||"));
  // What has begun has the time of a request.
  HttpClient slow(server.port);
  ASSERT_TRUE(slow.Send("GET /below/slow HTTP/1.1\r\n"));
  std::this_thread::sleep_for(milliseconds(400));
  ASSERT_TRUE(slow.Send(kLast + "\r\n"));
  EXPECT_THAT(slow.ReadAll(), EndsWith("/below/slow"));
  // Of two at once the second as well, though none of it is waited for.
  HttpClient two(server.port);
  ASSERT_TRUE(
      two.Send("GET /echo HTTP/1.1\r\n" + std::string(kHost) + "\r\nGET /below/two HTTP/1.1\r\n"));
  std::this_thread::sleep_for(milliseconds(400));
  ASSERT_TRUE(two.Send(kLast + "\r\n"));
  EXPECT_THAT(two.ReadAll(), EndsWith("/below/two"));
}

// Whoever is refused and goes on sending is read for a moment, up to a MiB.
TEST(HttpServerTest, WhatIsReadAfterARefusalIsBounded) {
  const RunningServer server;
  HttpClient client(server.port);
  ASSERT_TRUE(client.Send("hello\r\n\r\n"));
  const std::string block(64 << 10, 'x');
  size_t sent = 0;
  while (sent < (size_t{256} << 20) && client.Send(block)) sent += block.size();
  EXPECT_LT(sent, size_t{256} << 20) << "the server reads on and on";
  // Nobody who only waits is waited for.
  HttpClient waits(server.port);
  ASSERT_TRUE(waits.Send("hello\r\n\r\n"));
  EXPECT_THAT(waits.ReadAll(), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServerTest, AnAnswerThatIsDelayedIsNotEarly) {
  const RunningServer server;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.Client().Get("/later")->body, "later");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(20));
}

TEST(HttpServerTest, APortIsANumberOf16Bits) {
  for (const int port : {-1, 65536, 1 << 20}) {
    HttpServer server;
    const auto bound = server.Bind("127.0.0.1", port);
    EXPECT_TRUE(absl::IsInvalidArgument(bound.status())) << bound.status();
    EXPECT_FALSE(server.Serve());
  }
  HttpServer last;
  const auto bound = last.Bind("127.0.0.1", 65535);
  EXPECT_FALSE(absl::IsInvalidArgument(bound.status())) << "it may be taken, but is a port";
  const RunningServer other;
  HttpServer second;
  EXPECT_TRUE(absl::IsUnavailable(second.Bind("127.0.0.1", other.port).status()));
  EXPECT_FALSE(second.Serve());
  HttpServer nowhere;
  EXPECT_TRUE(absl::IsInvalidArgument(nowhere.Bind("no.such.host.invalid", 0, true).status()));
}

// With delayed answers and one on its way.
TEST(HttpServerTest, WhoeverWaitsWhenItStopsIsToldSo) {
  std::optional<RunningServer> server(std::in_place);
  HttpClient never(server->port);
  ASSERT_TRUE(never.Send("GET /never HTTP/1.1\r\n" + std::string(kHost) + "\r\n"));
  HttpClient wait(server->port);
  ASSERT_TRUE(wait.Send("GET /wait HTTP/1.1\r\n" + std::string(kHost) + "\r\n"));
  HttpClient idle(server->port);
  ASSERT_EQ(idle.Get("/echo")->status, 200);
  while (server->waiting < 2) std::this_thread::sleep_for(milliseconds(1));
  std::thread stop([&server] { server.reset(); });
  const std::string told = never.ReadAll();
  EXPECT_THAT(told, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(told, EndsWith("the server is being stopped\n"));
  const std::string done = wait.ReadAll();
  EXPECT_THAT(done, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(done, EndsWith("done"));
  EXPECT_EQ(idle.ReadAll(), "");
  stop.join();
}

// A client that takes nothing of its answer does not keep it from stopping, but has a second.
TEST(HttpServerTest, ItStopsThoughAReaderIsSlow) {
  std::optional<RunningServer> server(std::in_place, HttpBounds{.request_time = seconds(3600)});
  HttpClient never_reads(server->port);
  ASSERT_TRUE(never_reads.Send("GET /large HTTP/1.1\r\n" + std::string(kHost) + "\r\n"));
  EXPECT_EQ(server->Client().Get("/echo")->status, 200);
  server.reset();
}

TEST(HttpServerTest, AHeaderStaysOneLine) {
  const RunningServer server;
  EXPECT_EQ(server.Client().Get("/header")->Header("x-two"), "aX-Lines: b");
}

TEST(HttpServerTest, HeadHasNoBodyAndRangeIsIgnored) {
  const RunningServer server;
  const std::string head = server.Raw("HEAD /echo HTTP/1.1\r\n" + kLast + "\r\n");
  EXPECT_THAT(head, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Accept-Ranges")));
  std::string ranges = "Range: bytes=0-";
  for (int i = 0; i < 2700; ++i) ranges += ",0-";
  EXPECT_THAT(server.Raw("GET /echo HTTP/1.1\r\n" + ranges + "\r\n" + kLast + "\r\n"),
              EndsWith("\r\n\r\nGET|/echo||"));
}

TEST(HttpServerTest, ABodyIsNotTheNextRequest) {
  const RunningServer server;
  const std::string inner = "GET /below/inner HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string answer =
      server.Raw("GET /echo HTTP/1.1\r\n" + std::string(kHost) +
                 "Content-Length: " + std::to_string(inner.size()) + "\r\n\r\n" + inner +
                 "GET /below/second HTTP/1.1\r\n" + kLast + "\r\n");
  EXPECT_EQ(Count(answer, "HTTP/1.1 200 OK"), 2) << answer;
  EXPECT_THAT(answer, EndsWith("/below/second"));
  EXPECT_THAT(server.Raw("POST /echo HTTP/1.1\r\n" + kLast +
                         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              EndsWith("POST|/echo||abcde"));
}

TEST(HttpServerTest, PipelinedRequestsAreAnsweredInTurn) {
  const RunningServer server;
  const std::string answer = server.Raw(
      "GET /later HTTP/1.1\r\n" + std::string(kHost) + "\r\nGET /echo HTTP/1.1\r\n" +
      std::string(kHost) + "\r\nGET /below/3 HTTP/1.0\r\n\r\nGET /too-late HTTP/1.1\r\n\r\n");
  EXPECT_EQ(Count(answer, "HTTP/1.1 200 OK"), 3) << answer;
  EXPECT_LT(answer.find("later"), answer.find("GET|/echo"));
  EXPECT_THAT(answer, EndsWith("/below/3"));
}

TEST(HttpServerTest, WhatIsRefusedUnreadIsTheLastOfItsConnection) {
  const RunningServer server;
  struct Case {
    const char* what;
    std::string bytes;
    int status;
  };
  const std::string get = "GET /echo HTTP/1.1\r\n" + std::string(kHost);
  const std::string post = "POST /echo HTTP/1.1\r\n" + std::string(kHost);
  const Case cases[] = {
      {"no HTTP", "hello\r\n\r\n", 400},
      {"two lengths", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
      {"length and chunks",
       post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"negative length", post + "Content-Length: -5\r\n\r\n", 400},
      {"other encoding", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"encoding in doubt", post + "Transfer-Encoding: chunked, identity\r\n\r\n", 501},
      {"bad chunk", post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"large body", post + "Content-Length: 65537\r\n\r\n", 413},
      {"large chunk", post + "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413},
      {"long address", "GET /" + std::string(20'000, 'a'), 414},
      {"long header", get + "X: " + std::string(20'000, 'b'), 431},
      {"no host", "GET /echo HTTP/1.1\r\n\r\n", 400},
      {"two hosts", get + kHost + "\r\n", 400},
      {"no path", "GET echo HTTP/1.1\r\n" + std::string(kHost) + "\r\n", 400},
      {"another version", "GET /echo HTTP/2.0\r\n" + std::string(kHost) + "\r\n", 400},
      {"an expectation", get + "Expect: miracles\r\n\r\n", 417},
      {"space before the colon", get + "X : y\r\n\r\n", 400},
  };
  for (const Case& c : cases) {
    const std::string answer =
        server.Raw(c.bytes + "\r\n\r\nGET /echo HTTP/1.1\r\n" + kHost + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(c.status) + " ")) << c.what;
    EXPECT_EQ(Count(answer, "HTTP/1.1 "), 1) << c.what << ": " << answer;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << c.what;
  }
}

TEST(HttpServerTest, TheAnswerToAnUploadThatIsRefusedArrives) {
  const RunningServer server;
  const auto answer = server.Client().Ask("POST", "/echo", std::string(900'000, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST(HttpServerTest, WhoWaitsForAContinueGetsOne) {
  const RunningServer server;
  HttpClient client(server.port);
  client.Send("POST /echo HTTP/1.1\r\n" + kLast +
              "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  std::thread body([&client] {
    std::this_thread::sleep_for(milliseconds(20));
    client.Send("ab");
  });
  const std::string answer = client.ReadAll();
  body.join();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, EndsWith("POST|/echo||ab"));
}

TEST(HttpServerTest, TheHostMustBeOneThatItListensOn) {
  const RunningServer server({}, "shop.example");
  const auto ask = [&server](const std::string& target, const std::string& host) {
    return server.StatusOf("GET " + target + " HTTP/1.1\r\nHost: " + host +
                           "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_EQ(ask("/echo", "localhost:" + std::to_string(server.port)), 200);
  EXPECT_EQ(ask("/echo", "127.0.0.1:1"), 200);
  EXPECT_EQ(ask("/echo", "[::1]:1"), 200);
  EXPECT_EQ(ask("/echo", "shop.example"), 200);
  EXPECT_EQ(ask("/echo", "evil.example"), 403);
  EXPECT_EQ(ask("/echo", "evil.example:" + std::to_string(server.port)), 403);
  // The host of the target counts, as RFC 9112, 3.2.2 has it.
  EXPECT_EQ(ask("http://localhost/echo", "evil.example"), 200);
  EXPECT_EQ(ask("http://evil.example/echo", "localhost"), 403);
  EXPECT_EQ(server.StatusOf("GET /echo HTTP/1.0\r\n\r\n"), 200);
  EXPECT_EQ(RunningServer({}, "*").StatusOf("GET /echo HTTP/1.0\r\nHost: evil.example\r\n\r\n"),
            200);
}

// --- Clients that take their time, and crowds ---

TEST(HttpServerTest, SlowRequestsEnd) {
  const RunningServer server({.request_time = milliseconds(200), .idle_time = milliseconds(200)});
  EXPECT_EQ(server.Raw(""), "");
  EXPECT_EQ(server.Raw("GET /echo HT"), "");
  // However slowly it drips.
  HttpClient client(server.port);
  std::atomic<bool> closed{false};
  std::thread drip([&] {
    client.Send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n");
    while (!closed && client.Send("x")) std::this_thread::sleep_for(milliseconds(10));
  });
  EXPECT_EQ(client.ReadAll(), "");
  closed = true;
  drip.join();
}

TEST(HttpServerTest, SlowReadersEnd) {
  const RunningServer server({.workers = 1, .request_time = milliseconds(200)});
  HttpClient reader(server.port);
  ASSERT_TRUE(reader.Send("GET /large HTTP/1.1\r\n" + kLast + "\r\n"));
  // It holds no worker.
  EXPECT_EQ(server.Client().Get("/echo")->status, 200);
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_LT(reader.ReadAll().size(), size_t{4} << 20);
}

TEST(HttpServerTest, BeyondTheWorkersAFewWaitAndTheOthersGet503) {
  RunningServer server({.workers = 2, .waiting_requests = 1});
  const std::string wait = "GET /wait HTTP/1.1\r\n" + kLast + "\r\n";
  std::vector<HttpClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(server.port).Send(wait);
  while (server.waiting < 2) std::this_thread::sleep_for(milliseconds(1));
  // The third one may still be on its way.
  std::optional<Answer> refused;
  do {
    refused = HttpClient(server.port, milliseconds(100)).Get("/echo");
  } while (!refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(server.waiting, 2);
  server.let_go = true;
  for (HttpClient& client : clients) EXPECT_THAT(client.ReadAll(), EndsWith("done"));
  EXPECT_EQ(server.Client().Get("/echo")->status, 200);
}

TEST(HttpServerTest, WhoHasBeenSilentLongestGivesWay) {
  const RunningServer server({.connections = 4, .idle_time = seconds(60)});
  std::vector<HttpClient> silent;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(silent.emplace_back(server.port).Get("/echo")->status, 200);
  }
  // The first was closed by the server; the last one still has its slot.
  EXPECT_EQ(silent.front().ReadAll(), "");
  silent.back().Send("GET /echo HTTP/1.1\r\n" + kLast + "\r\n");
  EXPECT_THAT(silent.back().ReadAll(), EndsWith("GET|/echo||"));
}

TEST(HttpServerTest, DelayedAnswersAreBoundedAndHoldNoWorker) {
  RunningServer server({.workers = 1, .delayed_answers = 2});
  const std::string never = "GET /never HTTP/1.1\r\n" + std::string(kHost) + "\r\n";
  std::vector<HttpClient> clients;
  for (int i = 0; i < 2; ++i) clients.emplace_back(server.port).Send(never);
  while (server.waiting < 2) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(server.Client().Get("/echo")->status, 200);
  EXPECT_EQ(server.Client().Get("/later")->status, 503);
  clients.pop_back();
  while (server.Client().Get("/later")->status == 503) {
  }
  // A client that sends on meanwhile is heard when it closes, too.
  clients.back().Send("GET /echo HTTP/1.1\r\nX: ");
  clients.clear();
  while (server.Client().Get("/later")->status == 503) {
  }
}

TEST(HttpServerTest, StopMayComeAtAnyTime) {
  HttpServer unbound;
  EXPECT_FALSE(unbound.Serve());
  HttpServer server;
  ASSERT_TRUE(server.Bind("127.0.0.1", 0).ok());
  server.Stop();
  server.Stop();
  EXPECT_TRUE(server.Serve());
  for (int i = 0; i < 50; ++i) {
    const RunningServer short_lived;
    if (i % 2 == 0)
      HttpClient(short_lived.port).Send("GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
}

TEST(HttpServerTest, ItsThreadsLeaveSignalsToTheProgram) {
  const RunningServer server;
  // What the threads that run handlers block: TERM, INT, USR1; but for SEGV and PROF.
  EXPECT_EQ(server.Client().Get("/mask")->body, "11100");
  sigset_t ours;
  pthread_sigmask(SIG_BLOCK, nullptr, &ours);
  EXPECT_EQ(sigismember(&ours, SIGTERM), 0);
}

TEST(HttpServerTest, WithoutDescriptorsItWaitsAndGoesOn) {
  const RunningServer server({.idle_time = seconds(60)});
  HttpClient first(server.port);
  ASSERT_EQ(first.Get("/echo")->status, 200);
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  std::vector<int> taken;
  for (int fd; (fd = dup(0)) >= 0 && taken.size() < 100'000;) taken.push_back(fd);
  if (taken.size() >= 100'000) GTEST_SKIP() << "too many descriptors may be open here";
  // One for the client, none for the server: it closes the connection that is idle.
  close(taken.back());
  taken.pop_back();
  HttpClient second(server.port);
  EXPECT_EQ(second.Get("/echo")->status, 200);
  EXPECT_EQ(first.ReadAll(), "");
  for (const int fd : taken) close(fd);
}

}  // namespace
}  // namespace heapwise::pprof
