"""The charts: what they say, that every file is there, small, sound XML and the same each time."""

import contextlib
import gzip
import io
import json
import os
import pathlib
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree

import charts
from charts import page
import heapwise_profile
import plot
from made_run import MadeRun, be_wordy

CHARTS = ["90-made-call-allocs", "90-made-call-growth", "90-made-call-pair", "91-made-heap-leak",
          "91-made-heap-pair", "91-made-heap-pareto", "91-made-heap-pauses", "91-made-heap-phases",
          "91-made-heap-sawtooth", "91-made-heap-sites", "91-made-heap-steps", "91-made-heap-survival"]
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    """The words of an SVG, its file or its bytes."""
    root = xml.etree.ElementTree.fromstring(svg if isinstance(svg, bytes) else svg.read_bytes())
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


class DrawnTest(unittest.TestCase):
    """What the run's charts look like, drawn once for all tests, which change nothing."""

    @classmethod
    def setUpClass(cls):
        cls.made = cls.enterClassContext(MadeRun())
        cls.complained = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(cls.complained):
            cls.status = cls.made.draw()

    def texts(self, name):
        return texts(self.made.plots / name)

    def test_every_chart_in_every_format(self):
        self.assertEqual(self.status, 0)
        names = sorted(path.name for path in self.made.plots.iterdir())
        self.assertEqual(names, sorted(f"{chart}{end}" for chart in CHARTS
                                       for end in (".svg", ".png", "-dark.svg")))
        for path in self.made.plots.iterdir():
            self.assertLess(path.stat().st_size, 150_000, path.name)
        self.assertIn("92-made-failure: nothing measured in this run to draw", self.complained.getvalue())

    def test_the_title_is_the_finding(self):
        for chart in self.made.charts().values():
            for end in (".svg", "-dark.svg"):
                said = " ".join(self.texts(f"{chart.name}{end}"))
                self.assertIn(chart.title, said)
                self.assertIn("build/bin/heapwise bench", said)
                self.assertIn("2026-11-23", said)
                self.assertIn("Made-up CPU (test data), 2 cores", said)

    def test_the_same_results_give_the_same_files(self):
        with tempfile.TemporaryDirectory() as again, contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            self.made.draw("--out", again)
            self.assertEqual({path.name: path.read_bytes() for path in pathlib.Path(again).iterdir()},
                             {path.name: path.read_bytes() for path in self.made.plots.iterdir()})

    def test_a_wild_block_is_named_and_stretches_no_axis(self):
        said = " ".join(self.texts("90-made-call-pair.svg"))
        self.assertIn("An arrow at the edge: a block that lies beyond the axis, at 210 ns.", said)
        self.assertNotIn("200 ns", said)

    def test_pauses_are_labelled_where_they_stand(self):
        said = self.texts("91-made-heap-pauses.svg")
        for text in ("mean 2.05 ms", "p99 3.55 ms", "max 4.48 ms", "p99 and max 2.92 ms", "target 10 ms",
                     "58 collections", "no collections"):
            self.assertIn(text, said)
        self.assertIn("Dot: a collection of the last block's process. Lines and their numbers: ", " ".join(said))

    def test_phases_are_labelled_and_the_short_ones_too(self):
        said = self.texts("91-made-heap-phases.svg")
        for text in ("mark 2.04 ms", "restart 30.1 µs", "sweep 615 µs", "under 0.5 % of the width: stop 18 µs",
                     "concurrent mark 3.42 ms", "no collections"):
            self.assertIn(text, said)
        self.assertIn("its stops are drawn as one", " ".join(said))

    def test_a_waterfall_tells_the_value_after_each_step_and_the_last_twice(self):
        said = self.texts("91-made-heap-steps.svg")
        for text in ("GOGC=50", "48 MiB", "GOGC=100 (default)", "64 MiB", "GOGC=off with a limit", "98 MiB",
                     "after all steps"):
            self.assertIn(text, said)
        self.assertEqual(said.count("96 MiB"), 2)
        self.assertEqual([said.count("GOGC=200"), said.count("peak heap in use (less is better)")], [1, 1])

    def test_survival_counts_its_runs_and_names_the_container(self):
        said = self.texts("91-made-heap-survival.svg")
        self.assertEqual([text for text in said if text in ("8", "5", "0")], ["8", "8", "5", "0", "8"])
        self.assertIn("how many of the 8 runs survived", " ".join(said))
        self.assertIn("GOGC=off", said)
        self.assertIn("Container: cgroup v2.", " ".join(said))
        alt = charts.alt_text(self.made.charts()["91-made-heap-survival"])
        self.assertIn("GOGC=100 (default) (100): 5 of 8 survived, 95 % interval 30.6 to 86.3 %.", alt)
        self.assertIn("GOGC=off with a limit: 8 of 8 survived, 95 % interval 67.6 to 100 %.", alt)

    def test_one_meaning_one_colour(self):
        for name in ("90-made-call-pair.svg", "90-made-call-growth-dark.svg", "91-made-heap-sawtooth.svg",
                     "91-made-heap-survival.svg", "91-made-heap-pareto-dark.svg", "91-made-heap-pauses-dark.svg",
                     "91-made-heap-steps.svg"):
            svg = (self.made.plots / name).read_text(encoding="utf-8").lower()
            for colour in (page.SLOW, page.FAST):
                self.assertIn(colour.lower(), svg, name)


class PlotTest(unittest.TestCase):
    def setUp(self):
        self.made = self.enterContext(MadeRun())
        self.said = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.complained = self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def test_one_lesson(self):
        self.assertEqual(self.made.draw("--lesson", "91-made-heap"), 0)
        self.assertEqual({path.name.split("-made")[0] for path in self.made.plots.iterdir()}, {"91"})

    def test_noise_and_distrust_are_said(self):
        self.made.change("91-made-heap", be_wordy)
        self.made.draw("--lesson", "91-made-heap")
        said = " ".join(texts(self.made.plots / "91-made-heap-pair.svg"))
        self.assertIn("Too noisy here to say: A higher percent means higher throughput", said)
        self.assertIn("Untrusted: the control, the fast variant run twice, differs from itself here.", said)
        self.assertIn("what slow does, $5 & <b>all</b>", said)

    def test_a_noisy_verdict_never_reads_as_a_finding(self):
        def edit(results):
            results["claims"][0]["verdict"] = "too noisy here"
        self.made.change("91-made-heap", edit)
        self.assertEqual(self.made.charts()["91-made-heap-pair"].title,
                         "Too noisy here: GOGC=200 is 1.3 times as fast as GOGC=50")

    def test_distrust_of_time_does_not_touch_exact_claims(self):
        def edit(results):
            results["control"]["trusted"] = False
            for claim in results["claims"]:
                claim["trusted"] = not claim["timing"]
        self.made.change("90-made-call", edit)
        made = self.made.charts()
        self.assertTrue(made["90-made-call-pair"].warning)
        self.assertEqual(made["90-made-call-allocs"].warning, "")

    def test_variants_that_were_not_measured_are_left_out(self):
        def edit(results):
            for variant in ("slow/65536", "fast/65536"):
                del results["summary"][variant]
        self.made.change("90-made-call", edit)
        pair = self.made.charts()["90-made-call-pair"]
        self.assertEqual([row.label for row in pair.parts], ["User, 32 B", "User, 1 KiB"])
        self.assertEqual(pair.notes, ["1 of the declared not measured in this bench run"])
        self.assertEqual(self.made.draw(), 0)

    def test_an_empty_summary_draws_nothing(self):
        self.made.change("90-made-call", lambda results: results.update(summary={}))
        self.assertEqual(self.made.draw("--lesson", "90-made-call"), 0)
        self.assertEqual(list(self.made.plots.iterdir()), [])

    def test_measures_that_are_zero_everywhere(self):
        def edit(results):
            for summary in results["summary"].values():
                summary["allocs_per_op"].update(estimate=0, low=0, high=0)
                summary["time_ns"].update(estimate=0, low=0, high=0)
            for block in results["blocks"]:
                for sample in block["samples"].values():
                    sample.update(allocs_per_op=0, time_ns=0)
        self.made.change("90-made-call", edit)
        self.assertEqual(self.made.draw("--lesson", "90-made-call"), 0)
        self.assertIn("every point is 0", texts(self.made.plots / "90-made-call-growth.svg"))

    def test_a_timeline_without_a_goal(self):
        def edit(results):
            for timeline in results["timelines"].values():
                for collection in timeline["collections"]:
                    collection["goal_bytes"] = 2**64 - 1
        self.made.change("91-made-heap", edit)
        self.assertEqual(self.made.draw("--lesson", "91-made-heap"), 0)
        said = texts(self.made.plots / "91-made-heap-sawtooth.svg")
        self.assertNotIn("goal", said)
        self.assertIn("100 MiB", said)

    def test_a_crowded_timeline_shows_its_beginning_and_says_so(self):
        def edit(results):
            collections = results["timelines"]["slow"]["collections"]
            for turn in range(1, 40):
                collections += [{**c, "t_s": c["t_s"] + turn} for c in collections[:50]]
        svg = self.drawn_alone("sawtooth", edit)
        said = " ".join(texts(svg))
        self.assertRegex(said, r"Shown: the first \S+ s of \S+ s\.")
        self.assertIn("2,008 collections", said)
        self.assertLess(len(svg), 150_000)

    def drawn_alone(self, chart, edit):
        """The SVG of a chart of 91-made-heap after a change of its results."""
        self.made.change("91-made-heap", edit)
        chart = self.made.charts()[f"91-made-heap-{chart}"]
        return plot.svg(plot.figure(chart, page.LIGHT), chart)

    def test_many_pauses_stay_small_and_say_that_they_crowd(self):
        def edit(results):
            first = results["timelines"]["slow"]["collections"][0]
            for timeline in results["timelines"].values():
                timeline["collections"] = [{**first, "max_pause_ns": 200_000 + (n * 7919) % 3001 * 1000}
                                           for n in range(3000)]
        svg = self.drawn_alone("pauses", edit)
        self.assertIn("where they crowd, one for several", " ".join(texts(svg)))
        self.assertLess(len(svg), 150_000)

    def test_one_pause(self):
        def edit(results):
            del results["timelines"]["fast"]["collections"][1:]
            for measure in ("pause_mean_ns", "pause_p99_ns", "pause_max_ns"):
                results["summary"]["fast"][measure].update(estimate=2.5e6)
        said = texts(self.drawn_alone("pauses", edit))
        self.assertIn("mean, p99 and max 2.5 ms", said)
        self.assertIn("1 collection", said)

    def test_no_collections_at_all(self):
        def edit(results):
            for timeline in results["timelines"].values():
                timeline["collections"] = []
            for summary in results["summary"].values():
                for measure in summary:
                    if measure.startswith(("pause", "phase")):
                        summary[measure].update(estimate=0, low=0, high=0)
        self.made.change("91-made-heap", edit)
        self.assertEqual(self.made.draw("--lesson", "91-made-heap"), 0, self.complained.getvalue())
        self.assertEqual(texts(self.made.plots / "91-made-heap-pauses.svg").count("no collections"), 4)
        self.assertEqual(texts(self.made.plots / "91-made-heap-phases.svg").count("no collections"), 4)
        self.assertIn("GOGC=50: no collections. GOGC=200: no collections.",
                      charts.alt_text(self.made.charts()["91-made-heap-phases"]))

    def test_every_dot_has_a_place_of_its_own_until_they_crowd(self):
        for count in (0, 1, 20, 200):
            places, crowded = charts.pauses._dots([3.1 * n for n in range(count)], 36)
            self.assertEqual((len(set(places)), crowded), (count, False))
        same, crowded = charts.pauses._dots([100] * 11, 36)
        self.assertEqual((len(set(same)), crowded), (11, False))
        places, crowded = charts.pauses._dots([100] * 3000 + [200] * 1500 + [300], 36)
        self.assertEqual([sum(x == at for x, _ in places) for at in (100, 200, 300)], [11, 6, 1])
        self.assertTrue(crowded)
        self.assertTrue(all(0 < y < 36 for _, y in places))

    def test_the_legend_names_only_phases_that_there_are(self):
        def edit(results):
            for summary in results["summary"].values():
                summary["phase_concurrent_mark_ns"].update(estimate=0, low=0, high=0)
        said = texts(self.drawn_alone("phases", edit))
        self.assertNotIn("concurrent mark", said)
        self.assertIn("sweep", said)
        self.assertNotIn("drawn as one", " ".join(said))

    def test_labels_side_by_side(self):
        widths = [170, 90, 95, 115, 105]
        for centres in ([0] * 5, [668] * 5, [10, 300, 301, 302, 600]):
            lefts = page.spread(centres, widths, 668, gap=10)
            self.assertGreaterEqual(lefts[0], 0)
            self.assertLessEqual(lefts[-1] + widths[-1], 668)
            for left, width, following in zip(lefts, widths, lefts[1:]):
                self.assertGreaterEqual(following, left + width + 10)

    def test_old_results_without_the_fields_are_refused(self):
        def without_max(results):
            del results["timelines"]["fast"]["collections"][2]["max_pause_ns"]
        def without_phase(results):
            for summary in results["summary"].values():
                del summary["phase_sweep_ns"]
        for edit, field in ((without_max, r"timelines.fast.collections\[2\].max_pause_ns: is missing; a pauses "),
                            (without_phase, r"summary.slow.phase_sweep_ns: is missing; a phases ")):
            with self.subTest(field=field), MadeRun() as self.made:
                self.made.change("91-made-heap", edit)
                self.assertRegex(self.complaint("--lesson", "91-made-heap"),
                                 rf"^plot.py: 91-made-heap-\w+: cannot be drawn: .*91-made-heap.json: {field}chart "
                                 "needs it, so ")

    def test_a_step_of_a_waterfall_begins_where_the_former_ended(self):
        steps = self.made.charts()["91-made-heap-steps"].parts
        self.assertEqual([step.label for step in steps],
                         ["GOGC=50", "GOGC=100 (default)", "GOGC=off with a limit", "GOGC=200"])
        self.assertEqual([step.before for step in steps], [None, *(step.value for step in steps[:-1])])
        colours = [charts.waterfall._colour(step, "less is better") for step in steps]
        self.assertEqual(colours, [page.SLOW] * 3 + [page.FAST])
        colours = [charts.waterfall._colour(step, "more is better") for step in steps]
        self.assertEqual(colours, [page.SLOW] + [page.FAST] * 2 + [page.SLOW])
        self.assertEqual(charts.waterfall._colour(steps[1], ""), page.OTHER)

    def test_a_waterfall_leaves_out_what_was_not_measured_and_needs_two(self):
        self.made.change("91-made-heap", lambda results: results["summary"].pop("gogc/100"))
        chart = self.made.charts()["91-made-heap-steps"]
        self.assertEqual([step.label for step in chart.parts], ["GOGC=50", "GOGC=off with a limit", "GOGC=200"])
        self.assertEqual(chart.parts[1].before, chart.parts[0].value)
        self.assertEqual(chart.notes, ["1 of the declared not measured in this bench run"])

        def keep_one(results):
            for variant in ("slow", "limit"):
                del results["summary"][variant]
        self.made.change("91-made-heap", keep_one)
        self.assertNotIn("91-made-heap-steps", self.made.charts())

    def test_a_waterfall_of_zeros(self):
        def edit(results):
            for summary in results["summary"].values():
                summary["peak_heap_bytes"].update(estimate=0, low=0, high=0)
        self.assertIn("after all steps", texts(self.drawn_alone("steps", edit)))

    def test_a_variant_without_a_timeline_has_no_row(self):
        self.made.change("91-made-heap", lambda results: results["timelines"].pop("limit"))
        pauses = self.made.charts()["91-made-heap-pauses"]
        self.assertEqual([row.label for row in pauses.parts], ["GOGC=50", "GOGC=200", "GOGC=400"])
        self.assertEqual(pauses.notes, ["1 of the declared not measured in this bench run"])

    def test_alt_text_holds_the_finding_and_the_numbers(self):
        made = self.made.charts()
        self.assertEqual(charts.alt_text(made["90-made-call-allocs"]),
                         "A User by value costs 0 allocations. User, 32 B: slow 1 allocation, "
                         "fast 0 allocations, control 0 allocations.")
        self.assertIn("pointer: 42.9 ns", charts.alt_text(made["90-made-call-growth"]))
        self.assertIn("GOGC=50: 58 collections in", charts.alt_text(made["91-made-heap-sawtooth"]))
        self.assertIn("on the front", charts.alt_text(made["91-made-heap-pareto"]))
        self.assertIn("GOGC=50: 48 MiB. GOGC=100 (default): 64 MiB. GOGC=off with a limit: 98 MiB. GOGC=200: 96 MiB.",
                      charts.alt_text(made["91-made-heap-steps"]))
        pauses = charts.alt_text(made["91-made-heap-pauses"])
        self.assertIn("GOGC=50: 58 collections, pauses: mean 2.05 ms, p99 3.55 ms, max 4.48 ms.", pauses)
        self.assertIn("GOGC=400: no collections. Target: 10 ms.", pauses)
        self.assertIn("GOGC=off with a limit: concurrent mark 3.42 ms (running), stop 21 µs (stopped), mark 190 µs "
                      "(stopped), ", charts.alt_text(made["91-made-heap-phases"]))

    def complaint(self, *arguments, status=1):
        """The one line that is said of what failed."""
        self.complained.seek(0)
        self.complained.truncate()
        self.assertEqual(self.made.draw(*arguments), status)
        lines = [line for line in self.complained.getvalue().splitlines() if "nothing measured" not in line]
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def drawn(self):
        return sorted(path.stem for path in self.made.plots.glob("*.png"))

    def test_a_run_that_cannot_be_read_is_refused(self):
        (self.made.run / "run.json").write_text('{"format": 7}', encoding="utf-8")
        self.assertRegex(self.complaint(status=2), r"^.*/run.json: format: is 7; must be 1$")
        self.assertFalse(self.made.plots.exists())

    def test_a_broken_file_costs_its_lesson_only(self):
        path = self.made.run / "90-made-call.json"
        path.write_bytes(path.read_bytes()[:9000])
        self.assertRegex(self.complaint(), r"^plot.py: .*/90-made-call.json: line \d+, column \d+: is not JSON: ")
        self.assertEqual(self.drawn(), CHARTS[3:])
        self.assertRegex(self.said.getvalue(), "^9 of 10 charts in ")

    def test_a_lesson_that_ended_in_its_first_block_costs_itself_only(self):
        self.made.end_in_first_block("90-made-call")
        self.assertEqual(self.made.draw(), 0)
        self.assertIn("90-made-call: nothing measured in this run to draw", self.complained.getvalue())
        self.assertEqual(self.drawn(), CHARTS[3:])

    def test_a_missing_measure_costs_its_chart_only(self):
        self.made.change("90-made-call", lambda results: results["measures"].pop("allocs_per_op"))
        self.assertRegex(self.complaint("--lesson", "90-made-call"),
                         r"^plot.py: 90-made-call-allocs: cannot be drawn: .*90-made-call.json: "
                         "measures.allocs_per_op: is missing; a chart or a page asks for it$")
        self.assertEqual(self.drawn(), CHARTS[1:3])

    def test_an_exception_costs_its_chart_only(self):
        def fail(*_):
            raise KeyError("slow")
        with unittest.mock.patch.object(charts.growth, "draw", fail):
            self.assertEqual(self.complaint("--lesson", "90-made-call"), "plot.py: 90-made-call-growth: cannot be drawn: "
                             "unexpected KeyError: 'slow' (HEAPWISE_DEBUG=1 shows where)")
        self.assertEqual(self.drawn(), ["90-made-call-allocs", "90-made-call-pair"])
        self.assertRegex(self.said.getvalue(), "^2 of 3 charts in ")

    def test_a_process_that_dies_costs_its_chart_only(self):
        with unittest.mock.patch.object(charts.growth, "draw", lambda *_: os._exit(7)):
            self.assertEqual(self.complaint("--lesson", "90-made-call"), "plot.py: 90-made-call-growth: cannot be drawn: "
                             "the process that drew it ended with status 7")
        self.assertEqual(self.drawn(), ["90-made-call-allocs", "90-made-call-pair"])

    def test_where_no_chart_can_be_written(self):
        self.made.plots.touch()
        self.assertRegex(self.complaint(), "^plot.py: .*/plots: no chart can be written there: ")
        self.assertRegex(self.said.getvalue(), "^0 of 12 charts in ")

    def test_a_chart_that_cannot_be_written(self):
        self.made.plots.mkdir()
        (self.made.plots / "90-made-call-pair.svg").mkdir()
        self.assertRegex(self.complaint("--lesson", "90-made-call"),
                         "^plot.py: 90-made-call-pair: cannot be drawn: .*: Is a directory$")
        self.assertEqual(list(self.made.plots.glob("*.part")), [])


class IcicleTest(unittest.TestCase):
    def setUp(self):
        self.made = self.enterContext(MadeRun())
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    def declare(self, **chart):
        """Makes an icicle with these fields the only chart of lesson 91, and returns it."""
        path = self.made.lessons / "91-made-heap" / "lesson.json"
        declared = json.loads(path.read_text(encoding="utf-8"))
        declared["charts"] = [{"kind": "icicle", "id": "i", "claim": "fewer-collections", "variant": "slow",
                               "sample": "alloc_space", **chart}]
        path.write_text(json.dumps(declared), encoding="utf-8")
        return self.made.charts().get("91-made-heap-i")

    def test_the_sum_is_the_profiles_own_total(self):
        (icicle,) = self.made.charts()["91-made-heap-sites"].parts
        profile = heapwise_profile.read(self.made.run / "91-made-heap-slow.pb.gz")
        self.assertEqual(icicle.root.bytes, sum(value for _, value in profile.stacks["alloc_space"]))
        self.assertEqual(sum(site.bytes for site in icicle.sites), icicle.root.bytes)

    def test_callers_hold_what_they_call(self):
        (icicle,) = self.made.charts()["91-made-heap-sites"].parts
        handle, outside = icicle.root.parts
        self.assertEqual((handle.name, outside.name), ("HandleRequest", "outside the lesson"))
        build = handle.parts[0]
        self.assertEqual([(part.name, part.site, part.rank) for part in build.parts],
                         [("Table::AddRow", "", 0), ("BuildTable", "slow.cc:22", 3)])
        self.assertEqual([(part.name, part.site, part.rank) for part in build.parts[0].parts],
                         [("CopyHeader", "slow.cc:41", 1), ("Table::AddRow", "slow.cc:30", 2)])

    def test_names_the_first_three_sites(self):
        text = charts.alt_text(self.made.charts()["91-made-heap-sites"])
        self.assertIn("98.1 MiB in all; most at CopyHeader, slow.cc:41: 81.2 MiB, 82.7 %; "
                      "Table::AddRow, slow.cc:30: 8.98 MiB, 9.16 %; BuildTable, slow.cc:22: 4.2 MiB, 4.28 %.", text)

    def test_growth_shows_only_what_grew(self):
        chart = self.made.charts()["91-made-heap-leak"]
        (icicle,) = chart.parts
        self.assertEqual([(site.name, site.bytes) for site in icicle.sites],
                         [("CopyHeader", 11_376 << 10), ("BuildTable", 2_100 << 10), ("Log", 98 << 10),
                          ("HandleRequest", 20 << 10)])
        self.assertEqual(chart.y.label, "growth of the bytes in use, from early to end, by the line that allocated")
        self.assertIn("In all 2.78 MiB early, 16 MiB at the end; lines with less, 10 KiB together, are left out",
                      chart.notes)

    def test_growth_over_another_variant(self):
        def edit(results):
            results["profiles"]["fast"] = {"end": "91-made-heap-slow.early.pb.gz"}
        self.made.change("91-made-heap", edit)
        chart = self.declare(base="fast")
        self.assertEqual(chart.y.label, "bytes allocated beyond those in GOGC=200, by the line that allocated")

    def test_without_profiles_there_is_nothing_to_draw(self):
        self.made.change("91-made-heap", lambda results: results.pop("profiles"))
        self.assertNotIn("91-made-heap-sites", self.made.charts())
        self.assertIn("91-made-heap-pair", self.made.charts())

    def test_a_profile_that_was_not_saved_is_refused(self):
        self.assertIsNone(self.declare(profile="late"))
        run = self.made.load()
        (attempt,) = charts.build_all(run, run.lessons[1])
        self.assertRegex(attempt.problem, r"91-made-heap.json: profiles.slow.late: is missing; an icicle chart ")

    def test_blocks_too_narrow_for_words_draw(self):
        path = self.made.run / "91-made-heap-slow.pb.gz"
        message = heapwise_profile.new_message()
        message.ParseFromString(gzip.decompress(path.read_bytes()))
        for number, sample in enumerate(message.sample):
            sample.value[1] = 1 << (6 * number)
        path.write_bytes(gzip.compress(message.SerializeToString()))
        chart = self.declare()
        for theme in (page.LIGHT, page.DARK):
            charts.icicle.draw(chart, theme).figure.canvas.draw()

    def test_no_text_leaves_its_block(self):
        for name in ("91-made-heap-sites", "91-made-heap-leak"):
            chart = self.made.charts()[name]
            drawn = charts.icicle.draw(chart, page.LIGHT)
            for text in drawn.figure.texts:
                right = (text.get_position()[0] * page.WIDTH
                         + page.text_width(text.get_text(), text.get_fontsize(), text.get_weight()))
                if text.get_horizontalalignment() == "left":
                    self.assertLessEqual(right, page.WIDTH - page.MARGIN + 1, text.get_text())


if __name__ == "__main__":
    unittest.main()
