#include "benchmarks/runner/peers/peers_plan.h"

#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kLibrary[] = "/lib/libtcmalloc.so.4";

const PeerJob* FindJob(const PeerPlan& plan, const std::string& id) {
  for (const PeerJob& job : plan.jobs) {
    if (job.id == id) return &job;
  }
  return nullptr;
}

TEST(PeersPlanTest, GroupsAreNamedInAList) {
  EXPECT_EQ(ParsePeerGroups("").value(), PeerGroups());
  EXPECT_THAT(ParsePeerGroups("pool,trees").value(), ElementsAre("trees", "pool"));
  EXPECT_EQ(ParsePeerGroups("trees,tree").status().message(),
            "--only=trees,tree: there is no group 'tree'; there are trees, limits, allocation, "
            "pool, profiler");
  EXPECT_EQ(
      ParsePeerGroups("pool,").status().message(),
      "--only=pool,: there is no group ''; there are trees, limits, allocation, pool, profiler");
}

TEST(PeersPlanTest, EveryCellHasAJobThatIsRun) {
  for (const bool with_go : {true, false}) {
    const PeerPlan plan = MakePeerPlan(PeerGroups(), with_go, with_go ? kLibrary : "");
    std::set<std::string> used;
    for (const PeerTable& table : plan.tables) {
      for (const PeerRow& row : table.rows) {
        EXPECT_EQ(row.cells.size(), table.columns.size()) << table.title;
        for (const PeerCell& cell : row.cells) {
          if (cell.job.empty()) continue;
          EXPECT_NE(FindJob(plan, cell.job), nullptr) << cell.job;
          used.insert(cell.job);
        }
      }
    }
    std::set<std::string> ids;
    for (const PeerJob& job : plan.jobs) {
      EXPECT_TRUE(ids.insert(job.id).second) << job.id << " is there twice";
    }
    EXPECT_EQ(ids, used);
  }
}

TEST(PeersPlanTest, TreesAreRunUnderTheirSettings) {
  const PeerPlan plan = MakePeerPlan(PeerGroups(), true, kLibrary);
  const PeerJob* job = FindJob(plan, "trees18/50/stop-the-world");
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->program, "binary_trees");
  EXPECT_FALSE(job->is_go);
  EXPECT_THAT(job->arguments, ElementsAre("--live_depth=18", "--trees=1000", "--tree_depth=14"));
  EXPECT_THAT(job->environment, ElementsAre(Pair("GC_MARKERS", "1"), Pair("GOGC", "50")));

  job = FindJob(plan, "limits/128/go-stop-the-world");
  ASSERT_NE(job, nullptr);
  EXPECT_TRUE(job->is_go);
  EXPECT_THAT(job->arguments, ElementsAre("--live_depth=20", "--trees=600", "--tree_depth=14"));
  EXPECT_THAT(job->environment, ElementsAre(Pair("GODEBUG", "gcstoptheworld=1"),
                                            Pair("GOGC", "off"), Pair("GOMEMLIMIT", "128MiB")));

  EXPECT_THAT(FindJob(plan, "limits/256/incremental")->arguments, Contains("--incremental"));
  EXPECT_NE(FindJob(plan, "trees18/off/go"), nullptr);
  EXPECT_EQ(FindJob(plan, "trees20/off/go"), nullptr);
}

TEST(PeersPlanTest, BdwgcAloneRunsOnceForEachDepthAndUnderNoSetting) {
  const PeerPlan plan = MakePeerPlan(PeerGroups(), true, kLibrary);
  int runs = 0;
  for (const PeerJob& job : plan.jobs) {
    if (job.program != "binary_trees_bdwgc") continue;
    ++runs;
    EXPECT_TRUE(job.environment.empty());
  }
  EXPECT_EQ(runs, 2);
}

TEST(PeersPlanTest, GoThatStopsTheWorldIsNotRunBelowItsLiveHeap) {
  const PeerPlan plan = MakePeerPlan({"limits"}, true, "");
  EXPECT_EQ(FindJob(plan, "limits/48/go-stop-the-world"), nullptr);
  EXPECT_NE(FindJob(plan, "limits/48/go"), nullptr);
}

TEST(PeersPlanTest, ARateOfTheProfilerThatHoldsForAProcessHasProcessesOfItsOwn) {
  const PeerPlan plan = MakePeerPlan({"profiler"}, true, kLibrary);
  const PeerJob* job = FindJob(plan, "profiler_go/512KiB");
  ASSERT_NE(job, nullptr);
  EXPECT_TRUE(job->is_go);
  EXPECT_THAT(job->arguments, ElementsAre("-rate=524288"));
  EXPECT_EQ(job->runs, 16);
  job = FindJob(plan, "profiler_tcmalloc/off");
  ASSERT_NE(job, nullptr);
  EXPECT_EQ(job->program, "peers_new_delete");
  EXPECT_THAT(job->arguments, ElementsAre("--needs=tc_version"));
  EXPECT_THAT(job->environment,
              ElementsAre(Pair("LD_PRELOAD", kLibrary), Pair("TCMALLOC_SAMPLE_PARAMETER", "0")));
  EXPECT_EQ(FindJob(plan, "profiler")->runs, 1);
}

TEST(PeersPlanTest, WithoutTcmallocItsRowIsLeftOut) {
  const auto labels = [](const std::string& tcmalloc) {
    std::vector<std::string> all;
    const PeerPlan plan = MakePeerPlan({"profiler"}, true, tcmalloc);
    for (const PeerRow& row : plan.tables.at(0).rows) all.push_back(row.label);
    return all;
  };
  EXPECT_THAT(labels(kLibrary),
              ElementsAre("ours, New", "ours, new, delete", "Go", "tcmalloc, new, delete"));
  EXPECT_THAT(labels(""), ElementsAre("ours, New", "ours, new, delete", "Go"));
}

TEST(PeersPlanTest, WithoutGoNothingOfItIsLeft) {
  const PeerPlan plan = MakePeerPlan(PeerGroups(), false, kLibrary);
  for (const PeerJob& job : plan.jobs) EXPECT_FALSE(job.is_go) << job.id;
  for (const PeerTable& table : plan.tables) {
    for (const PeerColumn& column : table.columns) EXPECT_FALSE(column.is_go) << column.label;
    for (const PeerRow& row : table.rows) EXPECT_NE(row.label, "Go");
    for (const PeerRatio& ratio : table.ratios) {
      EXPECT_EQ(ratio.label.find("Go"), std::string::npos) << ratio.label;
    }
    for (const std::string& note : table.notes) {
      EXPECT_EQ(note.find("Go "), std::string::npos) << note;
    }
  }
}

}  // namespace
}  // namespace heapwise::runner
