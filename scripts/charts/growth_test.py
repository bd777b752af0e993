"""The growth chart."""

import unittest

import charts
from charts import page
from made_run import ChartTest, colours, tick_labels


class GrowthTest(ChartTest):
    def test_points_at_zero_cannot_be_drawn_on_a_logarithmic_axis(self):
        def edit(results):
            results["summary"]["slow"]["time_ns"].update(estimate=0, low=0, high=0)
        self.assertIn("1 point at 0 cannot be drawn on them", " ".join(self.words("90-made-call-growth", edit)))

    def test_nothing_but_zeros(self):
        def edit(results):
            for summary in results["summary"].values():
                summary["time_ns"].update(estimate=0, low=0, high=0)
        self.assertIn("every point is 0", self.words("90-made-call-growth", edit))

    def test_curves_have_the_colours_of_their_roles_and_their_points(self):
        curves = self.chart("90-made-call-growth").parts
        (axes,) = self.axes("90-made-call-growth")
        lines = [line for line in axes.lines if line.get_marker() != "_"]
        self.assertEqual(colours(lines), [page.SLOW, page.FAST])
        self.assertEqual([list(zip(line.get_xdata(), line.get_ydata())) for line in lines],
                         [[(x, value.estimate) for x, value in curve.points] for curve in curves])
        intervals = [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "_"]
        self.assertEqual(intervals, [[value.low, value.high] for curve in curves for _, value in curve.points])

    def test_each_axis_has_its_unit(self):
        (axes,) = self.axes("90-made-call-growth")
        self.assertEqual(axes.get_xlabel(), "size of the struct")
        self.assertEqual(tick_labels(axes.xaxis), ["32 B", "1 KiB", "8 KiB", "64 KiB"])
        for label in tick_labels(axes.yaxis):
            self.assertRegex(label, "^[0-9]+ (ns|µs)$")

    def test_the_words_tell_both_ends_of_each_curve(self):
        chart = self.chart("90-made-call-growth")
        for curve in chart.parts:
            first, last = curve.points[0][1], curve.points[-1][1]
            self.assertIn(f"{curve.label}: {first} at 32 B, {last} at 64 KiB", charts.alt_text(chart))

if __name__ == "__main__":
    unittest.main()
