"""The sawtooth."""

import unittest

from made_run import ChartTest, texts


class SawtoothTest(ChartTest):
    def test_a_timeline_without_a_goal(self):
        def edit(results):
            for timeline in results["timelines"].values():
                for collection in timeline["collections"]:
                    collection["goal_bytes"] = 2**64 - 1
        said = self.words("91-made-heap-sawtooth", edit)
        self.assertNotIn("goal", said)
        self.assertIn("100 MiB", said)

    def test_a_crowded_timeline_shows_its_beginning_and_says_so(self):
        def edit(results):
            collections = results["timelines"]["slow"]["collections"]
            for turn in range(1, 40):
                collections += [{**c, "t_s": c["t_s"] + turn} for c in collections[:50]]
        svg = self.svg("91-made-heap-sawtooth", edit)
        said = " ".join(texts(svg))
        self.assertRegex(said, r"Shown: the first \S+ s of \S+ s\.")
        self.assertIn("2,008 collections", said)
        self.assertLess(len(svg), 150_000)


if __name__ == "__main__":
    unittest.main()
