"""The table of measures: whole, and the one of the format page."""

import re
import unittest

import heapwise_results
from charts import measures

PAGE = (heapwise_results.ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")


class MeasuresTest(unittest.TestCase):
    def test_every_entry_is_whole(self):
        for name, entry in measures.KNOWN.items():
            with self.subTest(name=name):
                self.assertEqual({key: type(value) for key, value in entry.items()},
                                 {"name": str, "label": str, "unit": str, "timing": bool, "better": str})
                self.assertRegex(name, "^[a-z][a-z0-9_]*$")
                self.assertTrue(entry["label"] and entry["unit"])
                self.assertIn(entry["better"], ("less", "more"))

    def test_no_name_stands_twice(self):
        names = re.findall(r'"name": "(\w+)"', measures.TABLE.read_text(encoding="utf-8"))
        self.assertEqual(names, list(measures.KNOWN))

    def test_the_format_page_lists_them_in_their_order(self):
        table = PAGE.split("### Measures")[1].split("A lesson may report")[0]
        rows = re.findall(r"^\| (`.*?`) \| .* \| (timing|deterministic) \|$", table, re.M)
        listed = [(name, kind == "timing") for names, kind in rows for name in re.findall(r"`(\w+)`", names)]
        self.assertEqual(listed, [(name, entry["timing"]) for name, entry in measures.KNOWN.items()])

    def test_a_rate_is_better_the_more_it_is_and_of_an_unknown_measure_nothing_is_said(self):
        self.assertEqual([measures.better(name) for name in ("time_ns", "ops_per_second", "alerts")],
                         ["less is better", "more is better", ""])


if __name__ == "__main__":
    unittest.main()
