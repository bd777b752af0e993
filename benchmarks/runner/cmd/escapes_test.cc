#include "benchmarks/runner/cmd/escapes.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/escapes/escape_build.h"
#include "benchmarks/runner/escapes/escape_flags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"
#include "testing/temp_dir.h"

namespace heapwise::runner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string>& CaseFiles() {
  static const auto* const files = new std::vector<std::string>{"language_cases", "library_cases",
                                                                "collected_cases", "local_cases"};
  return *files;
}

std::string CasePath(const std::string& name) {
  return std::string(SOURCE_ROOT) + "/benchmarks/runner/testdata/escapes/" + name + ".cc";
}

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

Ran Escapes(const std::string& typed, bool json = false, const std::string& compiler = "g++",
            const fs::path& root = SOURCE_ROOT, const std::vector<std::string>& flags = {}) {
  std::ostringstream out;
  std::ostringstream err;
  Ran ran;
  ran.status = RunEscapes({root, typed, compiler, json, flags}, out, err);
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

// For the life of the object.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* const before = getenv(name);
    if (before != nullptr) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_.empty() ? unsetenv(name_) : setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

// A directory of files, removed in the end, with a TMPDIR in it.
class EscapesTest : public testing::Test {
 protected:
  EscapesTest() {
    fs::create_directories(directory_.path() / "tmp");
    fs::create_directories(directory_.path() / "bin");
    tmpdir_.emplace("TMPDIR", (directory_.path() / "tmp").string());
  }

  std::string Write(const std::string& name, const std::string& text) {
    return directory_.Write(name, text).string();
  }

  // A program in place of the compiler.
  void WriteCompiler(const std::string& script) {
    fs::permissions(Write("bin/g++", "#!/bin/sh\n" + script), fs::perms::owner_all);
  }

  std::string PathWithCompiler() { return (directory_.path() / "bin").string() + ":/usr/bin:/bin"; }

  void ExpectNothingLeft() { EXPECT_TRUE(fs::is_empty(directory_.path() / "tmp")); }

  const test::TempDir directory_;
  std::optional<Variable> tmpdir_;
};

// Calls `check` with each compiler that there is.
void WithEachCompiler(const std::function<void(const std::string& compiler)>& check) {
  for (const std::string compiler : {"g++", "clang++"}) {
    SCOPED_TRACE(compiler);
    if (FindCompiler(compiler).ok()) check(compiler);
  }
}

// What the report says before it tells what it cannot see.
std::string Sites(const Ran& ran) {
  EXPECT_EQ(ran.status, 0) << ran.err;
  return ran.out.substr(0, ran.out.find("\n\nWhat ") + 1);
}

// --- The report against what the program does ---

// "yes", "maybe", "no" or, where nothing is reported, "none"; the worst of a case's sites.
using Verdicts = std::map<std::string, std::string>;

// The case that a line belongs to: the outermost namespace of its function.
std::string CaseOf(const std::string& function) {
  if (function == "static initialisation") return "static_initialisation";
  return function.substr(0, function.find("::"));
}

Verdicts ReportedVerdicts(const std::string& compiler) {
  Verdicts verdicts;
  for (const std::string& file : CaseFiles()) {
    const Ran ran = Escapes(CasePath(file), true, compiler);
    EXPECT_EQ(ran.status, 0) << ran.err;
    if (ran.status != 0) continue;
    for (const Json& site : Json::parse(ran.out)) {
      std::string& verdict = verdicts[CaseOf(site["function"])];
      const auto rank = [](const std::string& v) {
        return v == "yes" ? 3 : v == "maybe" ? 2 : v == "no";
      };
      verdict = std::max<std::string>(verdict, site["escapes"], [&](const auto& a, const auto& b) {
        return rank(a) < rank(b);
      });
    }
  }
  return verdicts;
}

// By case, what the same files allocated when they ran, compiled with the same flags.
std::map<std::string, int> CountedAllocations(const std::string& compiler,
                                              const fs::path& directory) {
  std::vector<std::string> link = {compiler};
  std::vector<std::string> files = CaseFiles();
  files.push_back("count");
  for (const std::string& file : files) {
    std::vector<std::string> compile = {compiler, "-w", std::string("-I") + SOURCE_ROOT};
    for (const std::string& flag : ProjectFlags()) compile.push_back(flag);
    link.push_back((directory / (file + ".o")).string());
    compile.insert(compile.end(), {"-c", CasePath(file), "-o", link.back()});
    const test::Ran compiled = test::Execute(compile);
    EXPECT_EQ(compiled.status, 0) << compiled.output;
  }
  for (const auto& library : absl::StrSplit(COUNTING_LIBRARIES, '|')) link.emplace_back(library);
  const std::string program = (directory / "count").string();
  link.insert(link.end(), {"-o", program});
  const test::Ran linked = test::Execute(link);
  EXPECT_EQ(linked.status, 0) << linked.output;
  const test::Ran ran = test::Execute({program});
  EXPECT_EQ(ran.status, 0) << ran.output;
  std::map<std::string, int> counts;
  std::istringstream lines(ran.output);
  std::string name;
  int count = 0;
  while (lines >> name >> count) counts[name] = count;
  return counts;
}

// What holds with every compiler: what escapes is allocated, and what does not escape is not.
void ExpectAgreement(const Verdicts& verdicts, const std::map<std::string, int>& counts) {
  EXPECT_GE(counts.size(), 60u);
  for (const auto& [name, count] : counts) {
    const auto found = verdicts.find(name);
    const std::string verdict = found == verdicts.end() ? "none" : found->second;
    if (verdict == "maybe") continue;
    EXPECT_EQ(count > 0, verdict == "yes")
        << name << ": reported " << verdict << ", counted " << count;
  }
  for (const auto& [name, verdict] : verdicts) {
    EXPECT_TRUE(counts.contains(name)) << name << " is reported, but no case";
  }
}

TEST_F(EscapesTest, GccReportAgreesWithTheCounts) {
  const Verdicts verdicts = ReportedVerdicts("g++");
  ExpectAgreement(verdicts, CountedAllocations("g++", directory_.path()));
  EXPECT_THAT(verdicts, testing::ContainerEq(Verdicts{
                            {"returned_pointer", "yes"},
                            {"local_unique", "no"},
                            {"returned_unique", "yes"},
                            {"inlined_unique", "no"},
                            {"local_new", "no"},
                            {"local_array", "no"},
                            {"kept_array", "yes"},
                            {"unique_array", "yes"},
                            {"over_aligned", "yes"},
                            {"stored_in_global", "yes"},
                            {"static_local", "yes"},
                            {"class_operator", "yes"},
                            {"virtual_factory", "yes"},
                            {"lambda", "no"},
                            {"lambda_that_allocates", "yes"},
                            {"variadic", "yes"},
                            {"perfect_forwarding", "no"},
                            {"thrown", "yes"},
                            {"local_malloc", "no"},
                            {"kept_malloc", "yes"},
                            {"on_one_path", "yes"},
                            {"alike", "yes"},
                            {"coroutine", "yes"},
                            {"coroutine_in_place", "yes"},
                            {"static_initialisation", "yes"},
                            {"function_large", "yes"},
                            {"any_large", "yes"},
                            {"string_long", "yes"},
                            {"string_unknown", "maybe"},
                            {"string_appended", "maybe"},
                            {"vector_constant", "yes"},
                            {"vector_variable", "yes"},
                            {"vector_push", "maybe"},
                            {"vector_of_list", "yes"},
                            {"list", "yes"},
                            {"deque", "yes"},
                            {"map", "yes"},
                            {"unordered_map", "yes"},
                            {"make_shared", "yes"},
                            {"shared_of_new", "yes"},
                            {"unique_of_large", "no"},
                            {"stream", "maybe"},
                            {"runtime_error", "maybe"},
                            {"monotonic_buffer", "maybe"},
                            {"new_returned", "yes"},
                            {"new_local", "yes"},
                            {"new_inlined", "yes"},
                            {"new_large", "yes"},
                            {"new_aligned", "yes"},
                            {"slice_constant", "yes"},
                            {"slice_variable", "yes"},
                            {"collected_vector", "yes"},
                            {"static_in_header", "yes"},
                            {"unnamed_in_header", "yes"},
                            {"lambda_in_header", "yes"},
                            {"virtual_in_header", "yes"},
                            {"thrown_in_header", "maybe"},
                            {"two_lists", "yes"},
                            {"nothrow_new", "yes"},
                            {"aligned_array", "yes"},
                            {"duplicated_text", "yes"},
                            {"cleared_memory", "yes"},
                            {"without_plt", "yes"},
                            {"generated", "yes"},
                        }));
  ExpectNothingLeft();
}

TEST_F(EscapesTest, ClangReportAgreesWithTheCounts) {
  if (!FindCompiler("clang++").ok()) GTEST_SKIP() << "there is no clang++";
  const Verdicts verdicts = ReportedVerdicts("clang++");
  ExpectAgreement(verdicts, CountedAllocations("clang++", directory_.path()));
  EXPECT_EQ(verdicts.at("local_unique"), "no");
  EXPECT_EQ(verdicts.at("returned_unique"), "yes");
  EXPECT_EQ(verdicts.at("new_local"), "yes");
}

// --- Lines, limits and JSON ---

TEST_F(EscapesTest, NamesLineColumnFunctionAndWay) {
  const std::string file = Write("a.cc",
                                 "#include <memory>\n"
                                 "namespace a {\n"
                                 "int* Make() { return new int(1); }\n"
                                 "int Local() {\n"
                                 "  auto p = std::make_unique<int>(7);\n"
                                 "  return *p;\n"
                                 "}\n"
                                 "}  // namespace a\n");
  const Ran ran = Escapes(file);
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, StartsWith(file + ":3:31: operator new escapes to heap [a::Make]\n" + file +
                                  ":5:35: operator new does not escape [a::Local] via "
                                  "std::make_unique\n\nWhat GNU C++20 "));
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 7);
  EXPECT_EQ(ran.err, "");
  const Json json = Json::parse(Escapes(file, true).out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[1]["line"], 5);
  EXPECT_EQ(json[1]["escapes"], "no");
  ExpectNothingLeft();
}

// Code between #line directives, an included file, and a header's global object: none of it is called by a line of
// the file.
TEST_F(EscapesTest, CodeOfOtherFilesIsToldWithItsOwnLines) {
  Write("part.inc", "int* Part() { return new int[4]; }\n");
  Write("table.h", "#include <vector>\nstatic const std::vector<int> kTable(9);\n");
  const std::string file = Write("a.cc",
                                 "#include \"table.h\"\n"
                                 "#include \"part.inc\"\n"
                                 "#line 7 \"/src/grammar.y\"\n"
                                 "int* Rule() { return new int; }\n");
  WithEachCompiler([&](const std::string& compiler) {
    const Ran ran = Escapes(file, false, compiler);
    EXPECT_THAT(Sites(ran), Not(HasSubstr("allocates nothing")));
    EXPECT_THAT(
        ran.out,
        AllOf(HasSubstr("part.inc:1:"), HasSubstr("operator new[] escapes to heap [Part]"),
              HasSubstr("table.h:2:"), HasSubstr("[static initialisation]"),
              HasSubstr("/src/grammar.y:7:"), HasSubstr("operator new escapes to heap [Rule]")));
    EXPECT_EQ(Json::parse(Escapes(file, true, compiler).out).size(), 3u);
  });
}

TEST_F(EscapesTest, GlobalObjectsAreToldWhereTheyStand) {
  Write("table.h", "#include <vector>\nstatic const std::vector<int> kTable(9);\n");
  const std::string file = Write("a.cc",
                                 "#include \"table.h\"\n"
                                 "std::vector<int> squares(4);\n"
                                 "int Last() { return squares[0]; }\n");
  for (const char* level : {"-O0", "-O2", "-O3"}) {
    SCOPED_TRACE(level);
    WithEachCompiler([&](const std::string& compiler) {
      EXPECT_THAT(Sites(Escapes(file, false, compiler, SOURCE_ROOT, {level})),
                  AllOf(HasSubstr("a.cc:2:"), HasSubstr("table.h:2:"), Not(HasSubstr("a.cc:3:"))));
    });
  }
}

// As bison and flex write it: the functions at the end of a grammar are called by its actions.
TEST_F(EscapesTest, FunctionsBehindALineDirectiveHaveTheirOwnLines) {
  const std::string file = Write("gram.cc",
                                 "int* Make(int n);\n"
                                 "int* yyparse(int rule) {\n"
                                 "#line 14 \"/src/gram.y\"\n"
                                 "  return rule > 0 ? Make(rule) : nullptr;\n"
                                 "#line 5 \"gram.cc\"\n"
                                 "}\n"
                                 "#line 24 \"/src/gram.y\"\n"
                                 "int* Make(int n) { return new int[n]; }\n");
  WithEachCompiler([&](const std::string& compiler) {
    const Ran ran = Escapes(file, false, compiler);
    EXPECT_THAT(Sites(ran), AllOf(HasSubstr("/src/gram.y:24:"), Not(HasSubstr("gram.y:14:"))));
  });
}

// The #line stands for what GCC writes now and then: a header's line for a call in a function of the file. The name is
// one that make's rules write in another way.
TEST_F(EscapesTest, AStrayLineOfAHeaderLeavesTheFileItsLines) {
  const std::string header =
      Write("a $#1.h", "inline int* Make(int n) { int* a = new int; *a = n; return a; }\n");
  const std::string file = Write("a.cc",
                                 "#include \"a $#1.h\"\n"
                                 "int* Use() { return Make(3); }\n"
                                 "int* Stray() {\n"
                                 "#line 9 \"" +
                                     header +
                                     "\"\n"
                                     "  return new int[3];\n"
                                     "}\n");
  WithEachCompiler([&](const std::string& compiler) {
    EXPECT_THAT(
        Sites(Escapes(file, false, compiler)),
        AllOf(HasSubstr(file + ":2:"), HasSubstr("operator new escapes to heap [Use] via Make"),
              HasSubstr("a $#1.h:9:"), HasSubstr("operator new[] escapes to heap [Stray]"),
              Not(HasSubstr("a $#1.h:1:"))));
  });
}

// --- The user's flags ---

TEST_F(EscapesTest, FlagsBehindTheDashesWinAndAreSaid) {
  Write("include/size.h", "constexpr int kSize = N;\n");
  const std::string file = Write("a.cc",
                                 "#include \"size.h\"\n"
                                 "int Local() { return *new int(kSize); }\n"
                                 "static_assert(__cplusplus == 201703);\n");
  const std::string include = (directory_.path() / "include").string();
  WithEachCompiler([&](const std::string& compiler) {
    const Ran fails = Escapes(file, false, compiler);
    EXPECT_EQ(fails.status, 1);
    EXPECT_THAT(fails.err, HasSubstr("flags for it go behind --"));
    const Ran ran = Escapes(file, false, compiler, SOURCE_ROOT,
                            {"-DN=3", "-I", include, "-std=c++17", "-O0", "-o", "a.o"});
    EXPECT_THAT(
        Sites(ran),
        AllOf(StartsWith(file + ": compiled with -std=c++20 -O2 -g -DNDEBUG"),
              HasSubstr(" -DN=3 -I " + include +
                        " -std=c++17 -O0 (the defaults, then those behind --)\n"),
              HasSubstr("\n" + file + ":2:"), HasSubstr("operator new escapes to heap [Local]\n")));
    EXPECT_THAT(ran.out, HasSubstr(" does at -O0;"));
  });
  const Ran refused = Escapes(file, false, "g++", SOURCE_ROOT, {"b.cc"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
  ExpectNothingLeft();
}

// Include paths of compile_commands.json are meant from the entry's directory.
TEST_F(EscapesTest, TakesTheFlagsOfCompileCommands) {
  Write("include/size.h", "constexpr int kSize = N;\n");
  const std::string file =
      Write("src/a.CPP", "#include \"size.h\"\nint* Make() { return new int[kSize]; }\n");
  const Json entry = {{"directory", (directory_.path() / "build").string()},
                      {"file", "../src/a.CPP"},
                      {"arguments", {"c++", "-I../include", "-DN=4", "-c", "../src/a.CPP"}}};
  Write("build/compile_commands.json", Json::array({entry}).dump());
  WithEachCompiler([&](const std::string& compiler) {
    const Ran ran = Escapes(file, false, compiler);
    EXPECT_THAT(Sites(ran), AllOf(HasSubstr("compiled with -O2 -I../include -DN=4 ("),
                                  HasSubstr("build/compile_commands.json)\n" + file + ":2:")));
  });
  Write("build/compile_commands.json", "[]]");
  const Ran refused = Escapes(file);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("is no JSON array"));
}

// What decides how the code is written, and not what it does.
TEST_F(EscapesTest, NoFlagHidesACall) {
  const std::string file = Write("a.cc",
                                 "#include <vector>\n"
                                 "static int* __attribute__((noinline)) Make(int n) {\n"
                                 "  return new int[n];\n"
                                 "}\n"
                                 "int* Use(int n) { int* a = new int; *a = n; return Make(*a); }\n"
                                 "int Sum() { return std::vector<int>{1, 2, 3, 4}.at(2); }\n");
  WithEachCompiler([&](const std::string& compiler) {
    for (const char* flag : {"-fno-plt", "-mcmodel=large", "-fPIC", "-fno-pic", "-O0", "-O3", "-g0",
                             "-gsplit-dwarf", "-gz", "-gdwarf-4", "-flto", "-Werror",
                             "-fno-function-sections", "-fdebug-prefix-map=/=/gone/"}) {
      const std::string told = Sites(Escapes(file, false, compiler, SOURCE_ROOT, {flag}));
      EXPECT_THAT(told, AllOf(HasSubstr(file + ":3:"), HasSubstr(file + ":5:"))) << flag;
    }
  });
}

// An optimiser likes to have one call behind both branches.
TEST_F(EscapesTest, EveryBranchHasItsLine) {
  const std::string file = Write("a.cc",
                                 "struct Node { int value; Node* left; Node* right; };\n"
                                 "void Insert(Node* node, int n) {\n"
                                 "  if (n < node->value) {\n"
                                 "    node->left = new Node{n};\n"
                                 "  } else {\n"
                                 "    node->right = new Node{n};\n"
                                 "  }\n"
                                 "}\n");
  WithEachCompiler([&](const std::string& compiler) {
    EXPECT_THAT(Sites(Escapes(file, false, compiler)),
                AllOf(HasSubstr(file + ":4:"), HasSubstr(file + ":6:")));
  });
}

TEST_F(EscapesTest, TakesEveryNameOfACxxFile) {
  for (const char* name : {"a.cc", "a.cpp", "a.cxx", "a.c++", "a.C", "a.CPP", "a b'.cc"}) {
    const std::string file = Write(name, "int* Make() { return new int; }\n");
    EXPECT_THAT(Escapes(file).out, StartsWith(file + ":1:26: operator new escapes")) << name;
  }
}

TEST_F(EscapesTest, SaysWhereNothingIsAllocated) {
  const std::string file = Write("a.cc", "int Twice(int n) { return 2 * n; }\n");
  EXPECT_THAT(Escapes(file).out, StartsWith(file + ": allocates nothing itself\n\nWhat "));
  EXPECT_EQ(Json::parse(Escapes(file, true).out), Json::array());
}

TEST_F(EscapesTest, ALessonIsItsSourcesWithoutTestsAndExercise) {
  Write("root/lessons/05-users/lesson.json", "{}");
  for (const char* name :
       {"bench", "test", "exercise", "exercise_solution", "fast", "more", "slow"}) {
    Write(std::string("root/lessons/05-users/") + name + ".cc",
          "int* Make() { return new int; }\n");
  }
  const fs::path root = directory_.path() / "root";
  for (const std::string& typed :
       {std::string("5"), std::string("users"), (root / "lessons/05-users/").string()}) {
    const Ran ran = Escapes(typed, true, "g++", root);
    EXPECT_EQ(ran.status, 0) << ran.err;
    const Json json = Json::parse(ran.out);
    ASSERT_EQ(json.size(), 3u);
    EXPECT_THAT(json[0]["file"].get<std::string>(), testing::EndsWith("slow.cc"));
    EXPECT_THAT(json[1]["file"].get<std::string>(), testing::EndsWith("fast.cc"));
    EXPECT_THAT(json[2]["file"].get<std::string>(), testing::EndsWith("more.cc"));
  }
}

// --- What goes wrong ---

TEST_F(EscapesTest, SaysInOneLineWhatIsWrong) {
  const auto refused = [&](const std::string& typed, const std::string& compiler = "g++") {
    const Ran ran = Escapes(typed, false, compiler);
    EXPECT_EQ(ran.status, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1);
    return ran.err;
  };
  EXPECT_EQ(refused("/no/such.cc"), "/no/such.cc: there is no such file\n");
  EXPECT_EQ(refused("nosuch.cc"), "nosuch.cc: there is no such file\n");
  EXPECT_THAT(refused("no-such-lesson"), HasSubstr("05-value-return"));
  EXPECT_EQ(refused("/usr"), "/usr: is a directory, and no lesson's\n");
  const std::string text = Write("a.txt", "");
  EXPECT_EQ(refused(text), text + ": is no C++ source file (.cc, .cpp, .cxx, .c++ or .C)\n");
  for (const char* name : {"a.h", "a.hpp", "a.hh", "a.hxx"}) {
    const std::string header = Write(name, "");
    EXPECT_THAT(refused(header), StartsWith(header + ": is a header: "));
  }
  const std::string source = Write("a.cc", "");
  EXPECT_EQ(refused(source, "tcc"), "--compiler=tcc: must be g++ or clang++\n");
  const Variable path("PATH", directory_.path().string());
  EXPECT_EQ(refused(source, "clang++"), "there is no clang++ on PATH: apt install clang\n");
  EXPECT_EQ(refused(source), "there is no g++ on PATH: apt install g++\n");
  ExpectNothingLeft();
}

TEST_F(EscapesTest, ShowsTheCompilersFirstLines) {
  const std::string file = Write("a.cc", "int Make() {\n  return nothing;\n}\n");
  const Ran ran = Escapes(file);
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err,
              AllOf(StartsWith(file + ": does not compile with g++ (flags for it go behind --):\n"),
                    HasSubstr(file + ":2:10: error: 'nothing' was not declared")));
  EXPECT_LE(std::count(ran.err.begin(), ran.err.end(), '\n'), 8);
  ExpectNothingLeft();
}

TEST_F(EscapesTest, SaysHowACompilerEnded) {
  WriteCompiler("exit 3\n");
  const Variable path("PATH", PathWithCompiler());
  const Ran ran = Escapes(Write("a.cc", ""));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, HasSubstr("g++ exited with status"));
  ExpectNothingLeft();
}

TEST_F(EscapesTest, SaysWhereThereIsNoRoomForTemporaryFiles) {
  const Variable tmpdir("TMPDIR", "/no/such/directory");
  const Ran ran = Escapes(Write("a.cc", ""));
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.err, StartsWith("/no/such/directory/heapwise_"));
}

// The compiler interrupts the runner, which is its parent's parent, and then would take a minute.
TEST_F(EscapesTest, AnInterruptLeavesNothing) {
  WriteCompiler(
      "read -r _ _ _ runner _ </proc/$PPID/stat\necho x >\"$TMPDIR/left.s\"\nkill -INT "
      "$runner\nsleep 60\n");
  const test::Ran ran = test::Execute({HEAPWISE_PROGRAM, "escapes", Write("a.cc", "")},
                                      {.environment = {{"PATH", PathWithCompiler()}}});
  EXPECT_EQ(ran.status, 130) << ran.output;
  ExpectNothingLeft();
}

TEST_F(EscapesTest, TheProgramHasTheSubcommand) {
  const auto run = [](const std::vector<std::string>& words) {
    std::vector<std::string> argv = {HEAPWISE_PROGRAM, "escapes"};
    argv.insert(argv.end(), words.begin(), words.end());
    return test::Execute(argv, {.directory = SOURCE_ROOT});
  };
  EXPECT_THAT(
      run({"--help"}).output,
      AllOf(StartsWith("heapwise escapes FILE|LESSON"), HasSubstr("--compiler"),
            HasSubstr("-- FLAG"), HasSubstr("compile_commands.json"), HasSubstr("CXXFLAGS")));
  const test::Ran none = run({});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.output, HasSubstr("FILE.cc"));
  const test::Ran lesson = run({"05"});
  EXPECT_EQ(lesson.status, 0);
  EXPECT_THAT(lesson.output,
              AllOf(HasSubstr("lessons/05-value-return/slow.cc:"),
                    HasSubstr("runtime::New escapes to heap [slow::CreateUser]"),
                    HasSubstr("lessons/05-value-return/fast.cc: allocates nothing itself"),
                    Not(HasSubstr("bench.cc")), Not(HasSubstr("compiled with"))));
  const std::string file = Write("a.cc", "int* Make() { return new int[N]; }\n");
  EXPECT_THAT(run({file, "--", "-DN=3"}).output, HasSubstr(file + ":1:"));
}

}  // namespace
}  // namespace heapwise::runner
