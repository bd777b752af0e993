#include "benchmarks/runner/format/lesson_file.h"

#include <functional>
#include <string>

#include "benchmarks/runner/testing/fake_tree.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace heapwise::runner {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

absl::StatusOr<LessonFile> Parse(const Json& json) {
  return ParseLessonFile("05-fake", "lesson.json", json.dump());
}

// The error that a change to a sound lesson.json makes.
std::string Error(const std::function<void(Json&)>& change) {
  Json json = FakeLessonJson();
  change(json);
  return std::string(Parse(json).status().message());
}

TEST(LessonTest, ReadsWhatIsDeclared) {
  const absl::StatusOr<LessonFile> lesson = Parse(FakeLessonJson());
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->name, "05-fake");
  EXPECT_EQ(lesson->isolation, LessonFile::Isolation::kTogether);
  EXPECT_EQ(lesson->control, "control");
  ASSERT_THAT(lesson->variants, SizeIs(2));
  EXPECT_EQ(lesson->variants[0].code, "slow.cc");
  ASSERT_THAT(lesson->claims, SizeIs(2));
  EXPECT_EQ(lesson->claims[0].expect, stats::Expect::kMore);
  EXPECT_EQ(lesson->claims[0].threshold, stats::kPracticalThreshold);
  EXPECT_EQ(lesson->claims[1].kind, Claim::Kind::kExact);
  EXPECT_EQ(lesson->claims[1].value, 0);
  EXPECT_THAT(
      lesson->NeededSamples(),
      ElementsAre(Pair("slow", "time_ns"), Pair("fast", "time_ns"), Pair("slow", "allocs_per_op"),
                  Pair("slow", "time_ns"), Pair("fast", "time_ns")));
}

TEST(LessonTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(Error([](Json& json) { json.erase("title"); }), "lesson.json: title: is missing");
  EXPECT_EQ(Error([](Json& json) { json["minutes"] = 0; }),
            "lesson.json: minutes: must be a whole number from 1 to 2147483647, got 0");
  EXPECT_EQ(Error([](Json& json) { json["isolation"] = "alone"; }),
            R"(lesson.json: isolation: must be one of "together", "process", got "alone")");
  EXPECT_EQ(Error([](Json& json) { json["claims"][0]["expct"] = "more"; }),
            "lesson.json: claims[0].expct: is not a known field; known here: id, says, kind, "
            "measure, of, over, expect, threshold, shown, contradicted, remark");
  EXPECT_EQ(Error([](Json& json) { json["claims"][0]["of"] = "slwo"; }),
            R"(lesson.json: claims[0].of: names no variant: "slwo")");
  EXPECT_EQ(Error([](Json& json) { json["claims"][0]["over"] = "slow"; }),
            R"(lesson.json: claims[0].over: must be another variant than "of")");
  EXPECT_EQ(Error([](Json& json) { json["claims"][0]["threshold"] = 0; }),
            "lesson.json: claims[0].threshold: must be greater than 0, such as 0.05");
  EXPECT_EQ(Error([](Json& json) { json["claims"][1].erase("value"); }),
            "lesson.json: claims[1].value: is missing");
  EXPECT_EQ(Error([](Json& json) { json["claims"][1]["id"] = "faster"; }),
            R"(lesson.json: claims[1].id: is there twice: "faster")");
  EXPECT_EQ(Error([](Json& json) { json["claims"][1]["id"] = "A/b"; }),
            R"(lesson.json: claims[1].id: may hold a-z, 0-9 and - only, got "A/b")");
  EXPECT_EQ(Error([](Json& json) { json["claims"][0]["measure"] = "rss_peak_bytes"; }),
            "lesson.json: claims[0].measure: rss_peak_bytes needs isolation \"process\"");
  EXPECT_EQ(Error([](Json& json) { json["charts"][0]["claim"] = "none"; }),
            R"(lesson.json: charts[0].claim: names no claim: "none")");
  EXPECT_EQ(Error([](Json& json) { json["variants"][1]["name"] = "slow"; }),
            R"(lesson.json: variants[1].name: is there twice: "slow")");
  EXPECT_EQ(Error([](Json& json) { json["pair"]["fast"] = "slow"; }),
            "lesson.json: pair.fast: must contain \"fast\": its control is that name with "
            "\"control\" instead");
  EXPECT_EQ(Error([](Json& json) {
              json["variants"].push_back({{"name", "control"}, {"label", "mine"}});
            }),
            "lesson.json: pair.fast: its control \"control\" must not be declared as a variant");
  EXPECT_EQ(
      Error([](Json& json) { json["variants"][0]["quick"] = false; }),
      "lesson.json: pair: \"slow\" is marked \"quick\": false, but every mode needs the pair");
  EXPECT_EQ(Error([](Json& json) {
              json["charts"][0] = Json::parse(
                  R"({"kind": "growth", "id": "g", "claim": "faster", "measure": "time_ns",
                      "x_label": "size", "x_unit": "B", "series": [{"label": "l", "role": "slow",
                      "points": [[1, "slow"], [2, "slow"], [2, "fast"], [3]]}]})");
            }),
            "lesson.json: charts[0].series[0].points[2][0]: is there twice");
}

TEST(LessonTest, ReadsPausesAndPhases) {
  Json json = FakeLessonJson();
  json["charts"].push_back(Json::parse(
      R"({"kind": "pauses", "id": "p", "claim": "faster", "variants": ["slow", "fast"],
          "target_ns": 10000000})"));
  json["charts"].push_back(
      Json::parse(R"({"kind": "phases", "id": "f", "claim": "faster", "variants": ["fast"]})"));
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->charts[1].kind, Chart::Kind::kPauses);
  EXPECT_THAT(lesson->charts[1].points, ElementsAre("slow", "fast"));
  EXPECT_EQ(lesson->charts[1].target_ns, 1e7);
  EXPECT_EQ(lesson->charts[2].kind, Chart::Kind::kPhases);
  EXPECT_THAT(lesson->charts[2].points, ElementsAre("fast"));
  // The dots of a pauses chart come from the timelines; phases are means.
  EXPECT_THAT(lesson->TimelineVariants(), ElementsAre("slow", "fast"));

  const auto error = [&](const Json& chart) {
    return Error([&](Json& changed) { changed["charts"][0] = chart; });
  };
  Json pauses = json["charts"][1];
  pauses["target_ns"] = 0;
  EXPECT_EQ(error(pauses),
            "lesson.json: charts[0].target_ns: must be greater than 0, such as 10000000");
  Json phases = json["charts"][2];
  phases["target_ns"] = 1;
  EXPECT_EQ(error(phases),
            "lesson.json: charts[0].target_ns: is not a known field; known here: kind, id, claim, "
            "variants");
  phases = json["charts"][2];
  phases["variants"] = {"fsat"};
  EXPECT_EQ(error(phases), R"(lesson.json: charts[0].variants[0]: names no variant: "fsat")");
  phases["variants"] = Json::array();
  EXPECT_EQ(error(phases), "lesson.json: charts[0].variants: must have at least 1 element, has 0");
}

TEST(LessonTest, ReadsAWaterfall) {
  Json json = FakeLessonJson();
  json["charts"].push_back(Json::parse(
      R"({"kind": "waterfall", "id": "w", "claim": "faster", "measure": "peak_heap_bytes",
          "variants": ["slow", "fast"]})"));
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->charts[1].kind, Chart::Kind::kWaterfall);
  EXPECT_EQ(lesson->charts[1].measure, "peak_heap_bytes");
  EXPECT_THAT(lesson->charts[1].points, ElementsAre("slow", "fast"));
  EXPECT_THAT(lesson->NeededSamples(), testing::IsSupersetOf({Pair("slow", "peak_heap_bytes"),
                                                              Pair("fast", "peak_heap_bytes")}));

  const auto error = [&](const std::string& field, const Json& value) {
    return Error([&](Json& changed) {
      changed["charts"][0] = json["charts"][1];
      changed["charts"][0][field] = value;
    });
  };
  EXPECT_EQ(error("variants", {"slow"}),
            "lesson.json: charts[0].variants: must have at least 2 elements, has 1");
  EXPECT_EQ(error("variants", {"slow", "fsat"}),
            R"(lesson.json: charts[0].variants[1]: names no variant: "fsat")");
  EXPECT_EQ(error("rows", 1),
            "lesson.json: charts[0].rows: is not a known field; known here: kind, id, claim, "
            "measure, variants");
}

TEST(LessonTest, ReadsSurvival) {
  Json json = FakeLessonJson();
  json["charts"].push_back(Json::parse(
      R"({"kind": "survival", "id": "s", "claim": "faster", "measure": "survived",
          "x_label": "limit", "x_unit": "%", "points": [[90, "slow"], [100, "fast"]],
          "beside": ["slow"]})"));
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->charts[1].kind, Chart::Kind::kSurvival);
  EXPECT_THAT(lesson->charts[1].points, ElementsAre("slow"));
  ASSERT_THAT(lesson->charts[1].series, SizeIs(1));
  EXPECT_THAT(lesson->charts[1].series[0].points, ElementsAre(Pair(90, "slow"), Pair(100, "fast")));
  EXPECT_THAT(lesson->NeededSamples(), Contains(Pair("slow", "survived")));

  const auto error = [&](const Json& chart) {
    return Error([&](Json& changed) { changed["charts"][0] = chart; });
  };
  Json survival = json["charts"][1];
  survival["points"] = {{90, "slow"}};
  EXPECT_EQ(error(survival), "lesson.json: charts[0].points: must have at least 2 elements, has 1");
  survival = json["charts"][1];
  survival["beside"] = {"nobody"};
  EXPECT_EQ(error(survival), R"(lesson.json: charts[0].beside[0]: names no variant: "nobody")");
}

TEST(LessonTest, AVariantMayHaveAnEnvironment) {
  Json json = FakeLessonJson("process");
  json["variants"][1]["environment"] = {{"GC_MARKERS", "1"}};
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_THAT(lesson->EnvironmentOf("fast"), ElementsAre(Pair("GC_MARKERS", "1")));
  EXPECT_THAT(lesson->EnvironmentOf("control"), ElementsAre(Pair("GC_MARKERS", "1")));
  EXPECT_THAT(lesson->EnvironmentOf("slow"), SizeIs(0));

  const auto error = [&](const std::string& isolation, const Json& environment) {
    Json changed = FakeLessonJson(isolation);
    changed["variants"][1]["environment"] = environment;
    return std::string(Parse(changed).status().message());
  };
  EXPECT_EQ(error("together", {{"GC_MARKERS", "1"}}),
            "lesson.json: variants[1].environment: needs isolation \"process\": together, all "
            "variants share one process");
  EXPECT_EQ(error("process", {{"GC_MARKERS", 1}}),
            "lesson.json: variants[1].environment.GC_MARKERS: must be a string, got 1");
  EXPECT_EQ(error("process", {{"A=B", "1"}}),
            "lesson.json: variants[1].environment.A=B: is no name of an environment variable");
  EXPECT_EQ(error("process", {{"A", std::string("1\0", 2)}}),
            "lesson.json: variants[1].environment.A: must not hold a zero byte");
}

TEST(LessonTest, TheControlOfAFastVariantWithAParameter) {
  Json json = FakeLessonJson("process");
  json["variants"][1]["name"] = "fast/iterations:100";
  json["pair"]["fast"] = "fast/iterations:100";
  json["claims"][0]["over"] = "fast/iterations:100";
  json["charts"][0]["rows"][0]["fast"] = "fast/iterations:100";
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->control, "control/iterations:100");
}

TEST(LessonTest, QuickLeavesOutWhatNeedsAVariantLeftOut) {
  Json json = FakeLessonJson();
  for (const char* name : {"a", "b", "c", "d"}) {
    json["variants"].push_back({{"name", name}, {"label", name}, {"quick", *name < 'c'}});
  }
  Json claim = json["claims"][0];
  claim["id"] = "of-d";
  claim["of"] = "d";
  json["claims"].push_back(claim);
  json["charts"][0]["rows"].push_back({{"label", "d"}, {"slow", "d"}, {"fast", "fast"}});
  json["charts"].push_back(Json::parse(
      R"({"kind": "growth", "id": "g", "claim": "faster", "measure": "time_ns", "x_label": "size",
          "x_unit": "B", "series": [{"label": "l", "role": "slow",
          "points": [[1, "a"], [2, "b"], [3, "c"], [4, "d"]]}]})"));
  json["charts"].push_back(
      {{"kind", "sawtooth"}, {"id", "s"}, {"claim", "of-d"}, {"panels", {"slow"}}});
  const absl::StatusOr<LessonFile> whole = Parse(json);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_THAT(whole->TimelineVariants(), ElementsAre("slow"));

  const LessonFile quick = QuickLesson(*whole);
  EXPECT_THAT(quick.variants, SizeIs(4));
  EXPECT_THAT(quick.claims, SizeIs(2));
  ASSERT_THAT(quick.charts, SizeIs(2));  // the sawtooth's claim is gone, and so is its chart
  EXPECT_THAT(quick.charts[0].rows, SizeIs(1));
  EXPECT_THAT(quick.charts[1].series.at(0).points, SizeIs(2));
}

TEST(LessonTest, NamesMeasuresOfItsOwn) {
  Json json = FakeLessonJson();
  json["measures"] = {{"look_us", {{"label", "time of a look"}, {"unit", "µs"}}},
                      {"alerts", {{"label", "alerts"}, {"unit", ""}, {"timing", false}}}};
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_EQ(lesson->MeasureNamed("look_us").label, "time of a look");
  EXPECT_EQ(lesson->MeasureNamed("look_us").unit, "µs");
  EXPECT_TRUE(lesson->MeasureNamed("look_us").timing);
  EXPECT_FALSE(lesson->MeasureNamed("alerts").timing);
  EXPECT_EQ(lesson->MeasureNamed("time_ns").label, "time per call");
  EXPECT_EQ(lesson->MeasureNamed("hits").label, "hits");
}

TEST(LessonTest, RefusesMeasuresThatAreNotItsOwn) {
  const auto error = [](const std::string& name, const Json& declared) {
    return Error([&](Json& json) { json["measures"] = {{name, declared}}; });
  };
  EXPECT_EQ(error("time_ns", {{"label", "time"}, {"unit", "ns"}}),
            "lesson.json: measures.time_ns: is not a measure of the lesson's own: its label and "
            "unit are fixed");
  EXPECT_EQ(error("look_us", {{"label", "time of a look"}}),
            "lesson.json: measures.look_us.unit: is missing");
  EXPECT_EQ(error("gain", {{"label", "gain"}, {"unit", "ratio"}}),
            "lesson.json: measures.gain.unit: must not be \"ratio\"; leave it empty for a plain "
            "number");
}

Json Icicle(const Json& more) {
  Json chart = {{"kind", "icicle"},
                {"id", "i"},
                {"claim", "faster"},
                {"variant", "slow"},
                {"sample", "alloc_space"}};
  chart.update(more);
  return chart;
}

TEST(LessonTest, AnIcicleNamesItsProfiles) {
  const auto needed = [](const Json& more) {
    Json json = FakeLessonJson();
    json["charts"].push_back(Icicle(more));
    const absl::StatusOr<LessonFile> lesson = Parse(json);
    EXPECT_TRUE(lesson.ok()) << lesson.status();
    return lesson->NeededProfiles();
  };
  EXPECT_THAT(needed(Json::object()), ElementsAre(Pair("slow", "end")));
  EXPECT_THAT(needed({{"base", "early"}}), ElementsAre(Pair("slow", "early"), Pair("slow", "end")));
  EXPECT_THAT(needed({{"base", "early"}, {"profile", "late"}}),
              ElementsAre(Pair("slow", "early"), Pair("slow", "late")));
  EXPECT_THAT(needed({{"base", "fast"}}), ElementsAre(Pair("fast", "end"), Pair("slow", "end")));
}

TEST(LessonTest, RefusesAnIcicleThatMakesNoSense) {
  const auto error = [](const Json& more) {
    return Error([&](Json& json) { json["charts"].push_back(Icicle(more)); });
  };
  EXPECT_EQ(error({{"variant", "slwo"}}),
            R"(lesson.json: charts[1].variant: names no variant: "slwo")");
  EXPECT_EQ(error({{"sample", "bytes"}}),
            "lesson.json: charts[1].sample: must be one of \"alloc_space\", \"inuse_space\", got "
            "\"bytes\"");
  EXPECT_EQ(error({{"base", "../early"}}),
            "lesson.json: charts[1].base: may hold a-z, 0-9 and - only, got \"../early\"");
  EXPECT_EQ(error({{"base", "slow"}}),
            "lesson.json: charts[1].base: must be another profile than the chart's own");
}

TEST(LessonTest, VariantsBecomeFileNames) {
  EXPECT_EQ(FileNamePart("slow/1024/iterations:10"), "slow_1024_iterations_10");
  EXPECT_EQ(
      Error([](Json& json) {
        for (const char* name : {"a/1", "a:1"}) {
          json["variants"].push_back({{"name", name}, {"label", name}});
          json["charts"].push_back(Icicle({{"id", name[1] == '/' ? "x" : "y"}, {"variant", name}}));
        }
      }),
      "lesson.json: charts: profiles of \"a/1\" and \"a:1\" would have the same file names");
}

TEST(LessonTest, WithoutTheBaseThereIsNoGrowth) {
  Json json = FakeLessonJson();
  json["variants"].push_back({{"name", "before"}, {"label", "before"}, {"quick", false}});
  json["charts"].push_back(Icicle({{"base", "before"}}));
  const absl::StatusOr<LessonFile> lesson = Parse(json);
  ASSERT_TRUE(lesson.ok()) << lesson.status();
  EXPECT_THAT(lesson->charts, SizeIs(2));
  EXPECT_THAT(QuickLesson(*lesson).charts, SizeIs(1));
}

TEST(LessonTest, FindsTheLessonsOfATree) {
  FakeTree tree;
  tree.AddLesson("06-b");
  tree.AddLesson("05-a");
  tree.Write("lessons/README.md", "no lesson");
  tree.Write("lessons/07-empty/notes", "no lesson either");
  EXPECT_THAT(LessonNames(tree.root()), ElementsAre("05-a", "06-b"));
  EXPECT_TRUE(ReadLessonFile(tree.root(), "05-a").ok());
  EXPECT_EQ(ReadLessonFile(tree.root(), "05-c").status().message(),
            (tree.root() / "lessons/05-c/lesson.json").string() +
                ": cannot read: No such file or directory");
}

TEST(ResolveLessonTest, ByNumberNameAndPart) {
  const std::vector<std::string> names = {"05-value-return", "06-avoid-allocation",
                                          "15-value-tuning"};
  for (const char* typed : {"05", "5", "05-value-return", "value-return", "return"}) {
    EXPECT_EQ(ResolveLesson(names, typed).value_or("none"), "05-value-return") << typed;
  }
  EXPECT_EQ(ResolveLesson(names, "15").value_or("none"), "15-value-tuning");
  EXPECT_EQ(ResolveLesson(names, "99").status().message(),
            "no lesson '99'; there are 05-value-return, 06-avoid-allocation, 15-value-tuning");
  EXPECT_EQ(ResolveLesson(names, "").status().message(),
            "no lesson ''; there are 05-value-return, 06-avoid-allocation, 15-value-tuning");
  EXPECT_EQ(ResolveLesson(names, "value").status().message(),
            "lesson 'value' may be any of 05-value-return, 15-value-tuning");
  EXPECT_EQ(ResolveLesson({}, "5").status().message(), "no lesson '5'; there are none");
}

}  // namespace
}  // namespace heapwise::runner
