// The service and its load, as a user runs them.

#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

struct Ran {
  int status;
  std::string output;
};

Ran Execute(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  return {WEXITSTATUS(pclose(pipe)), output};
}

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
      flags.insert(flags.begin(), SERVICE);
      std::vector<char*> argv;
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
  httplib::Client Client() const { return httplib::Client("127.0.0.1", std::stoi(port())); }

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

// At rate 1 the profile is exact: a page takes 1 KiB.
TEST(ServiceTest, TheLeakStandsInTheLiveProfile) {
  for (const bool leak : {false, true}) {
    Service service({leak ? "--leak" : "--noleak", "--profile_rate=1", "--live_mib=1"});
    EXPECT_EQ(
        Execute(std::string(LOAD) + " --port=" + service.port() + " --clients=2 --requests=500").status,
        0);
    auto client = service.Client();
    const auto profile = client.Get("/debug/pprof/heap?gc=1&debug=1");
    ASSERT_TRUE(profile);
    const std::string pages = "500: 512000 [500: 512000] @";
    EXPECT_EQ(profile->body.find(pages) != std::string::npos, leak)
        << profile->body.substr(0, 2000);
    EXPECT_THAT(profile->body, HasSubstr("RenderPage"));
  }
}

TEST(ServiceTest, RefusesWhatItCannotDo) {
  const auto refused = [](const std::string& flags, const std::string& says) {
    const Ran ran = Execute(std::string("timeout 20 ") + SERVICE + " " + flags);
    EXPECT_EQ(ran.status, 2) << flags;
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
  const Ran ran =
      Execute(std::string(LOAD) + " --port=" + service.port() + " --clients=3 --requests=100");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("{\"requests\": 100, \"failed\": 0, \"wall_s\": "));
  const Ran elsewhere =
      Execute(std::string(LOAD) + " --port=" + service.port() + " --requests=5 --path=/elsewhere");
  EXPECT_EQ(elsewhere.status, 1);
  EXPECT_THAT(elsewhere.output, HasSubstr("{\"requests\": 5, \"failed\": 5, "));
  EXPECT_EQ(Execute(LOAD).status, 2);
}

}  // namespace
