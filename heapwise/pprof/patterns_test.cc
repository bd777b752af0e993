// Whether profiles name the right functions and lines for what every compiler makes of the same source:
// testdata/patterns.cc, built here as a shared library, in which a file by g++ comes first.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "heapwise/pprof/reader.h"
#include "heapwise/pprof/testing.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace heapwise::pprof {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kProbe = PPROF_PROBE;
const std::string kTestdata = PPROF_TESTDATA;
constexpr int kRounds = 3;  // of AllocateEverywhere in pprof_probe

// Where testdata/patterns*.cc allocates: on "site NAME", in a function that begins on "start NAME" and is called on
// "call NAME".
struct Site {
  std::string name;
  std::string function;  // a regular expression for the end of its name, without parameters
  std::string caller;    // the same; empty where another thread calls it
  // One of this and the standard library is inlined in the other
  bool is_mixed_with_library = false;
};

// Compilers and linkers number lambdas each in their own way.
const std::string kOneLambda = R"(::(\{lambda[^#]*#[0-9]+\}|\$_[0-9]+)::operator\(\))";
const std::vector<Site> kSites = {
    {"lambda1", "patterns::.*::TwoLambdas.*" + kOneLambda, "::TwoLambdas"},
    {"lambda2", "patterns::.*::TwoLambdas.*" + kOneLambda, "::TwoLambdas"},
    {"local", "patterns::.*::LocalClass.*::Local::Grow", "::LocalClass"},
    {"global", "patterns::.*" + kOneLambda, "::Everywhere"},
    {"inlined", "patterns::.*::Inlined", "::Everywhere"},
    {"overload1", "patterns::.*::Overloaded", "::Everywhere"},
    {"overload2", "patterns::.*::Overloaded", "::Everywhere"},
    {"template", "patterns::.*::Template(<char>)?", "::Everywhere"},
    {"constructor", "patterns::.*::Shape::Shape", "::Everywhere"},
    {"throw", "patterns::.*::Throw", "::Everywhere"},
    {"string", "patterns::.*::Grow", "::Everywhere", true},
    {"thread", "patterns::.*::OnThread.*" + kOneLambda, "", true},
    {"hidden", "patterns::.*::Hidden", "::Everywhere"},
    {"elsewhere", "AllocateElsewhere", "::Elsewhere"},
};

struct Build {
  std::string name;
  std::string compiler;
  std::vector<std::string> flags;
  enum { kNothing, kLink, kLinkInDebug, kRemoveSplit } then = kNothing;
  bool has_inlined_calls = true;
};

// How GoogleTest shows it, and names the test.
void PrintTo(const Build& build, std::ostream* out) { *out << build.name; }

const std::vector<Build> kBuilds = {
    {"gcc_O0", "g++", {"-O0"}},
    {"gcc_Og", "g++", {"-Og"}},
    {"gcc_O2", "g++", {"-O2"}},
    {"gcc_O3", "g++", {"-O3"}},
    {"gcc_lto", "g++", {"-O2", "-flto"}},
    {"gcc_lto_split", "g++", {"-O2", "-flto", "-gsplit-dwarf"}, Build::kNothing, false},
    {"gcc_split", "g++", {"-O2", "-gsplit-dwarf"}},
    {"gcc_split_lost", "g++", {"-O2", "-gsplit-dwarf"}, Build::kRemoveSplit, false},
    {"gcc_split_dwarf4", "g++", {"-O2", "-gsplit-dwarf", "-gdwarf-4"}},
    {"gcc_compressed", "g++", {"-O2", "-gz"}},
    {"gcc_dwarf4", "g++", {"-O2", "-gdwarf-4"}},
    {"gcc_type_units", "g++", {"-O2", "-fdebug-types-section"}},
    {"gcc_sections", "g++", {"-O2", "-ffunction-sections"}},
    {"gcc_debuglink", "g++", {"-O2"}, Build::kLink},
    {"gcc_debuglink_no_id", "g++", {"-O0", "-Wl,--build-id=none"}, Build::kLinkInDebug},
    {"clang_O0", "clang++", {"-O0"}},
    {"clang_O2", "clang++", {"-O2"}},
    {"clang_lto", "clang++", {"-O2", "-flto=thin"}},
    {"clang_split", "clang++", {"-O2", "-gsplit-dwarf"}},
    {"clang_dwarf4", "clang++", {"-O2", "-gdwarf-4"}},
    {"clang_debuglink", "clang++", {"-O2"}, Build::kLink},
};

class PatternsTest : public ::testing::Test {
 protected:
  bool Has(const std::string& program) const {
    return test::Shell("command -v " + program).status == 0;
  }

  // False, after a failure, where the command did not succeed.
  bool Run(const std::vector<std::string>& command) {
    const test::Ran ran = test::Execute(command, {.directory = directory_.path()});
    EXPECT_EQ(ran.status, 0) << command[0] << ": " << ran.output;
    return ran.status == 0;
  }

  // Makes patterns.so in directory_.
  bool Compile(const Build& build) {
    std::vector<std::string> compile = {build.compiler, "-std=c++20", "-g",
                                        "-fPIC",        "-c",         kTestdata + "/patterns.cc"};
    std::vector<std::string> link = {build.compiler, "-g", "-shared", "-o", "patterns.so"};
    for (std::vector<std::string>* const command : {&compile, &link}) {
      for (const std::string& flag : build.flags) {
        if (command == &link || !flag.starts_with("-Wl")) command->push_back(flag);
      }
    }
    // The linker of lld's own package knows clang's intermediate code. GNU's needs a plugin.
    if (build.name == "clang_lto") link.push_back("-fuse-ld=lld");
    link.insert(link.end(), {"elsewhere.o", "patterns.o", "stripped.so", "-Wl,-rpath,$ORIGIN"});
    return Run({"g++", "-O2", "-g", "-fPIC", "-c", kTestdata + "/patterns_elsewhere.cc", "-o",
                "elsewhere.o"}) &&
           Run({"g++", "-O2", "-s", "-fPIC", "-shared", kTestdata + "/patterns_stripped.cc", "-o",
                "stripped.so", "-Wl,-soname,stripped.so"}) &&
           Run(compile) && Run(link);
  }

  // Moves the debug information into a file of its own and leaves a link to it.
  bool Separate(const std::string& file) {
    std::filesystem::create_directories((directory_.path() / file).parent_path());
    return Run({"objcopy", "--only-keep-debug", "patterns.so", file}) &&
           Run({"strip", "patterns.so"}) &&
           Run({"objcopy", "--add-gnu-debuglink=" + file, "patterns.so"});
  }

  std::vector<ParsedSample> Profile(const std::map<std::string, std::string>& environment = {}) {
    const std::string file = directory_.path() / "heap.pb.gz";
    const test::Ran ran = test::Execute({kProbe, "load", directory_.path() / "patterns.so", file},
                                        {.environment = environment});
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? testing::Decode(test::ReadFile(file)) : std::vector<ParsedSample>();
  }

  const test::TempDir directory_;
};

int64_t Marked(const std::string& mark) {
  const int64_t line = testing::LineOf(kTestdata + "/patterns.cc", "// " + mark);
  return line != 0 ? line : testing::LineOf(kTestdata + "/patterns_elsewhere.cc", "// " + mark);
}

// A demangled name without the parameters at its end.
std::string WithoutParameters(std::string function) {
  if (function.ends_with(" const")) function.resize(function.size() - 6);
  if (!function.ends_with(")") || function.ends_with("operator()")) return function;
  return function.substr(0, function.rfind('('));
}

// Where the debug information has no inlined calls, what they allocate is at the right line of the function that they
// are in.
void ExpectEverySite(const std::vector<ParsedSample>& samples, bool has_inlined_calls) {
  std::map<std::string, std::set<std::string>> names;  // by site
  for (const Site& site : kSites) {
    if (!has_inlined_calls && site.is_mixed_with_library) continue;
    SCOPED_TRACE(site.name);
    const int64_t line = Marked("site " + site.name);
    ASSERT_GT(line, 0);
    int64_t objects = 0;
    for (const ParsedSample& sample : samples) {
      const Line& innermost = sample.stack.front();
      if (innermost.line != line ||
          !innermost.file.starts_with(
              kTestdata + (site.name == "elsewhere" ? "/patterns_elsewhere.cc" : "/patterns.cc"))) {
        continue;
      }
      objects += sample.values[0];
      names[site.name].insert(innermost.function);
      if (!has_inlined_calls) continue;
      EXPECT_THAT(WithoutParameters(innermost.function), ContainsRegex(site.function + "$"));
      EXPECT_EQ(innermost.start_line, Marked("start " + site.name));
      if (site.caller.empty()) continue;
      ASSERT_GT(sample.stack.size(), 1u);
      EXPECT_THAT(WithoutParameters(sample.stack[1].function), ContainsRegex(site.caller + "$"));
      EXPECT_EQ(sample.stack[1].line, Marked("call " + site.name));
    }
    EXPECT_EQ(objects, kRounds);
    EXPECT_EQ(names[site.name].size(), 1u);
  }
  if (has_inlined_calls) {
    EXPECT_NE(names["lambda1"], names["lambda2"]);
  }
  int64_t stripped = 0;
  for (const ParsedSample& sample : samples) {
    if (has_inlined_calls) {
      EXPECT_THAT(sample.stack.front().function, Not(IsEmpty()));
    }
    if (sample.stack.front().function != "AllocateStripped") continue;
    stripped += sample.values[0];
    EXPECT_EQ(sample.stack.at(1).line, Marked("call stripped"));
  }
  EXPECT_EQ(stripped, kRounds);
}

class EveryBuildTest : public PatternsTest, public ::testing::WithParamInterface<Build> {};

TEST_P(EveryBuildTest, EveryAllocationIsAtItsFunctionAndLine) {
  const Build& build = GetParam();
  std::vector<std::string> tools = {"g++", build.compiler};
  if (build.then != Build::kNothing) tools.insert(tools.end(), {"objcopy", "strip"});
  if (build.name == "clang_lto") tools.push_back("ld.lld");
  for (const std::string& tool : tools) {
    if (!Has(tool)) GTEST_SKIP() << "no `" << tool << "` here";
  }
  ASSERT_TRUE(Compile(build));
  if (build.then == Build::kLink) {
    ASSERT_TRUE(Separate("patterns.debug"));
  } else if (build.then == Build::kLinkInDebug) {
    ASSERT_TRUE(Separate(".debug/patterns.debug"));
  } else if (build.then == Build::kRemoveSplit) {
    ASSERT_TRUE(std::filesystem::remove(directory_.path() / "patterns.dwo"));
  }
  ExpectEverySite(Profile(), build.has_inlined_calls);
}

// Debug information of another build would name wrong lines.
TEST_F(PatternsTest, ADebugFileWithAnotherChecksumIsNotUsed) {
  for (const char* tool : {"g++", "objcopy", "strip"}) {
    if (!Has(tool)) GTEST_SKIP() << "no `" << tool << "` here";
  }
  ASSERT_TRUE(Compile({"gcc_O2", "g++", {"-O2"}}));
  ASSERT_TRUE(Separate("patterns.debug"));
  std::ofstream(directory_.path() / "patterns.debug", std::ios::app) << "x";
  for (const ParsedSample& sample : Profile()) {
    for (const Line& frame : sample.stack) {
      EXPECT_THAT(frame.file, Not(HasSubstr("patterns.cc")));
    }
  }
}

// To its last byte, which is by itself where the file is read in pieces of 64 KiB.
TEST_F(PatternsTest, AChecksumIsOfTheWholeDebugFile) {
  for (const char* tool : {"g++", "objcopy", "strip"}) {
    if (!Has(tool)) GTEST_SKIP() << "no `" << tool << "` here";
  }
  ASSERT_TRUE(Compile({"gcc_O2", "g++", {"-O2"}}));
  const std::filesystem::path file = directory_.path() / "patterns.debug";
  ASSERT_TRUE(Run({"objcopy", "--only-keep-debug", "patterns.so", file}));
  constexpr uintmax_t kPiece = 65536;
  const uintmax_t size = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, (size + kPiece - 1) / kPiece * kPiece + 1);
  ASSERT_TRUE(Run({"strip", "patterns.so"}));
  ASSERT_TRUE(Run({"objcopy", "--add-gnu-debuglink=patterns.debug", "patterns.so"}));
  ExpectEverySite(Profile(), true);
}

// libdw asks the servers in DEBUGINFOD_URLS for what it does not find, if it is let.
TEST_F(PatternsTest, NoServerIsAskedForDebugInformation) {
  if (!Has("g++")) GTEST_SKIP() << "no `g++` here";
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(server, 1), 0);
  ASSERT_EQ(getsockname(server, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ASSERT_TRUE(Compile({"gcc_stripped", "g++", {"-O2", "-s"}}));
  Profile({{"DEBUGINFOD_URLS", "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port))},
           {"DEBUGINFOD_CACHE_PATH", directory_.path() / "cache"},
           {"DEBUGINFOD_TIMEOUT", "1"}});
  pollfd asked{.fd = server, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&asked, 1, 0), 0);
  close(server);
}

INSTANTIATE_TEST_SUITE_P(, EveryBuildTest, ::testing::ValuesIn(kBuilds),
                         [](const auto& build) { return build.param.name; });

}  // namespace
}  // namespace heapwise::pprof
