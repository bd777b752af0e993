"""The charts: what they say, that every file is there, small, sound XML and the same each time."""

import contextlib
import io
import os
import pathlib
import tempfile
import unittest
import unittest.mock

from PIL import Image

import charts
from charts import page
from made_run import MadeRun, be_wordy, texts

CHARTS = ["90-made-call-allocs", "90-made-call-growth", "90-made-call-pair", "91-made-heap-leak",
          "91-made-heap-pair", "91-made-heap-pareto", "91-made-heap-pauses", "91-made-heap-phases",
          "91-made-heap-sawtooth", "91-made-heap-sites", "91-made-heap-steps", "91-made-heap-survival"]


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

    def test_the_dark_form_has_dark_paper(self):
        for file in self.made.plots.glob("*.svg"):
            dark = file.stem.endswith("-dark")
            paper, other = (page.DARK, page.LIGHT)[:: 1 if dark else -1]
            first = file.read_text(encoding="utf-8").split('<g id="patch_1">')[1].split("</g>")[0]
            self.assertIn(paper.paper, first, file.name)
            self.assertNotIn(other.paper, first, file.name)

    def test_a_picture_has_white_paper(self):
        for file in self.made.plots.glob("*.png"):
            with Image.open(file) as picture:
                self.assertEqual((255, 255, 255), picture.convert("RGB").getpixel((0, 0)), file.name)

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
            self.assertEqual(self.complaint("--lesson", "90-made-call"),
                             "plot.py: 90-made-call-growth: cannot be drawn: "
                             "unexpected KeyError: 'slow' (HEAPWISE_DEBUG=1 shows where)")
        self.assertEqual(self.drawn(), ["90-made-call-allocs", "90-made-call-pair"])
        self.assertRegex(self.said.getvalue(), "^2 of 3 charts in ")

    def test_a_process_that_dies_costs_its_chart_only(self):
        with unittest.mock.patch.object(charts.growth, "draw", lambda *_: os._exit(7)):
            self.assertEqual(self.complaint("--lesson", "90-made-call"),
                             "plot.py: 90-made-call-growth: cannot be drawn: "
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


if __name__ == "__main__":
    unittest.main()
