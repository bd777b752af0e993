"""The growth chart."""

import unittest

from made_run import ChartTest


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


if __name__ == "__main__":
    unittest.main()
