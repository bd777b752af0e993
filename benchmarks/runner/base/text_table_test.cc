#include "benchmarks/runner/base/text_table.h"

#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

TEST(TextTableTest, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table(2, 3);
  table.Add({"a", "µs", "last"});
  table.Add({"long", "", "x"});
  table.Add({"b", "two"});
  EXPECT_EQ(table.Text(),
            "  a      µs    last\n"
            "  long         x\n"
            "  b      two\n");
}

TEST(TextTableTest, CellsBreakWhereTheColumnIsBounded) {
  TextTable table(0, 1, {{8, 8}, {}, {0, 12}});
  table.Add({"ok", "name", "words that go on and on"});
  table.Add({"", "", "areallyratherlongword it stays whole"});
  EXPECT_EQ(table.Text(),
            "ok       name words that\n"
            "              go on and on\n"
            "              areallyratherlongword\n"
            "              it stays\n"
            "              whole\n");
}

TEST(TextTableTest, NumbersStandAtTheRightUnderTheLastWordsOfTheirHeadings) {
  TextTable table(1, 2, {{}, {4, 0, true}, {0, 0, true}});
  table.Head({"", "of two words", "ours"});
  table.Add({"row", "1", "12345"});
  table.Add({"another", "23456", ""});
  EXPECT_EQ(table.Text(),
            "             of\n"
            "            two\n"
            "          words   ours\n"
            " row          1  12345\n"
            " another  23456\n");
}

TEST(TextTableTest, NoHeadingsNoLineOfThem) {
  TextTable table(0, 1);
  table.Head({"", ""});
  table.Add({"a", "b"});
  EXPECT_EQ(table.Text(), "a b\n");
  EXPECT_EQ(TextTable(0, 1).Text(), "");
}

TEST(TextTableTest, ColourTakesNoRoomAndIsInEachLine) {
  TextTable table(0, 1);
  table.Add({{"one\n  two", "\033[31m"}, "x"});
  EXPECT_EQ(table.Text(), "\033[31mone\033[0m   x\n\033[31m  two\033[0m\n");
}

}  // namespace
}  // namespace heapwise::runner
