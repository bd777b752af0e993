"""docs/claims.json: complete, and refused where it is not; the pages that are made of it."""

import copy
import json
import pathlib
import tempfile
import unittest

import docs
import heapwise_claims
import heapwise_results

TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"

MADE = {
    "tutorial": {"title": "T", "site": "S", "updated": "2026-01-01", "lines": 5, "sha256": "0" * 64},
    "go_version": "1.27.4",
    "sections": [
        {"title": "First", "claims": [
            {"lines": [2, 5], "says": "Values are fast", "verdicts": ["90-made-call/value-is-faster"],
             "go": "holds", "why": "No allocation."}]},
        {"title": "Second", "claims": [
            {"lines": [4], "says": "Copying always wins", "verdicts": ["90-made-call/copying-wins-always"],
             "go": "does not hold", "why": "It does not.", "front": True},
            {"lines": [4], "says": "x is printed", "verdicts": [], "go": "holds in part", "why": "Only in Go."}]}],
    "not_claims": [{"what": "headings", "lines": "1 3"}]}


class MadeClaimsTest(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.root = pathlib.Path(folder)
        (self.root / "docs").mkdir()
        (self.root / "lessons").symlink_to(TESTDATA / "lessons")
        (self.root / "results").mkdir()
        (self.root / "results" / "reference").symlink_to(TESTDATA / "run")
        self.data = copy.deepcopy(MADE)

    def load(self):
        (self.root / "docs" / "claims.json").write_text(json.dumps(self.data), encoding="utf-8")
        return heapwise_claims.load(self.root)

    def refused(self):
        with self.assertRaises(heapwise_results.Refused) as refused:
            self.load()
        return str(refused.exception)

    def filled(self, marker):
        self.load()
        page = self.root / "docs" / "PAGE.md"
        page.write_text(f"<!-- hw:{marker} -->\n<!-- /hw -->\n", encoding="utf-8")
        text, problems = docs.Pages(self.root).fill(page)
        self.assertEqual(problems, [])
        return text

    def test_claims_are_numbered_through_all_sections(self):
        claims = self.load()
        self.assertEqual([claim.number for claim in claims.all()], [1, 2, 3])
        self.assertEqual(claims.all()[0].verdicts, (("90-made-call", "value-is-faster"),))

    def test_the_page_has_a_row_for_each(self):
        text = self.filled("claims")
        self.assertIn("## First\n\n|  | the tutorial says | measured here | in Go 1.27.4 | why |", text)
        self.assertIn("| 1 | Values are fast | [90](../lessons/90-made-call/README.md) shown: ", text)
        self.assertIn(" (22 times) | holds | No allocation. |", text)
        self.assertIn("| 3 | x is printed | not measured here | holds in part | Only in Go. |", text)

    def test_the_front_page_has_the_marked_ones_with_what_was_found(self):
        text = self.filled("wrong")
        self.assertIn("| Copying always wins | At 64 KiB the value is slower: 0.71 times "
                      "[90](../lessons/90-made-call/README.md) | does not hold: It does not. |", text)
        self.assertNotIn("Values are fast", text)

    def test_a_line_in_no_claim(self):
        self.data["not_claims"][0]["lines"] = "3"
        self.assertIn("line 1 of the tutorial is in no claim and not in not_claims", self.refused())

    def test_a_line_in_both(self):
        self.data["not_claims"][0]["lines"] = "1-3"
        self.assertIn("line 2 of the tutorial is both in a claim and in not_claims", self.refused())

    def test_a_line_beyond_the_end(self):
        self.data["not_claims"][0]["lines"] = "1 3 6"
        self.assertIn("the tutorial has no line 6", self.refused())

    def test_no_range(self):
        self.data["not_claims"][0]["lines"] = "1 3-"
        self.assertIn("'3-' is no line and no range of lines", self.refused())

    def test_another_order_than_the_tutorials(self):
        self.data["sections"].reverse()
        self.assertIn("claim 3: begins in line 2, before the claim above it", self.refused())

    def test_an_unknown_claim(self):
        self.data["sections"][0]["claims"][0]["verdicts"] = ["90-made-call/no-such"]
        self.assertIn("claim 1: there is no 90-made-call/no-such", self.refused())

    def test_an_answer_that_is_none(self):
        self.data["sections"][0]["claims"][0]["go"] = "perhaps"
        self.assertIn("sections[0].claims[0].go", self.refused())

    def test_the_front_page_takes_no_claim_without_a_verdict(self):
        self.data["sections"][1]["claims"][1]["front"] = True
        self.assertIn("claim 3: front: is for claims that a lesson judges", self.refused())

    def test_no_reason(self):
        self.data["sections"][0]["claims"][0]["why"] = ""
        self.assertIn("sections[0].claims[0].why", self.refused())


class TheseClaimsTest(unittest.TestCase):
    def test_no_line_of_the_tutorial_is_missing(self):
        claims = heapwise_claims.load(heapwise_results.ROOT)
        self.assertGreater(len(claims.all()), 90)

    def test_the_front_page_shows_what_is_wrong(self):
        for claim in heapwise_claims.load(heapwise_results.ROOT).all():
            if claim.front:
                self.assertNotEqual(claim.go, "holds", claim.says)


if __name__ == "__main__":
    unittest.main()
