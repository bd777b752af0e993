#include "benchmarks/runner/peers/peers_table.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(PeersTableTest, ReadsTheObjectOnTheLastLine) {
  const PeerSample sample =
      ParsePeerOutput(
          "a warning\n{\"wall_s\": 1.25, \"num_gc\": 64, \"max_pause_ms\": null, \"limiter_on\": "
          "true, \"mode\": \"parallel\"}\n\n")
          .value();
  EXPECT_THAT(sample, UnorderedElementsAre(Pair("wall_s", 1.25), Pair("num_gc", 64),
                                           Pair("limiter_on", 1)));
  EXPECT_EQ(ParsePeerOutput("{\"a\": 1}").value().at("a"), 1);
}

TEST(PeersTableTest, SaysWhatStandsThereInstead) {
  EXPECT_EQ(ParsePeerOutput("").status().message(), "it printed nothing");
  EXPECT_EQ(ParsePeerOutput(" \n\n").status().message(), "it printed nothing");
  EXPECT_EQ(ParsePeerOutput("{\"a\": 1}\nSegmentation fault").status().message(),
            "its last line is no JSON object: Segmentation fault");
  EXPECT_EQ(ParsePeerOutput("{\"a\": 1").status().message(),
            "its last line is no JSON object: {\"a\": 1");
  EXPECT_EQ(ParsePeerOutput("[1]").status().message(), "its last line is no JSON object: [1]");
  EXPECT_EQ(ParsePeerOutput("{\"a\": null}").status().message(),
            "its last line holds no number: {\"a\": null}");
}

// Two programs under two limits; the second fails in the second block.
PeerPlan FakePlan() {
  PeerPlan plan;
  plan.jobs = {
      {"a/1", false, "a", {}, {}}, {"a/2", false, "a", {}, {}}, {"b/1", true, "b", {}, {}}};
  PeerTable table;
  table.title = "A title";
  table.columns = {{"ours", false}, {"a heading of words", true}};
  table.measures = {{"wall time, s", "wall_s", 1, 2},
                    {"peak, MiB", "peak", 1024 * 1024, 1},
                    {"peak / limit", "peak", 1, 2, false, true},
                    {"GC CPU", "cpu", 1, 1, true}};
  table.rows = {{"limit 2 MiB", {{"a/1", ""}, {"b/1", ""}}, 2 * 1024 * 1024},
                {"limit 4 MiB", {{"a/2", ""}, {"", ""}}, 4 * 1024 * 1024}};
  table.ratios = {{"wall time, ours / b", 0, 0, 1}};
  table.notes = {"A note."};
  plan.tables = {table};
  return plan;
}

PeerSample Sample(double wall, double mebibytes, double cpu) {
  return {{"wall_s", wall}, {"peak", mebibytes * 1024 * 1024}, {"cpu", cpu}};
}

TEST(PeersTableTest, ShowsMediansSideBySide) {
  const std::vector<PeerBlock> blocks = {
      {{}, {{"a/1", Sample(1, 1, 0.1)}, {"a/2", Sample(2, 3, 0.5)}, {"b/1", Sample(2, 2, 0.25)}}},
      {{}, {{"a/1", Sample(3, 2, 0.1)}, {"a/2", Sample(2, 3, 0.5)}}},
      {{}, {{"a/1", Sample(2, 3, 0.2)}, {"a/2", Sample(2, 3, 0.5)}, {"b/1", {{"wall_s", 4}}}}},
  };
  EXPECT_EQ(PeerTables(FakePlan(), blocks),
            "A title\n"
            "\n"
            "  limit 2 MiB\n"
            "                                 a\n"
            "                           heading\n"
            "                    ours  of words\n"
            "  wall time, s      2.00      3.00\n"
            "  peak, MiB          2.0       2.0\n"
            "  peak / limit      1.00      1.00\n"
            "  GC CPU          10.0 %    25.0 %\n"
            "\n"
            "  limit 4 MiB\n"
            "                                 a\n"
            "                           heading\n"
            "                    ours  of words\n"
            "  wall time, s      2.00         -\n"
            "  peak, MiB          3.0         -\n"
            "  peak / limit      0.75         -\n"
            "  GC CPU          50.0 %         -\n"
            "\n"
            "  wall time, ours / b  limit 2 MiB  0.500 (no interval: 2 blocks)\n"
            "\n"
            "  A note.\n");
}

TEST(PeersTableTest, TheMedianOfRunsIsTakenFieldByField) {
  EXPECT_THAT(MedianSample({{{"a", 3}, {"b", 1}}, {{"a", 1}}, {{"a", 2}, {"b", 2}}}),
              UnorderedElementsAre(Pair("a", 2), Pair("b", 1.5)));
}

TEST(PeersTableTest, ANoteThatTablesShareStandsOnce) {
  PeerPlan plan = FakePlan();
  plan.tables.push_back(plan.tables[0]);
  const std::string text = PeerTables(plan, {});
  EXPECT_NE(text.find("  A note.\n"), std::string::npos);
  EXPECT_EQ(text.find("A note."), text.rfind("A note."));
}

TEST(PeersTableTest, ARatioHasAnIntervalFromSixBlocksOn) {
  std::vector<PeerBlock> blocks;
  for (int i = 0; i < 6; ++i) {
    blocks.push_back({{}, {{"a/1", Sample(1 + i, 1, 0)}, {"b/1", Sample(2 + 2 * i, 1, 0)}}});
  }
  EXPECT_THAT(PeerTables(FakePlan(), blocks), testing::HasSubstr("0.500 (0.500 to 0.500)"));
  blocks.pop_back();
  EXPECT_THAT(PeerTables(FakePlan(), blocks), testing::HasSubstr("0.500 (no interval: 5 blocks)"));
}

TEST(PeersTableTest, AZeroHasNoRatio) {
  std::vector<PeerBlock> blocks(6);
  for (PeerBlock& block : blocks) {
    block.samples = {{"a/1", Sample(0, 1, 0)}, {"b/1", Sample(0, 1, 0)}};
  }
  EXPECT_THAT(PeerTables(FakePlan(), blocks),
              testing::HasSubstr("wall time, ours / b  limit 2 MiB         -\n"));
}

TEST(PeersTableTest, OneMeasureMakesOneTable) {
  PeerPlan plan;
  PeerTable table;
  table.title = "Nanoseconds";
  table.columns = {{"ours", false}, {"Go", true}};
  table.measures = {{"ns", "", 1, 1}};
  table.rows = {{"16 B", {{"a", "ours/16"}, {"b", "go/16"}}},
                {"1024 B", {{"a", "ours/1024"}, {"b", "go/1024"}}}};
  plan.tables = {table};
  const std::vector<PeerBlock> blocks = {
      {{}, {{"a", {{"ours/16", 4.04}, {"ours/1024", 107}}}, {"b", {{"go/16", 13.96}}}}}};
  EXPECT_EQ(PeerTables(plan, blocks),
            "Nanoseconds\n"
            "\n"
            "              ours        Go\n"
            "  16 B         4.0      14.0\n"
            "  1024 B     107.0         -\n");
}

TEST(PeersTableTest, ARatioTakesOnlyBlocksThatHaveBoth) {
  const PeerCell cell = {"a/1", ""};
  const PeerMeasure measure = {"wall time, s", "wall_s", 1, 2};
  const std::vector<PeerBlock> blocks = {
      {{}, {{"a/1", Sample(1, 1, 0)}, {"b/1", Sample(2, 1, 0)}}},
      {{}, {{"a/1", Sample(100, 1, 0)}}},
  };
  EXPECT_THAT(PeerValues(cell, measure, blocks), ElementsAre(1, 100));
  EXPECT_THAT(PeerTables(FakePlan(), blocks), testing::HasSubstr("0.500 (no interval: 1 block)"));
}

}  // namespace
}  // namespace heapwise::runner
