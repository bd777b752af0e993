"""The waterfall chart."""

import unittest

from charts import page, waterfall
from made_run import ChartTest


class WaterfallTest(ChartTest):
    def test_a_waterfall_tells_the_value_after_each_step_and_the_last_twice(self):
        said = self.words("91-made-heap-steps")
        for text in ("GOGC=50", "48 MiB", "GOGC=100 (default)", "64 MiB", "GOGC=off with a limit", "98 MiB",
                     "after all steps"):
            self.assertIn(text, said)
        self.assertEqual(said.count("96 MiB"), 2)
        self.assertEqual([said.count("GOGC=200"), said.count("peak heap in use (less is better)")], [1, 1])

    def test_a_step_of_a_waterfall_begins_where_the_former_ended(self):
        steps = self.chart("91-made-heap-steps").parts
        self.assertEqual([step.label for step in steps],
                         ["GOGC=50", "GOGC=100 (default)", "GOGC=off with a limit", "GOGC=200"])
        self.assertEqual([step.before for step in steps], [None, *(step.value for step in steps[:-1])])
        colours = [waterfall._colour(step, "less is better") for step in steps]
        self.assertEqual(colours, [page.SLOW] * 3 + [page.FAST])
        colours = [waterfall._colour(step, "more is better") for step in steps]
        self.assertEqual(colours, [page.SLOW] + [page.FAST] * 2 + [page.SLOW])
        self.assertEqual(waterfall._colour(steps[1], ""), page.OTHER)

    def test_a_waterfall_leaves_out_what_was_not_measured_and_needs_two(self):
        self.made.change("91-made-heap", lambda results: results["summary"].pop("gogc/100"))
        chart = self.chart("91-made-heap-steps")
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
        self.assertIn("after all steps", self.words("91-made-heap-steps", edit))

    def test_bars_lead_from_the_former_value_to_their_own_and_the_last_from_zero(self):
        (axes,) = self.axes("91-made-heap-steps")
        mib = 1 << 20
        self.assertEqual([(round(bar.get_x() / mib), round(bar.get_width() / mib)) for bar in axes.patches],
                         [(0, 48), (48, 16), (64, 34), (98, -2), (0, 96)])

if __name__ == "__main__":
    unittest.main()
