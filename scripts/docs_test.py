"""The page splicer on a small repository of its own; and this repository's pages, which must not have drifted."""

import contextlib
import io
import json
import pathlib
import re
import shutil
import tempfile
import unittest

import docs
import heapwise_results
import plot

TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"


class DocsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.made = pathlib.Path(folder) / "made"
        shutil.copytree(TESTDATA / "lessons", cls.made / "lessons")
        shutil.copytree(TESTDATA / "run", cls.made / "results" / "reference")
        (cls.made / "docs").mkdir()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            plot.main([str(cls.made / "results" / "reference"), "--lessons", str(cls.made / "lessons"),
                       "--out", str(cls.made / "plots" / "reference")])

    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.root = pathlib.Path(folder) / "repo"
        shutil.copytree(self.made, self.root)
        self.page = self.root / "lessons" / "90-made-call" / "README.md"

    def run_docs(self, *arguments):
        """Status, and what was said on stderr."""
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            status = docs.main(["--root", str(self.root), *arguments])
        return status, said.getvalue()

    def fill(self, text, page=None):
        """The text after docs.py, which must be content and must then find no drift."""
        page = page or self.page
        page.write_text(text, encoding="utf-8")
        self.assertEqual(self.run_docs(), (0, ""))
        self.assertEqual(self.run_docs("--check"), (0, ""))
        return page.read_text(encoding="utf-8")

    def problem(self, text):
        """What docs.py says of a page that it must refuse and leave as it is."""
        self.page.write_text(text, encoding="utf-8")
        for arguments in ((), ("--check",)):
            status, said = self.run_docs(*arguments)
            self.assertEqual(status, 1)
            self.assertEqual(self.page.read_text(encoding="utf-8"), text)
        return said

    def test_code(self):
        self.assertEqual(self.fill("Look:\n\n<!-- hw:code slow.cc -->old<!-- /hw -->\n\nend\n"),
                         "Look:\n\n<!-- hw:code slow.cc -->\n```cpp\n"
                         + (self.page.parent / "slow.cc").read_text(encoding="utf-8")
                         + "```\n<!-- /hw -->\n\nend\n")

    def test_diff(self):
        one = "namespace one {\n\nint F() {\n  return 1;\n}\n\n}  // namespace one\n"
        (self.page.parent / "one.cc").write_text(one, encoding="utf-8")
        (self.page.parent / "two.cc").write_text(
            one.replace("namespace one", "namespace two").replace("return 1", "return 2"), encoding="utf-8")
        filled = self.fill("<!-- hw:diff one.cc two.cc -->\n<!-- /hw -->\n")
        self.assertEqual(filled, "<!-- hw:diff one.cc two.cc -->\n```diff\n--- one.cc\n+++ two.cc\n@@ -3,3 +3,3 @@\n"
                                 " int F() {\n-  return 1;\n+  return 2;\n }\n```\n<!-- /hw -->\n")
        (self.page.parent / "two.cc").write_text(one.replace("namespace one", "namespace two"), encoding="utf-8")
        self.assertIn(":1: one.cc and two.cc are the same", self.problem(filled))

    def test_numbers_in_a_sentence(self):
        text = self.fill("It takes <!-- hw:value slow time_ns --><!-- /hw -->, that is "
                         "<!-- hw:ratio value-is-faster -->?<!-- /hw --> as long: "
                         "<!-- hw:verdict value-is-faster --><!-- /hw -->, as "
                         "<!-- hw:finding copying-wins-always --><!-- /hw -->; "
                         "<!-- hw:ratio value-allocates-nothing --><!-- /hw -->.\n")
        self.assertIn("-->42.9 ns<!--", text)
        self.assertIn("-->22 times<!--", text)
        self.assertIn("-->shown<!--", text)
        self.assertIn("-->At 64 KiB the value is slower: 0.71 times<!--", text)
        self.assertIn("-->0 allocations<!--", text)

    def test_a_finding_on_a_line_of_its_own_is_a_paragraph(self):
        self.assertIn("-->\nAt 64 KiB the value is slower: 0.71 times.\n<!-- /hw -->\n",
                      self.fill("<!-- hw:finding copying-wins-always --><!-- /hw -->\n"))

    def test_tables(self):
        text = self.fill("<!-- hw:verdicts --><!-- /hw -->\n\n<!-- hw:numbers time_ns allocs_per_op --><!-- /hw -->\n")
        self.assertIn("| A value is faster at 64 KiB too | **contradicted** | 0.71, 95 % interval 0.69 to 0.73 |", text)
        self.assertIn("| slow: pointer to a new User | 42.9 ns (42.4 to 44.5 ns) | 1 |", text)
        self.assertIn("| control: fast again | 1.95 ns (1.94 to 1.97 ns) | 0 |", text)

    def test_a_measure_of_the_lessons_own_may_be_missing(self):
        path = self.root / "results" / "reference" / "90-made-call.json"
        results = json.loads(path.read_text(encoding="utf-8"))
        results["measures"]["look_us"] = {"label": "time of a look", "unit": "µs", "timing": True}
        results["summary"]["slow"]["look_us"] = dict(results["summary"]["slow"]["time_ns"], estimate=2.75,
                                                     low=2.75, high=2.75)
        del results["summary"]["fast"]["time_ns"]
        path.write_text(json.dumps(results), encoding="utf-8")
        text = self.fill("<!-- hw:numbers time_ns look_us --><!-- /hw -->\n")
        self.assertIn("| variant | time per call | time of a look |", text)
        self.assertIn("| 42.9 ns (42.4 to 44.5 ns) | 2.75 µs |", text)
        self.assertIn("| fast: User by value | not measured | - |", text)
        alone = self.fill("<!-- hw:numbers look_us --><!-- /hw -->\n")
        self.assertIn("| slow: pointer to a new User | 2.75 µs |", alone)
        self.assertNotIn("User by value", alone)  # it has none of the table's measures

    def test_chart(self):
        text = self.fill("<!-- hw:chart pair --><!-- /hw -->\n")
        self.assertIn('srcset="../../plots/reference/90-made-call-pair-dark.svg"', text)
        self.assertIn('src="../../plots/reference/90-made-call-pair.svg" alt="Returning a User by value is 22', text)

    def change(self, **of_the_first_claim):
        """Changes a claim in the results of lesson 90."""
        path = self.root / "results" / "reference" / "90-made-call.json"
        results = json.loads(path.read_text(encoding="utf-8"))
        results["claims"][0].update(of_the_first_claim)
        path.write_text(json.dumps(results), encoding="utf-8")

    def test_words_of_a_chart_end_no_attribute(self):
        self.change(finding='vector<User> is "slow" & so on')
        self.assertIn('alt="vector&lt;User&gt; is &quot;slow&quot; &amp; so on. User, 32 B: ',
                      self.fill("<!-- hw:chart pair --><!-- /hw -->\n"))

    def test_a_bar_in_words_ends_no_cell(self):
        self.change(says="a|b is faster")
        self.assertIn("\n| a\\|b is faster | **shown** |", self.fill("<!-- hw:verdicts --><!-- /hw -->\n"))

    def test_chart_of_pauses(self):
        text = self.fill("<!-- hw:chart pauses --><!-- /hw -->\n",
                         self.root / "lessons" / "91-made-heap" / "README.md")
        self.assertIn('src="../../plots/reference/91-made-heap-pauses.svg" alt="GOGC=200 is 1.3', text)
        self.assertIn("GOGC=200: 15 collections, pauses: mean 2.24 ms, p99 2.92 ms, max 2.92 ms.", text)

    def test_the_front_page(self):
        text = self.fill("<!-- hw:wall -->\n<!-- /hw -->\n\n<!-- hw:map -->\n<!-- /hw -->\n\n"
                         "<!-- hw:conditions -->\n<!-- /hw -->\n", self.root / "README.md")
        self.assertIn('src="plots/reference/91-made-heap-pair.svg"', text)
        self.assertIn('<a href="lessons/90-made-call/README.md">', text)
        self.assertIn("| 91 | [Made-up: GOGC trades memory for work](lessons/91-made-heap/README.md) | "
                      "Test data only | 12 |", text)
        self.assertIn("Reference run: Made-up CPU (test data), 2 cores, 2026-11-23; kernel 6.1.0-test", text)

    def test_another_page_names_the_lesson(self):
        text = self.fill("It is <!-- hw:value 91-made-heap fast peak_heap_bytes --><!-- /hw -->.\n",
                         self.root / "docs" / "METHOD.md")
        self.assertIn("-->96 MiB<!--", text)
        (self.root / "docs" / "METHOD.md").write_text("x <!-- hw:verdict crash --><!-- /hw -->\n", encoding="utf-8")
        self.assertEqual(self.run_docs()[1], "docs/METHOD.md:1: names no lesson; outside a lesson's page its "
                                             "name comes first\n")

    def test_drift_is_named_and_nothing_changed(self):
        text = self.fill("a\n\nIt takes <!-- hw:value slow time_ns --><!-- /hw -->.\n").replace("42.9", "41.9")
        self.page.write_text(text, encoding="utf-8")
        self.assertEqual(self.run_docs("--check"),
                         (1, "lessons/90-made-call/README.md:3: has drifted; run make docs\n"))
        self.assertEqual(self.page.read_text(encoding="utf-8"), text)

    def test_code_that_changed_is_drift(self):
        self.fill("<!-- hw:code slow.cc --><!-- /hw -->\n")
        with open(self.page.parent / "slow.cc", "a", encoding="utf-8") as file:
            file.write("// changed\n")
        self.assertEqual(self.run_docs("--check")[0], 1)

    def test_what_it_refuses(self):
        for text, message in (
                ("a\n\n<!-- hw:nonsense -->x<!-- /hw -->\n",
                 ":3: hw:nonsense is unknown; known are code, diff, value, "),
                ("<!-- hw:code nothing.cc --><!-- /hw -->\n", ":1: nothing.cc is missing"),
                ("<!-- hw:code -->\n<!-- /hw -->\n", ":1: takes a file, has 0 arguments"),
                ("<!-- hw:diff slow.cc -->\n<!-- /hw -->\n", ":1: takes two files, has 1 arguments"),
                ("<!-- hw:diff slow.cc none.cc -->\n<!-- /hw -->\n", ":1: none.cc is missing"),
                ("<!-- hw:diff slow.cc slow.cc -->\n<!-- /hw -->\n", ":1: slow.cc and slow.cc are the same"),
                ("x <!-- hw:verdict no-such --><!-- /hw -->\n", ":1: 90-made-call has no claim no-such; has value-"),
                ("x <!-- hw:value slow weight --><!-- /hw -->\n", ":1: 90-made-call has no measure weight; has "),
                ("x <!-- hw:value slower time_ns --><!-- /hw -->\n", ":1: 90-made-call has no variant slower; has "),
                ("x <!-- hw:value 99-none slow time_ns --><!-- /hw -->\n", ":1: 99-none is not in the reference run"),
                ("x <!-- hw:verdict 92-made-failure crash --><!-- /hw -->\n", ":1: 92-made-failure has no results"),
                ("<!-- hw:chart pie --><!-- /hw -->\n", ":1: 90-made-call has no chart pie; has pair, growth"),
                ("x <!-- hw:verdict value-is-faster -->\n\nnever closed\n", " has no <!-- /hw -->"),
                ("<!-- hw:code slow.cc -->\n<!-- hw:code fast.cc -->\n<!-- /hw -->\n",
                 ":1: <!-- hw:code slow.cc --> has"),
                ("<!-- hw:verdict  value-is-faster --><!-- /hw -->\n", ":1: malformed marker: <!-- hw:verdict  "),
                ("<!-- hw:verdict value-is-faster --><!-- /hw --> begins a line\n", ":1: <!-- hw:verdict value-is-")):
            with self.subTest(text=text):
                if "fast.cc" in text:
                    self.page.write_text(text, encoding="utf-8")
                    said = self.run_docs("--check")[1]
                else:
                    said = self.problem(text)
                self.assertIn(message, said)
                self.assertIn("lessons/90-made-call/README.md:1" if ":3" not in message else "README.md:3", said)

    def test_missing_chart_file(self):
        (self.root / "plots" / "reference" / "90-made-call-pair-dark.svg").unlink()
        self.assertIn(":1: plots/reference/90-made-call-pair-dark.svg is missing",
                      self.problem("<!-- hw:chart pair --><!-- /hw -->\n"))

    def test_markers_in_code_are_text(self):
        text = ("Write `<!-- hw:wall -->` so:\n\n```markdown\n<!-- hw:nonsense -->\n```\n\n"
                "~~~\n<!-- hw:code -->\n```\n~~~\n")
        self.assertEqual(self.fill(text), text)


class ThisRepositoryTest(unittest.TestCase):
    def test_no_page_has_drifted(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            status = docs.main(["--check"])
        self.assertEqual(status, 0, said.getvalue())

    def test_links_lead_somewhere(self):
        root = heapwise_results.ROOT
        pages = [path for path in root.glob("**/*.md") if not {"build", "results"} & set(path.relative_to(root).parts)]
        self.assertGreater(len(pages), 20)
        code = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)  # where [x](int y) is a lambda
        dead = [f"{page.relative_to(root)}: {link}" for page in pages
                for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", code.sub("", page.read_text(encoding="utf-8")))
                if "://" not in link and not (page.parent / link).exists()]
        self.assertEqual(dead, [])

    def test_the_course_names_every_lesson(self):
        lessons = heapwise_results.LESSONS
        course = (lessons / "README.md").read_text(encoding="utf-8")
        needs = course.split("## What each needs")[1].split("## Routes")[0]
        named = set(re.findall(r"\]\(([^/)]+)/README.md\)", needs))
        self.assertEqual(named, {file.parent.name for file in lessons.glob("*/lesson.json")})


if __name__ == "__main__":
    unittest.main()
