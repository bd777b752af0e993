"""The Pareto chart."""

import unittest

from made_run import ChartTest


class ParetoTest(ChartTest):
    def test_the_front_is_the_results(self):
        points = self.chart("91-made-heap-pareto").parts
        (recorded,) = self.made.load().lessons[1].results["pareto"]
        self.assertEqual([point.label for point in points if point.on_front],
                         [self.made.load().lessons[1].label(variant) for variant in recorded["front"]])


if __name__ == "__main__":
    unittest.main()
