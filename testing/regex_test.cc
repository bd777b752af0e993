#include "testing/regex.h"

#include <gtest/gtest-spi.h>

#include "gtest/gtest.h"

namespace heapwise::test {
namespace {

TEST(RegexTest, SearchFindsTheFirstGroupOrTheWhole) {
  EXPECT_EQ(Search("a 12 b 34", "[0-9]+"), "12");
  EXPECT_EQ(Search("a 12 b 34", "b ([0-9]+)"), "34");
  EXPECT_EQ(Search("a", "[0-9]+"), std::nullopt);
  EXPECT_EQ(Search("ab", "a(x*)b"), "");
}

TEST(RegexTest, MatchesAllOrNothing) {
  EXPECT_TRUE(Matches("64Mi", "[0-9]+(Mi|Gi)"));
  EXPECT_FALSE(Matches("64Mib", "[0-9]+(Mi|Gi)"));
  EXPECT_FALSE(Matches("a64Mi", "[0-9]+(Mi|Gi)"));
  EXPECT_TRUE(Matches("b", "a|b"));
  EXPECT_FALSE(Matches("bc", "a|b"));
  EXPECT_TRUE(Matches("", "a*"));
}

TEST(RegexTest, ReplacesEveryMatch) {
  EXPECT_EQ(ReplaceAll("1.5MB  22 kB", "[0-9][0-9.]*(MB)?", "N"), "N  N kB");
  EXPECT_EQ(ReplaceAll("a   b ", " +", " "), "a b ");
  EXPECT_EQ(ReplaceAll("", "x", "y"), "");
}

TEST(RegexTest, AWrongPatternFailsTheTest) {
  EXPECT_NONFATAL_FAILURE(Search("a", "("), "no regular expression: (");
}

}  // namespace
}  // namespace heapwise::test
