"""The sheet."""

import unittest

from charts import page


class PageTest(unittest.TestCase):
    def test_a_role_has_a_colour_of_its_own(self):
        self.assertEqual(page.ROLE_COLOURS, {"slow": page.SLOW, "fast": page.FAST, "control": page.CONTROL,
                                             "other": page.OTHER})
        colours = [*page.ROLE_COLOURS.values(), page.GOAL, page.LIMIT, page.RSS]
        self.assertEqual(len(set(colours)), len(colours))

    def test_labels_side_by_side(self):
        widths = [170, 90, 95, 115, 105]
        for centres in ([0] * 5, [668] * 5, [10, 300, 301, 302, 600]):
            lefts = page.spread(centres, widths, 668, gap=10)
            self.assertGreaterEqual(lefts[0], 0)
            self.assertLessEqual(lefts[-1] + widths[-1], 668)
            for left, width, following in zip(lefts, widths, lefts[1:]):
                self.assertGreaterEqual(following, left + width + 10)


if __name__ == "__main__":
    unittest.main()
