"""The pair chart."""

import unittest

from matplotlib.patches import PathPatch, Rectangle

from charts import page
from made_run import ChartTest, colours, tick_labels


class PairTest(ChartTest):
    def test_a_wild_block_is_named_and_stretches_no_axis(self):
        said = " ".join(self.words("90-made-call-pair"))
        self.assertIn("An arrow at the edge: a block that lies beyond the axis, at 210 ns.", said)
        self.assertNotIn("200 ns", said)

    def test_nothing_but_zeros(self):
        def edit(results):
            results["summary"]["slow"]["allocs_per_op"].update(estimate=0, low=0, high=0)
            for block in results["blocks"]:
                block["samples"]["slow"].update(allocs_per_op=0)
        self.assertEqual(self.words("90-made-call-allocs", edit).count("0 allocations"), 3)

    def test_slow_above_fast_above_control_each_in_its_colour_with_its_own_interval_and_blocks(self):
        row = self.chart("90-made-call-pair").parts[0]
        axes = self.axes("90-made-call-pair")[0]
        bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        self.assertEqual([bar.role for bar in row.bars], ["slow", "fast", "control"])
        self.assertEqual(colours(bars, "facecolor"), [page.SLOW, page.FAST, page.CONTROL])
        self.assertEqual([bar.get_width() for bar in bars], [bar.value.estimate for bar in row.bars])
        self.assertEqual([bar.get_x() for bar in bars], [0, 0, 0])
        intervals = [line for line in axes.lines if line.get_marker() == "|"]
        self.assertEqual([list(line.get_xdata()) for line in intervals],
                         [[bar.value.low, bar.value.high] for bar in row.bars])
        dots = [patch.get_path().vertices[::2, 0].tolist() for patch in axes.patches if isinstance(patch, PathPatch)]
        results = self.made.load().lessons[0].results["blocks"]
        self.assertEqual(dots, [[b["samples"][name]["time_ns"] for b in results if b["samples"][name]["time_ns"] < 200]
                                for name in ("slow", "fast", "control")])

    def test_the_axis_has_the_measures_unit(self):
        for label in tick_labels(self.axes("90-made-call-pair")[0].xaxis)[1:]:
            self.assertRegex(label, "^[0-9,]+ ns$")

if __name__ == "__main__":
    unittest.main()
