#include "benchmarks/runner/cmd/arguments.h"

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

ABSL_FLAG(int, test_count, 1, "how many");
ABSL_FLAG(bool, test_fast, false, "whether to hurry");
ABSL_FLAG(std::string, test_again, "", "what to do again");

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;

const Subcommand kSubcommand = {"try",
                                "[THING]",
                                "Tries a thing.",
                                "More words.",
                                "heapwise try 1",
                                {"test_count", "test_fast", "test_again"},
                                1};

absl::StatusOr<ParsedArguments> Parse(const std::vector<std::string>& arguments) {
  return ParseArguments(kSubcommand, {"test_again"}, arguments);
}

std::string Error(const std::vector<std::string>& arguments) {
  return std::string(Parse(arguments).status().message());
}

TEST(ArgumentsTest, SetsFlags) {
  const auto parsed = Parse({"--test_count=3", "thing", "--test_fast"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->positional, ElementsAre("thing"));
  EXPECT_THAT(parsed->given, ElementsAre("test_count", "test_fast"));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_count), 3);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_fast));
  ASSERT_TRUE(Parse({"--test_count", "4", "--notest_fast", "-test_again=x"}).ok());
  EXPECT_EQ(absl::GetFlag(FLAGS_test_count), 4);
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_fast));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_again), "x");
  const auto alone = Parse({"--test_again", "thing"});
  EXPECT_THAT(alone->positional, ElementsAre("thing"));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_again), "");
  EXPECT_TRUE(Parse({"--help"})->help);
  EXPECT_THAT(Parse({"--test_fast", "--", "--thing"})->positional, ElementsAre("--thing"));
}

TEST(ArgumentsTest, WordsForAnotherProgramFollowTwoDashes) {
  Subcommand subcommand = kSubcommand;
  subcommand.takes_rest = true;
  const auto parsed = ParseArguments(subcommand, {}, {"thing", "--", "-O3", "--help", "--"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->positional, ElementsAre("thing"));
  EXPECT_THAT(parsed->rest, ElementsAre("-O3", "--help", "--"));
  EXPECT_FALSE(parsed->help);
}

TEST(ArgumentsTest, SaysWhatIsWrong) {
  EXPECT_EQ(Error({"--tset_count=3"}),
            "heapwise try: unknown flag '--tset_count=3'; there are --test_count, --test_fast, "
            "--test_again, --help");
  EXPECT_EQ(Error({"--test_count=many"}),
            "--test_count=many: is no valid value; it means: how many");
  EXPECT_EQ(Error({"--test_count"}), "--test_count: needs a value");
  EXPECT_EQ(Error({"a", "b"}), "heapwise try: one argument too many: 'b'; it takes [THING]");
}

TEST(ArgumentsTest, HelpTellsEverything) {
  EXPECT_EQ(HelpText(kSubcommand), R"(heapwise try [THING]

Tries a thing.

More words.

Flags:
  --test_count
      how many
  --test_fast
      whether to hurry
  --test_again
      what to do again

Example:
  heapwise try 1
)");
}

}  // namespace
}  // namespace heapwise::runner
