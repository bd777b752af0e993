"""The survival chart."""

import unittest

import charts
from made_run import ChartTest


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


if __name__ == "__main__":
    unittest.main()
