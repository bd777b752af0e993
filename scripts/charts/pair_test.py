"""The pair chart."""

import unittest

from made_run import ChartTest


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


if __name__ == "__main__":
    unittest.main()
