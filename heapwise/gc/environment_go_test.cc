// GOGC and GOMEMLIMIT given to a Go program and to one of ours: both must read the same values from
// them, or refuse them with the same status and the same first line.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "testing/go.h"

namespace heapwise::runtime {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int status = -1;  // exit status; 128 and the number of a signal
  std::string output;
  std::string first_error_line;

  bool operator==(const Answer&) const = default;
  friend void PrintTo(const Answer& answer, std::ostream* out) {
    *out << "status " << answer.status << ", prints \"" << answer.output
         << "\", first error line \"" << answer.first_error_line << "\"";
  }
};

std::string Slurp(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Runs the command with exactly these variables set.
Answer RunProgram(const std::vector<std::string>& command,
                  const std::vector<std::string>& environment, const fs::path& directory) {
  const fs::path out = directory / ("out." + std::to_string(getpid()));
  const fs::path err = directory / ("err." + std::to_string(getpid()));
  const auto pointers = [](const std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
  };
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> variables = pointers(environment);
  const pid_t child = fork();
  if (child == 0) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    dup2(open(out.c_str(), flags, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), flags, 0600), STDERR_FILENO);
    execve(arguments[0], arguments.data(), variables.data());
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  Answer answer;
  answer.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  answer.output = Slurp(out);
  const std::string errors = Slurp(err);
  answer.first_error_line = errors.substr(0, errors.find('\n'));
  fs::remove(out);
  fs::remove(err);
  return answer;
}

class EnvironmentGoTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (const std::optional<test::Go> go = test::NewestGo()) {
      go_version_ = go->version;
      go_program_ = test::BuildGo(*go, PRINT_SETTINGS_GO, Directory());
      ASSERT_FALSE(go_program_.empty());
    }
  }

  void SetUp() override {
    if (go_program_.empty()) {
      GTEST_SKIP() << "there is no Go toolchain here (go on PATH, or a package golang-*-go)";
    }
  }

  static fs::path Directory() { return ENVIRONMENT_GO_DIRECTORY; }

  static Answer Go(const std::vector<std::string>& environment) {
    return RunProgram({go_program_}, environment, Directory());
  }
  static Answer Ours(const std::vector<std::string>& environment) {
    return RunProgram({PRINT_SETTINGS}, environment, Directory());
  }

  static void ExpectTheSame(const std::string& variable, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      const std::vector<std::string> environment = {variable + "=" + value};
      EXPECT_EQ(Ours(environment), Go(environment)) << environment[0];
    }
  }

  inline static fs::path go_program_;
  inline static std::vector<int> go_version_;
};

TEST_F(EnvironmentGoTest, UnsetIsTheDefault) {
  const Answer go = Go({});
  EXPECT_EQ(go.status, 0);
  EXPECT_EQ(go.output, "100 9223372036854775807\n");
  EXPECT_EQ(Ours({}), go);
}

TEST_F(EnvironmentGoTest, Gogc) {
  ExpectTheSame("GOGC", {"",
                         "off",
                         "OFF",
                         "Off",
                         "off ",
                         " off",
                         "offf",
                         "abc",
                         "0",
                         "1",
                         "25",
                         "50",
                         "100",
                         "200",
                         "400",
                         "-1",
                         "-2",
                         "-5",
                         "-100",
                         "--",
                         "---",
                         "--5",
                         "5-",
                         "+",
                         " 100",
                         "100 ",
                         "\t100",
                         "100\n",
                         "1e2",
                         "1E2",
                         "1.5",
                         "100.0",
                         ".5",
                         "00100",
                         "000",
                         "-0",
                         "-00",
                         "-000100",
                         "0x10",
                         "0b11",
                         "0o17",
                         "1_0",
                         "1,000",
                         "100%",
                         "50;50",
                         "99999",
                         "2147483646",
                         "2147483647",
                         "2147483648",
                         "4294967295",
                         "4294967296",
                         "4294967396",
                         "-2147483647",
                         "-2147483648",
                         "-2147483649",
                         "9223372036854775807",
                         "9223372036854775808",
                         "-9223372036854775808",
                         "-9223372036854775809",
                         "18446744073709551615",
                         "18446744073709551616",
                         "99999999999999999999",
                         "00000000000000000000000000000000000050",
                         "\xd9\xa1",
                         "\xff",
                         "nil",
                         "true",
                         "NaN",
                         "inf"});
}

TEST_F(EnvironmentGoTest, Gomemlimit) {
  ExpectTheSame("GOMEMLIMIT", {"",
                               "off",
                               "0",
                               "1",
                               "512",
                               "00512",
                               "4096",
                               "0B",
                               "1B",
                               "512B",
                               "512KiB",
                               "512MiB",
                               "1GiB",
                               "1TiB",
                               "0KiB",
                               "0MiB",
                               "0TiB",
                               "-0",
                               "-0B",
                               "-00",
                               "-0GiB",
                               "00000000000000000000000000000000001MiB",
                               "1023TiB",
                               "8388607TiB",
                               "8589934591GiB",
                               "8796093022207MiB",
                               "9007199254740991KiB",
                               "9223372036854775806",
                               "9223372036854775807",
                               "9223372036854775807B"});
}

TEST_F(EnvironmentGoTest, MalformedGomemlimit) {
  const std::vector<std::string> values = {"OFF",
                                           "Off",
                                           "off ",
                                           " off",
                                           "1PiB",
                                           "1EiB",
                                           "512MB",
                                           "512M",
                                           "512K",
                                           "512G",
                                           "512T",
                                           "512KB",
                                           "512k",
                                           "512b",
                                           "512iB",
                                           "512i",
                                           "512Ki",
                                           "512MiBB",
                                           "512BB",
                                           "512MiB512",
                                           "1.5GiB",
                                           "1.0",
                                           "-1",
                                           "-1B",
                                           "-1MiB",
                                           "-512MiB",
                                           "--1",
                                           "-",
                                           "--",
                                           "-B",
                                           "-iB",
                                           "512 MiB",
                                           " 512MiB",
                                           "512MiB ",
                                           "512MiB\t",
                                           "\t512",
                                           "B",
                                           "iB",
                                           "KiB",
                                           "mib",
                                           "512mib",
                                           "512Mib",
                                           "512miB",
                                           "512MIB",
                                           "1e9",
                                           "0x100",
                                           "1_000",
                                           "1,000MiB",
                                           "100%",
                                           "8388608TiB",
                                           "16777216TiB",
                                           "8589934592GiB",
                                           "9007199254740992KiB",
                                           "9223372036854775808",
                                           "9223372036854775808B",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "99999999999999999999TiB",
                                           "abc",
                                           "=",
                                           "512\nMiB",
                                           "\xff",
                                           "\xc2\xb5"};
  ExpectTheSame("GOMEMLIMIT", values);
}

// Older versions take no plus, and a minus by itself for 0.
TEST_F(EnvironmentGoTest, SignsSinceGo127) {
  if (go_version_ < std::vector<int>{1, 27}) GTEST_SKIP() << go_program_;
  ExpectTheSame("GOGC", {"-", "+", "+0", "+5", "+50", "+100", "+050", "++5", "+-5", "-+5", "+ 5",
                         "+off", "+2147483647", "+2147483648", "-0"});
  ExpectTheSame("GOMEMLIMIT", {"-",
                               "-B",
                               "-KiB",
                               "-MiB",
                               "+",
                               "+B",
                               "+KiB",
                               "+0",
                               "+512",
                               "+512B",
                               "+512MiB",
                               "++512",
                               "+-512",
                               "-+0",
                               "-0",
                               "-0MiB",
                               "+off",
                               "+8388607TiB",
                               "+8388608TiB",
                               "+9223372036854775807",
                               "+9223372036854775808"});
}

TEST_F(EnvironmentGoTest, TheTwoTogether) {
  const std::vector<std::vector<std::string>> environments = {
      {"GOGC=off", "GOMEMLIMIT=off"},
      {"GOGC=50", "GOMEMLIMIT=1GiB"},
      {"GOGC=abc", "GOMEMLIMIT=1GB"},
      {"GOGC=-0", "GOMEMLIMIT=-0"},
      {"GOMEMLIMIT=1MiB", "GOGC=0"},
      // Of a variable that is there twice Go takes the first, as getenv does.
      {"GOGC=50", "GOGC=70"},
      {"GOMEMLIMIT=1MiB", "GOMEMLIMIT=2MiB"},
      {"gogc=50", "GOGC =50", "XGOGC=50", "GOMEMLIMITS=1"},
  };
  for (const std::vector<std::string>& environment : environments) {
    EXPECT_EQ(Ours(environment), Go(environment)) << testing::PrintToString(environment);
  }
}

}  // namespace
}  // namespace heapwise::runtime
