"""The phases chart."""

import unittest

from made_run import ChartTest


class PhasesTest(ChartTest):
    def test_phases_are_labelled_and_the_short_ones_too(self):
        said = self.words("91-made-heap-phases")
        for text in ("mark 2.04 ms", "restart 30.1 µs", "sweep 615 µs", "under 0.5 % of the width: stop 18 µs",
                     "concurrent mark 3.42 ms", "no collections"):
            self.assertIn(text, said)
        self.assertIn("its stops are drawn as one", " ".join(said))

    def test_the_legend_names_only_phases_that_there_are(self):
        def edit(results):
            for summary in results["summary"].values():
                summary["phase_concurrent_mark_ns"].update(estimate=0, low=0, high=0)
        said = self.words("91-made-heap-phases", edit)
        self.assertNotIn("concurrent mark", said)
        self.assertIn("sweep", said)
        self.assertNotIn("drawn as one", " ".join(said))

    def test_phases_follow_each_other_striped_where_the_world_runs(self):
        rows = self.chart("91-made-heap-phases").parts
        for row, axes in zip(rows, self.axes("91-made-heap-phases")):
            left = 0
            for phase, bar in zip(row.phases, axes.patches, strict=True):
                self.assertEqual((bar.get_x(), bar.get_width()), (left, phase.value.estimate))
                self.assertEqual(bar.get_hatch() is None, phase.stopped, phase.name)
                left += phase.value.estimate
        self.assertEqual([(phase.name, phase.stopped) for phase in rows[2].phases],
                         [("concurrent mark", False), ("stop", True), ("mark", True), ("restart", True),
                          ("sweep", False)])

if __name__ == "__main__":
    unittest.main()
