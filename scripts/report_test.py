"""The report as text: everything is in it, escaped, and nothing from outside."""

import base64
import contextlib
import html.parser
import io
import json
import re
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
        """The report of the run, of which a lesson failed."""
        self.assertEqual(self.made.report(), 1)
        self.assertRegex(self.complained.getvalue(), "^report.py: failed, or not all there: .*92-made-failure; the "
                         "report says why\n$")
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
        self.assertEqual(len(images), 12)
        self.assertEqual(len(page.all("source")), 12)
        for image in images:
            self.assertGreater(len(image["alt"]), 60)
            self.assertGreater(int(image["height"]), 100)
        self.assertIn("User, 32 B: slow 42.9 ns", images[0]["alt"])
        drawn = {False: [], True: []}
        for file in self.made.plots.glob("*.svg"):
            drawn[file.stem.endswith("-dark")].append(file.read_bytes())
        for image, source in zip(images, page.all("source")):
            self.assertIn("(prefers-color-scheme: dark)", source["media"])
            light, dark = (base64.b64decode(uri.split("base64,")[1]) for uri in (image["src"], source["srcset"]))
            self.assertTrue(light in drawn[False] and dark in drawn[True], image["alt"])

    def test_every_claim_and_verdict_is_there(self):
        page = self.page()
        claims = json.loads((self.made.run / "verdicts.json").read_text(encoding="utf-8"))
        for claim in claims:
            self.assertGreaterEqual(page.text.count(claim["finding"]), 2, claim["claim"])
            self.assertIn(claim["detail"], page.text)
            self.assertIn(f"Claim: {claim['says']}.", page.text)
        self.assertIn("Copying 64 KiB costs more than allocating it.", page.text)

    def test_each_verdict_has_its_sign(self):
        self.page()
        for verdict, sign in (("shown", "✓"), ("contradicted", "✗"), ("failed", "!")):
            self.assertIn(f'<span class="chip {verdict}"><span aria-hidden="true">{sign}</span> {verdict}<', self.html)

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
        self.assertIn("Not measured: Made-up claim that is never measured", page.text)

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
        def interrupt(info):
            info["lessons"][0].update(status="interrupted", blocks=0)
            info.update(status="interrupted", finished=None)
        self.made.change_run(interrupt)
        text = self.page().text
        self.assertIn("This run was interrupted", text)
        self.assertIn("This lesson was interrupted.", text)
        self.assertIn("No chart: nothing was measured to draw.", text)

    def test_what_nothing_failed_in_is_status_0(self):
        def without_failure(info):
            info.update(status="complete", lessons=info["lessons"][:2])
        self.made.change_run(without_failure)
        self.assertEqual((self.made.report(), self.complained.getvalue()), (0, ""))

    def test_charts_that_are_not_of_this_run_are_drawn(self):
        """Another run's charts may lie in plots/, none, or half a file."""
        before = self.page().all("img")
        self.made.plots = self.made.root / "plots"
        self.made.plots.mkdir()
        for path in self.drawn.plots.glob("*.svg"):
            text = path.read_text(encoding="utf-8")
            (self.made.plots / path.name).write_text(
                text[:3000] if "growth" in path.name else text.replace("Heapwise run 2", "Heapwise run 1")
                .replace("Returning", "Another"), encoding="utf-8")
        (self.made.plots / "91-made-heap-pair.svg").unlink()
        self.complained.truncate(self.complained.seek(0))
        self.assertEqual(self.page().all("img"), before)

    def boxes(self, page):
        """The words of the boxes about failures."""
        return [" ".join(Parsed(box).text.split()) for box in
                re.findall(r'<(?:div|section) class="failure".*?</(?:div|section)>', self.html, re.S)]

    def test_a_lesson_that_ended_in_its_first_block(self):
        self.made.end_in_first_block("90-made-call")
        page = self.page()
        self.assertIn("! This lesson failed: exit status 3, in block 1. The last that it printed: no such table",
                      self.boxes(page))
        self.assertEqual(len(page.all("img")), 9)

    def test_a_broken_file_costs_its_lesson_only(self):
        path = self.made.run / "90-made-call.json"
        path.write_bytes(path.read_bytes()[:9000])
        page = self.page()
        self.assertRegex(self.boxes(page)[0],
                         "^! Something of this lesson cannot be shown: .*/90-made-call.json: line ")
        self.assertIn("(not all there)", page.text)
        self.assertEqual(len(page.all("img")), 9)

    def test_a_chart_that_cannot_be_made_is_a_box(self):
        self.made.change("90-made-call", lambda results: results["measures"].pop("allocs_per_op"))
        page = self.page()
        self.assertRegex("\n".join(self.boxes(page)), "! The chart 90-made-call-allocs could not be drawn: .*measures."
                         "allocs_per_op: is missing")
        self.assertEqual(len(page.all("img")), 11)

    def test_code_that_is_missing_costs_itself_only(self):
        (self.made.lessons / "90-made-call" / "slow.cc").unlink()
        page = self.page()
        self.assertRegex(self.boxes(page)[0],
                         "^! Something of this lesson cannot be shown: .*/slow.cc: the file: No such ")
        self.assertEqual(len(page.all("img")), 12)

    def test_a_complete_run_that_cannot_be_shown_whole_says_so_at_the_top(self):
        self.made.change_run(lambda info: info.update(status="complete", lessons=info["lessons"][:2]))
        (self.made.lessons / "90-made-call" / "slow.cc").unlink()
        self.assertEqual(self.made.report(), 1)
        self.assertIn("Part of this run cannot be shown", (self.made.run / "report.html").read_text(encoding="utf-8"))

    def test_where_the_report_cannot_be_written(self):
        (self.made.run / "report.html").mkdir()
        self.assertEqual(self.made.report(), 1)
        self.assertRegex(self.complained.getvalue(), "^report.py: .*/report.html: cannot be written: Is a directory\n$")

    def test_regions_have_names_of_their_own(self):
        page = self.page()
        names = [attrs["aria-label"] for tag, attrs in page.tags
                 if tag == "section" or attrs.get("role") == "region"]
        self.assertGreater(len(names), 4)
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_whether_there_were_local_changes_may_be_unknown(self):
        self.made.change_run(lambda info: info["build"].update(dirty=None))
        text = self.page().text
        self.assertIn("abc1234", text)
        self.assertNotIn("with local changes", text)


if __name__ == "__main__":
    unittest.main()
