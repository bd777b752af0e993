"""The report as text: everything is in it, escaped, and nothing from outside."""

import contextlib
import html.parser
import io
import json
import unittest

from made_run import MadeRun


class Parsed(html.parser.HTMLParser):
    """Tags with their attributes, and the text outside of style and script."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self._inside = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "script"):
            self._inside.append(tag)

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The same charts serve all tests: a report takes any that carry its run's id.
        cls.drawn = cls.enterClassContext(MadeRun())
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            cls.drawn.draw()

    def setUp(self):
        self.made = self.enterContext(MadeRun())
        self.made.plots = self.drawn.plots
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.complained = self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def page(self):
        self.assertEqual(self.made.report(), 0, self.complained.getvalue())
        self.html = (self.made.run / "report.html").read_text(encoding="utf-8")
        return Parsed(self.html)

    def test_everything_is_inside(self):
        page = self.page()
        self.assertEqual(page.all("html"), [{"lang": "en"}])
        for tag, attrs in page.tags:
            for name in ("src", "srcset", "href"):
                if name in attrs:
                    self.assertRegex(attrs[name], r"^(#|data:)", f"{tag} {name}")
        self.assertNotIn("@import", self.html)
        self.assertNotIn("url(", self.html)

    def test_charts_have_words_and_a_dark_form(self):
        page = self.page()
        images = page.all("img")
        self.assertEqual(len(images), 10)
        self.assertEqual(len(page.all("source")), 10)
        for image in images:
            self.assertGreater(len(image["alt"]), 60)
            self.assertGreater(int(image["height"]), 100)
        self.assertIn("User, 32 B: slow 42.9 ns", images[0]["alt"])

    def test_every_claim_and_verdict_is_there(self):
        page = self.page()
        claims = json.loads((self.made.run / "verdicts.json").read_text(encoding="utf-8"))
        for claim in claims:
            self.assertGreaterEqual(page.text.count(claim["finding"]), 2, claim["claim"])
            self.assertIn(claim["detail"], page.text)
            self.assertIn(f"Claim: {claim['says']}.", page.text)
        self.assertIn("Copying 64 KiB costs more than allocating it.", page.text)

    def test_code_is_the_lessons_and_escaped(self):
        page = self.page()
        for role in ("slow", "fast"):
            source = (self.made.lessons / "90-made-call" / f"{role}.cc").read_text(encoding="utf-8")
            self.assertIn(source.strip(), page.text)
        self.assertNotIn("<user>", self.html)

    def test_numbers_with_intervals_and_control(self):
        text = " ".join(self.page().text.split())
        for words in ("slow: pointer to a new User", "control: fast again", "42.9 ns42.4 to 44.5 ns",
                      "1 outlier, kept", "slow ÷ fast", "This machine tells 0.6 % apart here."):
            self.assertIn(words, text)

    def test_conditions_and_the_command(self):
        text = " ".join(self.page().text.split())
        for words in ("Made-up CPU (test data), 2 cores, 24 GiB of memory", "6.1.0-test", "0.10, 0.20, 0.20",
                      "GNU 12.2.0, -O2 -g -DNDEBUG", "abc1234 with local changes", "1234567", "gc markers",
                      "build/bin/heapwise bench 90-made-call --seed=1234567"):
            self.assertIn(words, text)

    def test_a_failed_lesson_shows_its_output_as_text(self):
        page = self.page()
        self.assertIn("Part of this run failed", page.text)
        self.assertIn("This lesson failed: killed by signal 9 (Killed), in block 1, variant slow.", page.text)
        self.assertIn("<script>alert('not run')</script> & so on", page.text)
        self.assertEqual(len(page.all("script")), 1)
        self.assertIn("Made-up claim that is never measured", page.text)

    def test_an_environment_is_said(self):
        def edit(results):
            results["variants"][1]["environment"] = {"GC_MARKERS": "1"}
        self.made.change("91-made-heap", edit)
        text = self.page().text
        self.assertIn("environment of GOGC=200", text)
        self.assertIn("GC_MARKERS=1", text)
        self.assertNotIn("environment of GOGC=50", text)

    def test_distrust_is_said(self):
        def edit(results):
            for claim in results["claims"]:
                claim["trusted"] = False
        self.made.change("91-made-heap", edit)
        self.assertIn("untrusted: the control differs from itself", self.page().text)

    def test_an_interrupted_run_without_control_or_claims_judged(self):
        def edit(results):
            results.update(status="interrupted", control=None, summary={}, ratios=[], growth=[], pareto=[],
                           timelines={}, blocks=[])
            for claim in results["claims"]:
                claim.update(verdict="too noisy here", estimate=None, low=None, high=None,
                             finding=f"Too noisy here to say: {claim['says']}")
        self.made.change("90-made-call", edit)
        run = json.loads((self.made.run / "run.json").read_text(encoding="utf-8"))
        run["lessons"][0].update(status="interrupted", blocks=0)
        run.update(status="interrupted", finished=None)
        (self.made.run / "run.json").write_text(json.dumps(run), encoding="utf-8")
        text = self.page().text
        self.assertIn("This run was interrupted", text)
        self.assertIn("This lesson was interrupted.", text)
        self.assertIn("No chart: nothing was measured to draw.", text)

    def test_refuses_charts_of_another_run(self):
        run = json.loads((self.made.run / "run.json").read_text(encoding="utf-8"))
        run["id"] = "another"
        (self.made.run / "run.json").write_text(json.dumps(run), encoding="utf-8")
        self.assertEqual(self.made.report(), 2)
        self.assertRegex(self.complained.getvalue().splitlines()[-1],
                         r"90-made-call-pair.svg: dc:description: is not of run another; ")
        self.assertFalse((self.made.run / "report.html").exists())

    def test_refuses_missing_charts(self):
        self.made.plots = self.made.root / "nothing-drawn"
        self.assertEqual(self.made.report(), 2)
        self.assertRegex(self.complained.getvalue(), r"^\S*90-made-call-pair.svg: the file: is missing; \S+plot.py")


if __name__ == "__main__":
    unittest.main()
