"""The sawtooth."""

import unittest

from charts import page
from made_run import ChartTest, colours, texts, tick_labels


class SawtoothTest(ChartTest):
    def test_a_timeline_without_a_goal(self):
        # What GOGC=off leaves, now and in older runs.
        for no_goal in 8946670875745436958, 2**64 - 1:
            def edit(results):
                for timeline in results["timelines"].values():
                    for collection in timeline["collections"]:
                        collection["goal_bytes"] = no_goal
            said = self.words("91-made-heap-sawtooth", edit)
            self.assertNotIn("goal", said)
            self.assertIn("100 MiB", said)
            drawn = [value for axes in self.axes("91-made-heap-sawtooth", edit) for line in axes.lines
                     for value in line.get_ydata()]
            self.assertLess(max(value for value in drawn if value == value), 2**40)

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

    def test_heap_goal_and_rss_have_one_colour_each(self):
        panel = self.chart("91-made-heap-sawtooth").parts[0]
        axes = self.axes("91-made-heap-sawtooth")[0]
        by_colour = {}
        for line, colour in zip(axes.lines, colours(axes.lines)):
            by_colour.setdefault(colour, line)
        self.assertEqual(by_colour[page.RSS].get_ydata()[-1], panel.rss[-1][1])
        self.assertEqual(list(by_colour[page.GOAL].get_ydata())[1:], [c["goal_bytes"] for c in panel.collections])
        heap = list(by_colour[page.ROLE_COLOURS[panel.role]].get_ydata())
        self.assertEqual(heap[::2], [c["heap_before_bytes"] for c in panel.collections])
        self.assertEqual(heap[1::2], [c["heap_after_bytes"] for c in panel.collections])

    def test_each_axis_has_its_unit(self):
        axes = self.axes("91-made-heap-sawtooth")[-1]
        self.assertRegex(tick_labels(axes.xaxis)[-1], "^[0-9.]+ (ms|s)$")
        self.assertRegex(tick_labels(axes.yaxis)[-1], "^[0-9]+ MiB$")

if __name__ == "__main__":
    unittest.main()
