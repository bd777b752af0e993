// The same questions to Go's net/http/pprof and to ours: the answers must be alike. Once beside Go, where there is a
// Go of 1.24 or later, and once beside a table of what Go 1.27 answers.

#include <stdio.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "heapwise/pprof/handler.h"
#include "heapwise/pprof/http_client.h"
#include "testing/go.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace heapwise::pprof {
namespace {

using test::Execute;
using test::RunOptions;

struct Expected {
  int status = 0;
  std::string content_type;
  std::string disposition{};
  std::string location{};
  std::string allow{};

  bool operator==(const Expected&) const = default;
  friend void PrintTo(const Expected& e, std::ostream* out) {
    *out << e.status << ", type " << e.content_type << ", disposition " << e.disposition
         << ", location " << e.location << ", allow " << e.allow;
  }
};

struct Question {
  const char* method;
  const char* target;
  Expected answer;  // Go 1.27.4's
};

constexpr char kText[] = "text/plain; charset=utf-8";
constexpr char kHtml[] = "text/html; charset=utf-8";
constexpr char kFile[] = "application/octet-stream";

std::vector<Question> Questions() {
  const auto file = [](const std::string& name) {
    return Expected{200, kFile, "attachment; filename=\"" + name + "\""};
  };
  const auto moved = [](const std::string& to) { return Expected{307, kHtml, "", to}; };
  const Expected text{200, kText};
  const Expected html{200, kHtml};
  const Expected wrong{400, kText};
  const Expected unknown{404, kText};
  const Expected refused{405, kText, "", "", "GET, HEAD"};
  return {
      {"GET", "/debug/pprof/", html},
      {"HEAD", "/debug/pprof/", html},
      {"GET", "/debug/pprof/?debug=1", html},
      {"GET", "/debug/pprof", moved("/debug/pprof/")},
      {"HEAD", "/debug/pprof", moved("/debug/pprof/")},
      {"GET", "/debug/pprof?x=1", moved("/debug/pprof/?x=1")},
      {"GET", "//debug//pprof//heap", moved("/debug/pprof/heap")},
      {"GET", "/debug/./pprof/../pprof/heap?debug=1", moved("/debug/pprof/heap?debug=1")},
      {"GET", "/debug/pprof/..", moved("/debug")},
      {"POST", "//debug/pprof/heap", {307, "", "", "/debug/pprof/heap"}},
      {"GET", "/debug/pprof/heap", file("heap")},
      {"HEAD", "/debug/pprof/heap", file("heap")},
      {"GET", "/debug/pprof/%68eap", file("heap")},
      {"GET", "/debug/pprof/allocs", file("allocs")},
      {"GET", "/debug/pprof/heap?gc=1", file("heap")},
      {"GET", "/debug/pprof/heap?gc=x", file("heap")},
      {"GET", "/debug/pprof/heap?debug=0", file("heap")},
      {"GET", "/debug/pprof/heap?debug=x", file("heap")},
      {"GET", "/debug/pprof/heap?debug=", file("heap")},
      {"GET", "/debug/pprof/heap?debug=1;2", file("heap")},
      {"GET", "/debug/pprof/heap?debug=%zz", file("heap")},
      {"GET", "/debug/pprof/heap?debug=1", text},
      {"GET", "/debug/pprof/heap?debug=%31", text},
      {"GET", "/debug/pprof/heap?debug=2", text},
      {"GET", "/debug/pprof/heap?debug=-1", text},
      {"GET", "/debug/pprof/heap?debug=1&debug=0", text},
      {"GET", "/debug/pprof/heap?debug=99999999999999999999", text},
      {"GET", "/debug/pprof/allocs?debug=1", text},
      {"GET", "/debug/pprof/heap?seconds=1", file("heap-delta")},
      {"GET", "/debug/pprof/allocs?seconds=%2B1", file("allocs-delta")},
      {"GET", "/debug/pprof/heap?seconds=", file("heap")},
      {"GET", "/debug/pprof/heap?seconds=0", wrong},
      {"GET", "/debug/pprof/heap?seconds=-1", wrong},
      {"GET", "/debug/pprof/heap?seconds=1.5", wrong},
      {"GET", "/debug/pprof/heap?seconds=ten", wrong},
      {"GET", "/debug/pprof/heap?seconds=9223372036854775808", wrong},
      {"GET", "/debug/pprof/heap?seconds=1&debug=1", wrong},
      {"GET", "/debug/pprof/cmdline", text},
      {"GET", "/debug/pprof/cmdline?debug=1", text},
      {"GET", "/debug/pprof/symbol", text},
      {"GET", "/debug/pprof/symbol?0x1+0x2", text},
      {"HEAD", "/debug/pprof/symbol", text},
      {"GET", "/debug/pprof/unknown", unknown},
      {"GET", "/debug/pprof/heap/", unknown},
      {"GET", "/debug/pprof/heap/more", unknown},
      {"GET", "/debug/pprof/heap%00", unknown},
      {"GET", "/debug/pprof/heap%2f", unknown},
      {"GET", "/debug/pprof/cmdline/", unknown},
      {"GET", "/debug", unknown},
      {"GET", "/", unknown},
      {"POST", "/elsewhere", unknown},
      {"GET", "/debug/pprof/%zz", wrong},
      {"POST", "/debug/pprof", refused},
      {"POST", "/debug/pprof/", refused},
      {"POST", "/debug/pprof/heap", refused},
      {"PUT", "/debug/pprof/heap", refused},
      {"DELETE", "/debug/pprof/allocs", refused},
      {"OPTIONS", "/debug/pprof/cmdline", refused},
      {"PATCH", "/debug/pprof/unknown", refused},
      {"BREW", "/debug/pprof/heap", refused},
  };
}

Expected Ask(HttpClient& client, const Question& question) {
  const std::optional<Answer> answer = client.Ask(question.method, question.target);
  if (!answer) return {};
  return {answer->status, answer->Header("content-type"), answer->Header("content-disposition"),
          answer->Header("location"), answer->Header("allow")};
}

TEST(HandlerGoTest, AnswersAsTheTableSaysThatGoDoes) {
  const auto ours = Endpoint::Start(0).value();
  HttpClient client(ours->port());
  for (const Question& question : Questions()) {
    EXPECT_EQ(Ask(client, question), question.answer) << question.method << " " << question.target;
  }
}

TEST(HandlerGoTest, AnswersAsGoDoes) {
  const std::optional<test::Go> newest = test::NewestGo();
  if (!newest || newest->version < std::vector<int>{1, 24})
    GTEST_SKIP() << "there is no Go of 1.24 or later here (on PATH, or Debian's golang-go)";
  const std::string go = newest->program;
  const test::TempDir directory;
  const std::string program = directory.path() / "pprof_server";
  const std::string home = directory.path();
  // A module, whose version settles how Go's mux behaves.
  directory.Write("go.mod", "module pprof_server\n\ngo 1.24\n");
  directory.Write("main.go", test::ReadFile(PPROF_SERVER_GO));
  const test::Ran build =
      Execute({go, "build", "-o", program, "."}, {.directory = directory.path(),
                                                  .environment = {{"GOFLAGS", "-mod=mod"},
                                                                  {"GO111MODULE", "on"},
                                                                  {"GOTOOLCHAIN", "local"},
                                                                  {"GOPROXY", "off"},
                                                                  {"CGO_ENABLED", "0"},
                                                                  {"HOME", home},
                                                                  {"GOCACHE", PPROF_GO_CACHE},
                                                                  {"GOPATH", home + "/path"}}});
  ASSERT_EQ(build.status, 0) << build.output;

  // It runs as long as a shell with an open pipe to it does.
  const std::string address = directory.path() / "address";
  setenv("PPROF_SERVER", program.c_str(), 1);
  setenv("PPROF_ADDRESS", address.c_str(), 1);
  FILE* const running = popen("exec \"$PPROF_SERVER\" > \"$PPROF_ADDRESS\"", "w");
  ASSERT_NE(running, nullptr);
  const std::unique_ptr<FILE, int (*)(FILE*)> ends(running, &pclose);
  for (int i = 0; i < 2000 && !test::ReadFile(address).ends_with('\n'); ++i) {
    test::Shell("sleep 0.01");
  }
  const int port = std::atoi(test::ReadFile(address).c_str());
  ASSERT_GT(port, 0);

  const auto ours = Endpoint::Start(0).value();
  HttpClient our_client(ours->port());
  HttpClient go_client(port);
  for (const Question& question : Questions()) {
    Expected from_go = Ask(go_client, question);
    if (from_go.status == 301) from_go.status = 307;  // before Go 1.26
    EXPECT_EQ(Ask(our_client, question), from_go) << question.method << " " << question.target;
  }
}

}  // namespace
}  // namespace heapwise::pprof
