"""The survival chart."""

import unittest

import charts
from charts import page
from made_run import ChartTest, colours, tick_labels


class SurvivalTest(ChartTest):
    def test_survival_counts_its_runs_and_names_the_container(self):
        said = self.words("91-made-heap-survival")
        self.assertEqual([text for text in said if text in ("8", "5", "0")], ["8", "8", "5", "0", "8"])
        self.assertIn("how many of the 8 runs survived", " ".join(said))
        self.assertIn("GOGC=off", said)
        self.assertIn("Container: cgroup v2.", " ".join(said))
        alt = charts.alt_text(self.chart("91-made-heap-survival"))
        self.assertIn("GOGC=100 (default) (100): 5 of 8 survived, 95 % interval 30.6 to 86.3 %.", alt)
        self.assertIn("GOGC=off with a limit: 8 of 8 survived, 95 % interval 67.6 to 100 %.", alt)

    def test_points_stand_at_their_share_within_their_interval(self):
        shares = self.chart("91-made-heap-survival").parts
        curve, beside = self.axes("91-made-heap-survival")
        lines = [*curve.lines, *beside.lines]
        dots = [line for line in lines if line.get_marker() == "o"]
        self.assertEqual([dot.get_ydata()[0] for dot in dots], [share.value.estimate for share in shares])
        self.assertEqual(colours(dots), [page.ROLE_COLOURS[share.role] for share in shares])
        self.assertEqual([list(line.get_ydata()) for line in lines if line.get_marker() == "_"],
                         [[share.value.low, share.value.high] for share in shares])
        self.assertEqual(tick_labels(curve.yaxis), ["0 %", "25 %", "50 %", "75 %", "100 %"])
        self.assertEqual(tick_labels(curve.xaxis), ["25", "50", "100", "200"])

if __name__ == "__main__":
    unittest.main()
