#include "testing/page.h"

#include "gmock/gmock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "testing/temp_dir.h"

namespace heapwise::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

const auto Is = [](const std::string& command, const auto& output) {
  return AllOf(Field(&Shown::command, command), Field(&Shown::output, output));
};

TEST(PageTest, FindsCommandsAndWhatTheyPrint) {
  const TempDir directory;
  EXPECT_THAT(ShownCommands(directory.Write("page.md",
                                            "# A page\n"
                                            "```text\n"
                                            "$ first &\n"
                                            "$ second | wc\n"
                                            "  1  2\n"
                                            "\n"
                                            "$3 for it\n"
                                            "```\n"
                                            "In between.\n"
                                            "```text\n"
                                            "$ third\n"
                                            "cost: $ 3\n"
                                            "```\n")),
              ElementsAre(Is("first &", IsEmpty()),
                          Is("second | wc", ElementsAre("  1  2", "", "$3 for it")),
                          Is("third", ElementsAre("cost: $ 3"))));
}

TEST(PageTest, OnlyInBlocksOfText) {
  const TempDir directory;
  EXPECT_THAT(ShownCommands(directory.Write("page.md",
                                            "$ prose\n"
                                            "```text\n"
                                            "$ shown\n"
                                            "```\n"
                                            "```sh\n"
                                            "$ shell\n"
                                            "```\n"
                                            "```text\n"
                                            "what no command printed\n"
                                            "```\n")),
              ElementsAre(Is("shown", IsEmpty())));
}

TEST(PageTest, AMissingPageFailsTheTest) {
  EXPECT_NONFATAL_FAILURE(EXPECT_THAT(ShownCommands("/nowhere/page.md"), IsEmpty()),
                          "cannot be read");
}

}  // namespace
}  // namespace heapwise::test
