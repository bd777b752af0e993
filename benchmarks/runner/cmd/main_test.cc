// The program as a whole: what each subcommand answers, with which status.
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "benchmarks/runner/base/files.h"
#include "benchmarks/runner/base/json_field.h"
#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/run.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

test::Ran RunHeapwise(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), HEAPWISE_PROGRAM);
  return test::Execute(arguments);
}

// As --help lists them: two spaces, the name, what it does.
std::vector<std::string> SubcommandNames() {
  std::vector<std::string> names;
  std::istringstream help(RunHeapwise({"--help"}).output);
  for (std::string line; std::getline(help, line);) {
    if (line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

TEST(MainTest, MeasuresJudgesAndCompares) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const test::Ran bench =
      RunHeapwise({"bench", "5", "--quick", "--seed=7", "--programs=" + tree.bin().string(), root});
  EXPECT_EQ(bench.status, 0) << bench.output;
  EXPECT_THAT(bench.output, HasSubstr("✓ shown"));
  const test::Ran verdicts = RunHeapwise({"verdicts", "--json", root});
  EXPECT_EQ(verdicts.status, 0);
  EXPECT_EQ(Json::parse(verdicts.output).size(), 2u);
  const test::Ran compare = RunHeapwise({"compare", "latest", "latest", root});
  EXPECT_EQ(compare.status, 0) << compare.output;
  EXPECT_THAT(RunHeapwise({"list", root}).output, HasSubstr("05-good  A fake"));
}

TEST(MainTest, SaysInOneLineWhatIsWrong) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const std::string programs = "--programs=" + tree.bin().string();
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& line) {
    const test::Ran ran = RunHeapwise(arguments);
    EXPECT_EQ(ran.status, 2) << line;
    EXPECT_EQ(ran.output, line + "\n");
  };
  const std::string there_are = "; there are " + absl::StrJoin(SubcommandNames(), ", ");
  refused({}, "heapwise: which subcommand?" + there_are);
  refused({"mesure"}, "heapwise: unknown subcommand 'mesure'" + there_are);
  refused({"bench", "99", root, programs}, "no lesson '99'; there are 05-good");
  refused({"bench", "--mode=slow", root, programs}, "--mode=slow: must be quick, bench or lesson");
  refused({"bench", "--quick", "--mode=lesson", root, programs},
          "--quick and --mode=lesson contradict each other");
  refused({"bench", "--resume", "05", root, programs},
          "--resume goes on with the lessons of its run; leave out '05' (or write --resume=RUN)");
  refused({"bench", "--resume", "--seed=1", root, programs},
          "--resume goes on with the settings of its run; leave out --seed");
  refused({"verdicts", "--results=/nowhere", root},
          "/nowhere holds no run yet: measure one with `heapwise bench`");
  refused({"compare", "latest", root},
          "heapwise compare: needs two runs: heapwise compare RUN_A RUN_B");
  refused({"list", "--root=/nowhere"}, "--root=/nowhere: there is no lessons/ in it");
  refused({"doctor", "now"}, "heapwise doctor: one argument too many: 'now'; it takes none");
}

TEST(MainTest, GoesOnWithACommandThatAShellUnderstands) {
  // The tree's name has a space and a quote in it.
  FakeTree tree;
  tree.AddLesson("05-interrupts");
  tree.GoodFor("05-interrupts", 2);
  const test::Ran bench = RunHeapwise({"bench", "--quick", "--programs=" + tree.bin().string(),
                                       "--root=" + tree.root().string(),
                                       "--results=" + (tree.root() / "my runs").string()});
  EXPECT_EQ(bench.status, 130) << bench.output;
  const std::string words = "go on with: ";
  const size_t at = bench.output.find(words) + words.size();
  ASSERT_GE(at, words.size()) << bench.output;
  const std::string command = bench.output.substr(at, bench.output.find('\n', at) - at);
  tree.GoodFor("05-interrupts", 100);
  const test::Ran resumed = test::Shell(command);
  EXPECT_EQ(resumed.status, 0) << command << "\n" << resumed.output;
  const Json run = Json::parse(ReadFile(tree.root() / "my runs/latest/run.json").value_or("null"));
  EXPECT_EQ(run["status"], "complete");
  // The record's command has its words apart too.
  EXPECT_EQ(test::Shell("set -- " + run["command"].get<std::string>() + "; echo $#").output, "6\n");
}

TEST(MainTest, OutputThatIsLostIsAFailure) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = "--root=" + tree.root().string();
  const std::string programs = "--programs=" + tree.bin().string();
  const test::Ran bench = test::Execute({HEAPWISE_PROGRAM, "bench", "--quick", root, programs},
                                        {.output_to = "/dev/full"});
  EXPECT_EQ(bench.status, 1) << bench.output;
  const std::string line =
      "heapwise: not all of this could be written to standard output: No space left on device\n";
  EXPECT_THAT(bench.output, ::testing::EndsWith(line));
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"--version"},
                                             {"list", "--help"},
                                             {"list", root},
                                             {"list", "--json", root},
                                             {"verdicts", root},
                                             {"verdicts", "--json", root},
                                             {"compare", "latest", "latest", root},
                                             {"doctor"}}) {
    std::vector<std::string> argv = command;
    argv.insert(argv.begin(), HEAPWISE_PROGRAM);
    const test::Ran ran = test::Execute(argv, {.output_to = "/dev/full"});
    EXPECT_EQ(ran.status, 1) << command.front();
    EXPECT_EQ(ran.output, line) << command.front();
  }
  const std::string heapwise = ShellWord(HEAPWISE_PROGRAM);
  // Closed from the start: nothing else must get its number.
  const test::Ran closed = test::Shell(heapwise + " list " + ShellWord(root) + " >&-");
  EXPECT_EQ(closed.status, 1);
  EXPECT_EQ(closed.output,
            "heapwise: not all of this could be written to standard output: Bad file descriptor\n");
  // A pipe that nobody reads, with and without its signal: quiet, but no success.
  for (const char* trap : {"", "trap '' PIPE; "}) {
    const test::Ran pipe = test::Shell(
        std::string(trap) + "{ until [ -e closed ]; do sleep 0.01; done; " + heapwise + " list " +
            ShellWord(root) + "; echo $? >&2; } | { exec <&-; : > closed; }; rm closed",
        {.directory = tree.root()});
    EXPECT_EQ(pipe.output, *trap == '\0' ? "141\n" : "1\n");
  }
}

TEST(MainTest, WorksInADirectoryThatIsGone) {
  FakeTree tree;
  tree.AddLesson("05-good");
  const std::string root = ShellWord("--root=" + tree.root().string());
  const std::string gone = "mkdir gone && cd gone && rmdir ../gone && ";
  const auto in_it = [&](const std::string& arguments) {
    return test::Shell(gone + ShellWord(HEAPWISE_PROGRAM) + " " + arguments,
                       {.directory = tree.root()});
  };
  EXPECT_THAT(in_it("list " + root).output, HasSubstr("05-good  A fake"));
  const test::Ran bench =
      in_it("bench --quick " + root + " " + ShellWord("--programs=" + tree.bin().string()));
  EXPECT_EQ(bench.status, 0) << bench.output;
  EXPECT_EQ(in_it("verdicts " + root).status, 0);
  const test::Ran relative = in_it("verdicts --results=results " + root);
  EXPECT_EQ(relative.status, 2);
  EXPECT_EQ(relative.output, "results holds no run yet: measure one with `heapwise bench`\n");
  EXPECT_EQ(in_it("list --root=.").output, "--root=.: there is no lessons/ in it\n");
}

TEST(MainTest, TellsItsVersion) {
  const test::Ran ran = RunHeapwise({"--version"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, ::testing::MatchesRegex(
                              "heapwise [0-9.]+ \\(.+ `.*`, Google Benchmark .+, bdwgc .+\\)\n"));
}

TEST(MainTest, HelpsWithEverySubcommand) {
  EXPECT_EQ(RunHeapwise({"--help"}).status, 0);
  const std::vector<std::string> names = SubcommandNames();
  EXPECT_THAT(names, IsSupersetOf({"list", "bench", "verdicts", "compare", "escapes", "peers",
                                   "manifest", "doctor"}));
  EXPECT_EQ(names.front(), "list");
  for (const std::string& name : names) {
    const test::Ran help = RunHeapwise({name, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.output, HasSubstr("Example:\n  heapwise " + name));
    for (size_t begin = 0; begin < help.output.size();) {
      const size_t end = help.output.find('\n', begin);
      EXPECT_LE(end - begin, 80u) << help.output.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace heapwise::runner
