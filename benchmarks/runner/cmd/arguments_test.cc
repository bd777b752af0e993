#include "benchmarks/runner/cmd/arguments.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;

struct Flags {
  int count = 1;
  bool fast = false;
  std::optional<std::string> again;
};

Usage TryUsage(Flags& flags) {
  return {.name = "try",
          .arguments = "[THING]",
          .what = "Tries a thing.",
          .more = "More words.",
          .example = "heapwise try 1",
          .flags = {{"count", &flags.count, "how many"},
                    {"fast", &flags.fast, "whether to hurry"},
                    Flag("again", &flags.again, "what to do again").MayStandAlone()},
          .most_arguments = 1};
}

std::string Error(const std::vector<std::string>& arguments) {
  Flags flags;
  return std::string(ParseArguments(TryUsage(flags), arguments).status().message());
}

TEST(ArgumentsTest, SetsFlags) {
  Flags flags;
  const auto parse = [&](const std::vector<std::string>& arguments) {
    return ParseArguments(TryUsage(flags), arguments);
  };
  const auto parsed = parse({"--count=3", "thing", "--fast"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->positional, ElementsAre("thing"));
  EXPECT_THAT(parsed->given, ElementsAre("count", "fast"));
  EXPECT_THAT(parsed->words, ElementsAre("try", "--count=3", "thing", "--fast"));
  EXPECT_TRUE(parsed->Given("fast"));
  EXPECT_FALSE(parsed->Given("again"));
  EXPECT_EQ(flags.count, 3);
  EXPECT_TRUE(flags.fast);
  EXPECT_EQ(flags.again, std::nullopt);
  ASSERT_TRUE(parse({"--count", "4", "--nofast", "-again=x"}).ok());
  EXPECT_EQ(flags.count, 4);
  EXPECT_FALSE(flags.fast);
  EXPECT_EQ(flags.again, "x");
  const auto alone = parse({"--again", "thing"});
  EXPECT_THAT(alone->positional, ElementsAre("thing"));
  EXPECT_EQ(flags.again, "");
  EXPECT_TRUE(parse({"--help"})->help);
  EXPECT_THAT(parse({"--fast", "--", "--thing"})->positional, ElementsAre("--thing"));
}

TEST(ArgumentsTest, WordsForAnotherProgramFollowTwoDashes) {
  Flags flags;
  Usage usage = TryUsage(flags);
  usage.takes_rest = true;
  const auto parsed = ParseArguments(usage, {"thing", "--", "-O3", "--help", "--"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->positional, ElementsAre("thing"));
  EXPECT_THAT(parsed->rest, ElementsAre("-O3", "--help", "--"));
  EXPECT_FALSE(parsed->help);
}

TEST(ArgumentsTest, SaysWhatIsWrong) {
  EXPECT_EQ(Error({"--tcount=3"}),
            "heapwise try: unknown flag '--tcount=3'; there are --count, --fast, "
            "--again, --help");
  EXPECT_EQ(Error({"--count=many"}), "--count=many: is no valid value; it means: how many");
  EXPECT_EQ(Error({"--count"}), "--count: needs a value");
  EXPECT_EQ(Error({"a", "b"}), "heapwise try: one argument too many: 'b'; it takes [THING]");
}

TEST(ArgumentsTest, HelpTellsEverything) {
  Flags flags;
  EXPECT_EQ(HelpText(TryUsage(flags)), R"(heapwise try [THING]

Tries a thing.

More words.

Flags:
  --count
      how many
  --fast
      whether to hurry
  --again
      what to do again

Example:
  heapwise try 1
)");
}

}  // namespace
}  // namespace heapwise::runner
