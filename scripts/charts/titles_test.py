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
    def test_the_detail_tells_of_the_control_only_where_time_counts(self):
        made = self.made.charts()
        self.assertEqual(made["90-made-call-allocs"].detail.count("."), 1)
        control = self.made.load().lessons[0].results["control"]["words"]
        self.assertIn(control, made["90-made-call-pair"].detail)
        self.assertNotIn(control, made["90-made-call-allocs"].detail)

    def test_a_run_that_was_interrupted_says_so(self):
        def edit(info):
            info["lessons"][0]["status"] = "interrupted"
        self.made.change_run(edit)
        self.assertRegex(self.chart("90-made-call-pair").detail, r"The lesson's run is interrupted: \d+ blocks\.$")

if __name__ == "__main__":
    unittest.main()
