"""The report and the charts in a real browser: nothing broken, nothing cut off, nothing on top of another.

Skipped where there is no Chromium.
"""

import contextlib
import io
import unittest

import headless_chromium
from made_run import MadeRun, be_wordy

BROKEN_IMAGES = """(async () => {
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  return [...document.images].filter((image) => !image.naturalWidth).map((image) => image.alt);
})()"""
DEAD_LINKS = """[...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute("href"))
  .filter((href) => !document.getElementById(decodeURIComponent(href.slice(1))))"""
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"
# Text that leaves the sheet or lies on other text. Boxes are a little smaller than the line's full height.
CROWDED = """(() => {
  const sheet = document.documentElement.getBoundingClientRect();
  const boxes = [...document.querySelectorAll("text")].filter((t) => t.textContent.trim()).map((t) => {
    const r = t.getBoundingClientRect(), slack = r.height * 0.2;
    return {words: t.textContent, left: r.left, right: r.right, top: r.top + slack, bottom: r.bottom - slack};
  });
  const bad = [];
  for (const [i, a] of boxes.entries()) {
    if (a.left < sheet.left || a.right > sheet.right || a.top < sheet.top || a.bottom > sheet.bottom)
      bad.push("off the sheet: " + a.words);
    for (const b of boxes.slice(i + 1))
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        bad.push("overlap: " + a.words + " / " + b.words);
  }
  return {count: boxes.length, bad};
})()"""


@unittest.skipUnless(headless_chromium.find(), "no Chromium here")
class ReportInABrowserTest(unittest.TestCase):
    @staticmethod
    @contextlib.contextmanager
    def run_with_report(wordy=False):
        """A made run with its charts and its report, of which nothing was said."""
        with MadeRun() as made, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for lesson in ("90-made-call", "91-made-heap") if wordy else ():
                made.change(lesson, be_wordy)
            if made.draw() != 0 or made.report() != 1:  # a lesson of it failed
                raise AssertionError("the made run is not drawn and reported as it should be")
            yield made

    @classmethod
    def setUpClass(cls):
        # Drawing takes far longer than looking.
        cls.plain = cls.enterClassContext(cls.run_with_report())
        cls.wordy = cls.enterClassContext(cls.run_with_report(wordy=True))

    @staticmethod
    def report(made):
        return (made.run / "report.html").as_uri()

    def test_the_report(self):
        url = self.report(self.plain)
        for dark in (False, True):
            with self.subTest(dark=dark), headless_chromium.Page(url, dark=dark) as page:
                self.assertEqual(page.evaluate("document.images.length"), 12)
                self.assertEqual(page.evaluate(BROKEN_IMAGES), [])
                self.assertEqual(page.evaluate(DEAD_LINKS), [])
                paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
                self.assertEqual(paper, "rgb(21, 23, 28)" if dark else "rgb(255, 255, 255)")
                sources = "[...document.images].map((i) => i.currentSrc === i.src)"
                self.assertEqual(set(page.evaluate(sources)), {not dark})
                for width in (375, 768, 1920):
                    page.resize(width, 800)
                    self.assertLessEqual(page.evaluate(SIDEWAYS), 0, f"sideways scroll at {width} px")
                self.assertEqual(page.errors, [])

    def test_keys_go_from_lesson_to_lesson(self):
        with headless_chromium.Page(self.report(self.plain), height=600) as page:
            seen = []
            for key in "jjk":
                page.press(key)
                seen.append(page.evaluate("document.activeElement.id"))
            self.assertEqual(seen, ["90-made-call-title", "91-made-heap-title", "90-made-call-title"])

    def test_keys_can_be_switched_off(self):
        with headless_chromium.Page(self.report(self.plain), height=600) as page:
            page.evaluate("document.getElementById('keys').click()")
            page.press("j")
            self.assertNotIn("title", page.evaluate("document.activeElement.id"))

    def test_what_is_folded_is_printed_open(self):
        opened = "[...document.querySelectorAll('details')].filter((d) => d.open).length"
        with headless_chromium.Page(self.report(self.plain)) as page:
            self.assertEqual(page.evaluate(opened), 0)
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            self.assertEqual(page.evaluate(opened), page.evaluate("document.querySelectorAll('details').length"))
            page.evaluate("dispatchEvent(new Event('afterprint'))")
            self.assertEqual(page.evaluate(opened), 0)

    def test_links_lead_to_their_lesson(self):
        with headless_chromium.Page(self.report(self.plain), height=600) as page:
            for name in ("90-made-call", "91-made-heap", "92-made-failure"):
                page.evaluate(f"document.querySelector('.verdicts a[href=\"#{name}\"]').click()")
                top = page.evaluate(f"document.getElementById('{name}').getBoundingClientRect().top")
                self.assertLess(abs(top), 300, name)

    def test_wordy_results_stay_within_the_phone(self):
        with headless_chromium.Page(self.report(self.wordy), width=375, height=800) as page:
            self.assertLessEqual(page.evaluate(SIDEWAYS), 0)
            self.assertEqual(page.errors, [])

    def test_no_words_of_a_chart_are_cut_off_or_overlap(self):
        with headless_chromium.Page("about:blank") as page:
            for made in (self.plain, self.wordy):
                charts = sorted(made.plots.glob("*.svg"))
                self.assertEqual(len(charts), 24)
                for chart in charts:
                    with self.subTest(chart=chart.name, wordy=made is self.wordy):
                        page.go(chart.as_uri())
                        found = page.evaluate(CROWDED)
                        self.assertGreater(found["count"], 8)
                        self.assertEqual(found["bad"], [])


if __name__ == "__main__":
    unittest.main()
