// The service and its load, as a user runs them.

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/http_client.h"
#include "testing/run.h"

namespace {

using heapwise::pprof::HttpClient;
using heapwise::test::Execute;
using heapwise::test::Ran;
using testing::HasSubstr;
using testing::MatchesRegex;

// The service as a child process, ended with the object.
class Service {
 public:
  explicit Service(std::vector<std::string> flags) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    child_ = fork();
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      std::string program = SERVICE;
      std::vector<char*> argv = {program.data()};
      for (std::string& flag : flags) argv.push_back(flag.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
    address_ = ReadLine();
  }

  ~Service() {
    if (child_ > 0) End();
    fclose(output_);
  }

  // Asks it to end; its status and what it said last.
  Ran End() {
    kill(child_, SIGTERM);
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), ReadLine()};
  }

  const std::string& address() const { return address_; }
  std::string port() const { return address_.substr(address_.rfind(':') + 1); }
  HttpClient Client() const { return HttpClient(std::stoi(port())); }

 private:
  std::string ReadLine() {
    char line[256] = "";
    if (fgets(line, sizeof line, output_) == nullptr) return "";
    std::string text = line;
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }

  pid_t child_;
  FILE* output_;
  std::string address_;
};

TEST(ServiceTest, PrintsItsAddressFirstAndAnswers) {
  Service service({"--port=0", "--live_mib=1"});
  EXPECT_THAT(service.address(), MatchesRegex("http://127.0.0.1:[0-9]+"));
  auto client = service.Client();
  const auto answer = client.Get("/work");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "{\"order\": 1, \"cents\": 7282}\n");
  EXPECT_EQ(client.Get("/debug/pprof/")->status, 200);
  EXPECT_EQ(client.Get("/debug/pprof/heap")->status, 200);
  EXPECT_EQ(client.Get("/elsewhere")->status, 404);
  const Ran ended = service.End();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.output,
              MatchesRegex("1 requests answered, [0-9]+ collections, peak heap [0-9.]+ MiB"));
}

TEST(ServiceTest, TheEndpointCanBeLeftOut) {
  Service service({"--pprof=false", "--live_mib=1"});
  EXPECT_EQ(service.Client().Get("/debug/pprof/heap")->status, 404);
  EXPECT_EQ(service.Client().Get("/work")->status, 200);
}

// The objects in use and allocated that a profile with debug=1 has for stacks that begin with RenderPage, each of so
// many bytes. The server calls a handler from more than one place, so there may be several.
struct Pages {
  int in_use = 0;
  int allocated = 0;
};
Pages PagesIn(const std::string& profile, int bytes_each) {
  Pages pages;
  std::istringstream lines(profile);
  Pages last;
  for (std::string line; std::getline(lines, line);) {
    int in_use_bytes = 0;
    int allocated_bytes = 0;
    if (std::sscanf(line.c_str(), "%d: %d [%d: %d] @", &last.in_use, &in_use_bytes, &last.allocated,
                    &allocated_bytes) == 4) {
      if (allocated_bytes != last.allocated * bytes_each) last = {};
    } else {
      // The first function below the addresses, with its file.
      if (line.find("RenderPage") != std::string::npos) {
        pages.in_use += last.in_use;
        pages.allocated += last.allocated;
      }
      last = {};
    }
  }
  return pages;
}

// At rate 1 the profile is exact: a page takes 1 KiB.
TEST(ServiceTest, TheLeakStandsInTheLiveProfile) {
  for (const bool leak : {false, true}) {
    Service service({leak ? "--leak" : "--noleak", "--profile_rate=1", "--live_mib=1"});
    EXPECT_EQ(Execute({LOAD, "--port=" + service.port(), "--clients=2", "--requests=500"}).status,
              0);
    auto client = service.Client();
    const auto profile = client.Get("/debug/pprof/heap?gc=1&debug=1");
    ASSERT_TRUE(profile);
    const Pages pages = PagesIn(profile->body, 1024);
    EXPECT_EQ(pages.allocated, 500) << profile->body.substr(0, 2000);
    if (leak) {
      EXPECT_EQ(pages.in_use, 500) << profile->body.substr(0, 2000);
    } else {
      EXPECT_LT(pages.in_use, 10) << profile->body.substr(0, 2000);
    }
  }
}

TEST(ServiceTest, RefusesWhatItCannotDo) {
  const auto refused = [](const std::string& flag, const std::string& says) {
    const Ran ran = Execute({"timeout", "20", SERVICE, flag});
    EXPECT_EQ(ran.status, 2) << flag;
    EXPECT_THAT(ran.output, HasSubstr(says));
  };
  refused("--port=70000", "--port must be from 0 to 65535, not 70000");
  refused("--workers=0", "--workers must be from 1 to 256, not 0");
  refused("--profile_rate=-1", "--profile_rate must not be negative");
  refused("--host=0.0.0.0", "other machines could reach it");
  Service service({"--live_mib=1"});
  refused("--port=" + service.port(), "cannot listen on 127.0.0.1:" + service.port());
}

TEST(LoadTest, CountsWhatItAskedFor) {
  Service service({"--live_mib=1"});
  const Ran ran = Execute({LOAD, "--port=" + service.port(), "--clients=3", "--requests=100"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("{\"requests\": 100, \"failed\": 0, \"wall_s\": "));
  const Ran elsewhere =
      Execute({LOAD, "--port=" + service.port(), "--requests=5", "--path=/elsewhere"});
  EXPECT_EQ(elsewhere.status, 1);
  EXPECT_THAT(elsewhere.output, HasSubstr("{\"requests\": 5, \"failed\": 5, "));
  EXPECT_EQ(Execute({LOAD}).status, 2);
}

}  // namespace
