"""The icicle: its bytes, and its words that fit."""

import gzip
import json
import unittest

import charts
import pprof_reader
from charts import icicle, page
from made_run import ChartTest, colours


class IcicleTest(ChartTest):
    def declare(self, **chart):
        """Makes an icicle with these fields the only chart of lesson 91, and returns it."""
        path = self.made.lessons / "91-made-heap" / "lesson.json"
        declared = json.loads(path.read_text(encoding="utf-8"))
        declared["charts"] = [{"kind": "icicle", "id": "i", "claim": "fewer-collections", "variant": "slow",
                               "sample": "alloc_space", **chart}]
        path.write_text(json.dumps(declared), encoding="utf-8")
        return self.made.charts().get("91-made-heap-i")

    def test_the_sum_is_the_profiles_own_total(self):
        (part,) = self.made.charts()["91-made-heap-sites"].parts
        profile = pprof_reader.read(self.made.run / "91-made-heap-slow.pb.gz")
        self.assertEqual(part.root.bytes, sum(value for _, value in profile.stacks["alloc_space"]))
        self.assertEqual(sum(site.bytes for site in part.sites), part.root.bytes)

    def test_callers_hold_what_they_call(self):
        (part,) = self.made.charts()["91-made-heap-sites"].parts
        handle, outside = part.root.parts
        self.assertEqual((handle.name, outside.name), ("HandleRequest", "outside the lesson"))
        build = handle.parts[0]
        self.assertEqual([(part.name, part.site, part.rank) for part in build.parts],
                         [("Table::AddRow", "", 0), ("BuildTable", "slow.cc:22", 3)])
        self.assertEqual([(part.name, part.site, part.rank) for part in build.parts[0].parts],
                         [("CopyHeader", "slow.cc:41", 1), ("Table::AddRow", "slow.cc:30", 2)])

    def test_names_the_first_three_sites(self):
        text = charts.alt_text(self.made.charts()["91-made-heap-sites"])
        self.assertIn("98.1 MiB in all; most at CopyHeader, slow.cc:41: 81.2 MiB, 82.7 %; "
                      "Table::AddRow, slow.cc:30: 8.98 MiB, 9.16 %; BuildTable, slow.cc:22: 4.2 MiB, 4.28 %.", text)

    def test_growth_shows_only_what_grew(self):
        chart = self.made.charts()["91-made-heap-leak"]
        (part,) = chart.parts
        self.assertEqual([(site.name, site.bytes) for site in part.sites],
                         [("CopyHeader", 11_376 << 10), ("BuildTable", 2_100 << 10), ("Log", 98 << 10),
                          ("HandleRequest", 20 << 10)])
        self.assertEqual(chart.y.label, "growth of the bytes in use, from early to end, by the line that allocated")
        self.assertIn("In all 2.78 MiB early, 16 MiB at the end; lines with less, 10 KiB together, are left out",
                      chart.notes)

    def test_growth_over_another_variant(self):
        def edit(results):
            results["profiles"]["fast"] = {"end": "91-made-heap-slow.early.pb.gz"}
        self.made.change("91-made-heap", edit)
        chart = self.declare(base="fast")
        self.assertEqual(chart.y.label, "bytes allocated beyond those in GOGC=200, by the line that allocated")

    def test_without_profiles_there_is_nothing_to_draw(self):
        self.made.change("91-made-heap", lambda results: results.pop("profiles"))
        self.assertNotIn("91-made-heap-sites", self.made.charts())
        self.assertIn("91-made-heap-pair", self.made.charts())

    def test_a_profile_that_was_not_saved_is_refused(self):
        self.assertIsNone(self.declare(profile="late"))
        run = self.made.load()
        (attempt,) = charts.build_all(run, run.lessons[1])
        self.assertRegex(attempt.problem, r"91-made-heap.json: profiles.slow.late: is missing; an icicle chart ")

    def test_blocks_too_narrow_for_words_draw(self):
        path = self.made.run / "91-made-heap-slow.pb.gz"
        message = pprof_reader.new_message()
        message.ParseFromString(gzip.decompress(path.read_bytes()))
        for number, sample in enumerate(message.sample):
            sample.value[1] = 1 << (6 * number)
        path.write_bytes(gzip.compress(message.SerializeToString()))
        chart = self.declare()
        for theme in (page.LIGHT, page.DARK):
            icicle.draw(chart, theme).figure.canvas.draw()

    def test_no_text_leaves_its_block(self):
        for name in ("91-made-heap-sites", "91-made-heap-leak"):
            chart = self.made.charts()[name]
            drawn = icicle.draw(chart, page.LIGHT)
            for text in drawn.figure.texts:
                right = (text.get_position()[0] * page.WIDTH
                         + page.text_width(text.get_text(), text.get_fontsize(), text.get_weight()))
                if text.get_horizontalalignment() == "left":
                    self.assertLessEqual(right, page.WIDTH - page.MARGIN + 1, text.get_text())

    def test_the_line_with_most_is_the_strong_one_and_a_block_is_as_wide_as_its_bytes(self):
        (part,) = self.chart("91-made-heap-sites").parts
        (axes,) = self.axes("91-made-heap-sites")
        strong = [patch for patch, colour in zip(axes.patches, colours(axes.patches, "facecolor"))
                  if colour == page.ROLE_COLOURS[part.role]]
        self.assertEqual(len(strong), 1)
        whole = axes.patches[0].get_width()
        self.assertAlmostEqual(strong[0].get_width() / whole, part.sites[0].bytes / part.root.bytes)
        self.assertEqual([site.rank for site in part.sites], list(range(1, len(part.sites) + 1)))

if __name__ == "__main__":
    unittest.main()
