"""Titles: the finding, and never more than it."""

import unittest

from made_run import ChartTest


class TitlesTest(ChartTest):
    def test_a_noisy_verdict_never_reads_as_a_finding(self):
        def edit(results):
            results["claims"][0]["verdict"] = "too noisy here"
        self.made.change("91-made-heap", edit)
        self.assertEqual(self.made.charts()["91-made-heap-pair"].title,
                         "Too noisy here: GOGC=200 is 1.3 times as fast as GOGC=50")

    def test_distrust_of_time_does_not_touch_exact_claims(self):
        def edit(results):
            results["control"]["trusted"] = False
            for claim in results["claims"]:
                claim["trusted"] = not claim["timing"]
        self.made.change("90-made-call", edit)
        made = self.made.charts()
        self.assertTrue(made["90-made-call-pair"].warning)
        self.assertEqual(made["90-made-call-allocs"].warning, "")

if __name__ == "__main__":
    unittest.main()
