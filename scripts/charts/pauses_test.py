"""The pauses chart."""

import unittest

from charts import page, pauses
from made_run import ChartTest, colours, texts, tick_labels


class PausesTest(ChartTest):
    def test_pauses_are_labelled_where_they_stand(self):
        said = self.words("91-made-heap-pauses")
        for text in ("mean 2.05 ms", "p99 3.55 ms", "max 4.48 ms", "p99 and max 2.92 ms", "target 10 ms",
                     "58 collections", "no collections"):
            self.assertIn(text, said)
        self.assertIn("Dot: a collection of the last block's process. Lines and their numbers: ", " ".join(said))

    def test_many_pauses_stay_small_and_say_that_they_crowd(self):
        def edit(results):
            first = results["timelines"]["slow"]["collections"][0]
            for timeline in results["timelines"].values():
                timeline["collections"] = [{**first, "max_pause_ns": 200_000 + (n * 7919) % 3001 * 1000}
                                           for n in range(3000)]
        svg = self.svg("91-made-heap-pauses", edit)
        self.assertIn("where they crowd, one for several", " ".join(texts(svg)))
        self.assertLess(len(svg), 150_000)

    def test_one_pause(self):
        def edit(results):
            del results["timelines"]["fast"]["collections"][1:]
            for measure in ("pause_mean_ns", "pause_p99_ns", "pause_max_ns"):
                results["summary"]["fast"][measure].update(estimate=2.5e6)
        said = self.words("91-made-heap-pauses", edit)
        self.assertIn("mean, p99 and max 2.5 ms", said)
        self.assertIn("1 collection", said)

    def test_every_dot_has_a_place_of_its_own_until_they_crowd(self):
        for count in (0, 1, 20, 200):
            places, crowded = pauses._dots([3.1 * n for n in range(count)], 36)
            self.assertEqual((len(set(places)), crowded), (count, False))
        same, crowded = pauses._dots([100] * 11, 36)
        self.assertEqual((len(set(same)), crowded), (11, False))
        places, crowded = pauses._dots([100] * 3000 + [200] * 1500 + [300], 36)
        self.assertEqual([sum(x == at for x, _ in places) for at in (100, 200, 300)], [11, 6, 1])
        self.assertTrue(crowded)
        self.assertTrue(all(0 < y < 36 for _, y in places))

    def test_a_variant_without_a_timeline_has_no_row(self):
        self.made.change("91-made-heap", lambda results: results["timelines"].pop("limit"))
        chart = self.chart("91-made-heap-pauses")
        self.assertEqual([row.label for row in chart.parts], ["GOGC=50", "GOGC=200", "GOGC=400"])
        self.assertEqual(chart.notes, ["1 of the declared not measured in this bench run"])

    def test_dots_have_the_colours_of_their_rows(self):
        rows = self.chart("91-made-heap-pauses").parts
        dots = [patch for axes in self.axes("91-made-heap-pauses") for patch in axes.patches]
        self.assertEqual(colours(dots, "edgecolor"), [page.ROLE_COLOURS[row.role] for row in rows if row.pauses])

    def test_the_target_and_its_label_stand_at_its_tick(self):
        declaration = self.made.lessons / "91-made-heap" / "lesson.json"
        text = declaration.read_text(encoding="utf-8")
        declaration.write_text(text.replace('"target_ns": 10000000', '"target_ns": 1000000'), encoding="utf-8")
        axes = self.axes("91-made-heap-pauses")
        at = axes[-1].get_xticks()[tick_labels(axes[-1].xaxis).index("1 ms")]
        for row in axes:
            (target,) = [lines for lines in row.collections if colours([lines])[0] == page.LIMIT]
            self.assertAlmostEqual(target.get_segments()[0][0][0], at)
        figure = axes[0].figure
        (label,) = [text for text in figure.texts if text.get_text() == "target 1 ms"]
        self.assertAlmostEqual(label.get_position()[0] * page.WIDTH, page.MARGIN + at)

if __name__ == "__main__":
    unittest.main()
