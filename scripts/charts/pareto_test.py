"""The Pareto chart."""

import unittest

from charts import page
from made_run import ChartTest, colours, tick_labels


class ParetoTest(ChartTest):
    def test_the_front_is_the_results(self):
        points = self.chart("91-made-heap-pareto").parts
        lesson = self.made.load().lessons[1]
        (recorded,) = lesson.results["pareto"]
        self.assertEqual({point.label for point in points if point.on_front},
                         {lesson.label(variant) for variant in recorded["front"]})

    def test_points_stand_where_they_were_measured_filled_on_the_front(self):
        points = self.chart("91-made-heap-pareto").parts
        (axes,) = self.axes("91-made-heap-pareto")
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        self.assertEqual([(dot.get_xdata()[0], dot.get_ydata()[0]) for dot in dots],
                         [(point.x.estimate, point.y.estimate) for point in points])
        own = [page.ROLE_COLOURS[point.role] for point in points]
        self.assertEqual(colours(dots), own)
        self.assertEqual(colours(dots, "markerfacecolor"), [
            colour if point.on_front else page.LIGHT.paper.upper() for colour, point in zip(own, points)])
        self.assertTrue(0 < sum(point.on_front for point in points) < len(points))

    def test_each_axis_has_its_measure_and_its_unit(self):
        (axes,) = self.axes("91-made-heap-pareto")
        self.assertEqual(axes.get_xlabel(), "peak heap in use (less is better)")
        self.assertRegex(tick_labels(axes.xaxis)[-1], "MiB$")
        self.assertRegex(" ".join(self.words("91-made-heap-pareto")), r"up: \w+s per second \(more is better\)")
        self.assertNotIn("MiB", " ".join(tick_labels(axes.yaxis)))


if __name__ == "__main__":
    unittest.main()
