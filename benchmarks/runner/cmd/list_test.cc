#include "benchmarks/runner/cmd/list.h"

#include <sstream>
#include <string>

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::HasSubstr;

class ListTest : public testing::Test {
 protected:
  int List(bool json) { return RunList(tree_.root(), json, Terminal(), out_, err_); }

  FakeTree tree_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ListTest, ListsLessons) {
  tree_.AddLesson("05-good");
  EXPECT_EQ(List(false), 0);
  EXPECT_EQ(out_.str(), "05-good  A fake\n    none (10 minutes, 2 claims)\n");
  out_.str("");
  EXPECT_EQ(List(true), 0);
  EXPECT_EQ(Json::parse(out_.str()).dump(),
            R"([{"lesson":"05-good","title":"A fake","pattern":"none","minutes":10,"claims":2}])");
}

TEST_F(ListTest, ListsTheOthersWhereOneIsMalformed) {
  tree_.Write("lessons/04-bad/lesson.json", "{");
  tree_.AddLesson("05-good");
  EXPECT_EQ(List(false), 2);
  EXPECT_THAT(out_.str(), HasSubstr("05-good"));
  EXPECT_EQ(err_.str(), "lessons/04-bad/lesson.json: line 1, column 2: is not JSON\n");
}

}  // namespace
}  // namespace heapwise::runner
