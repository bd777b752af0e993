"""The loader: what it takes, what it refuses and in which words; the schema, held against docs/FORMAT.md."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest

import jsonschema

import heapwise_results
from heapwise_results import Refused

ROOT = heapwise_results.ROOT
TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"
SCHEMA = json.loads(heapwise_results.SCHEMA.read_text(encoding="utf-8"))


def definition_of(path):
    """Which part of the schema a file has to fit."""
    return path.name if path.name in ("run.json", "verdicts.json", "lesson.json") else "LESSON.json"


class LoadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.run_dir = pathlib.Path(folder.name) / "run"
        self.lessons = pathlib.Path(folder.name) / "lessons"
        shutil.copytree(TESTDATA / "run", self.run_dir)
        shutil.copytree(TESTDATA / "lessons", self.lessons)

    def load(self):
        return heapwise_results.load_run(self.run_dir, self.lessons)

    def change(self, path, **fields):
        value = json.loads(path.read_text(encoding="utf-8"))
        value.update(fields)
        path.write_text(json.dumps(value), encoding="utf-8")

    def refusal(self):
        """The one line that is said of a broken file: of run.json, or of one of a lesson's."""
        try:
            messages = [problem for lesson in self.load().lessons for problem in lesson.problems]
        except Refused as refused:
            messages = [str(refused)]
        self.assertEqual(len(messages), 1, messages)
        self.assertEqual(len(messages[0].splitlines()), 1)
        return messages[0]

    def test_loads_a_run(self):
        run = self.load()
        self.assertEqual([lesson.name for lesson in run.lessons],
                         ["90-made-call", "91-made-heap", "92-made-failure"])
        self.assertIsNone(run.lessons[2].results)
        self.assertEqual(run.lessons[2].failure["reason"], "killed by signal 9 (Killed)")

    def test_what_a_variant_is_and_is_called(self):
        lesson = self.load().lessons[1]
        shown = [(variant, lesson.role(variant), lesson.label(variant)) for variant in lesson.shown_variants()]
        self.assertEqual(shown[:4], [("slow", "slow", "GOGC=50"), ("fast", "fast", "GOGC=200"),
                                     ("control", "control", "fast again"), ("gogc/25", "other", "GOGC=25")])

    def test_only_one_lesson(self):
        run = heapwise_results.load_run(self.run_dir, self.lessons, only="91-made-heap")
        self.assertEqual([lesson.name for lesson in run.lessons], ["91-made-heap"])
        with self.assertRaisesRegex(Refused, "lessons: has no 99; has 90-made-call, "):
            heapwise_results.load_run(self.run_dir, self.lessons, only="99")

    def test_refuses_what_is_no_run(self):
        with self.assertRaisesRegex(Refused, r"nowhere/run.json: the file: is missing"):
            heapwise_results.load_run("nowhere", self.lessons)

    def test_refuses_what_is_no_json(self):
        (self.run_dir / "run.json").write_text('{"format": 1,\n "id" }', encoding="utf-8")
        self.assertRegex(self.refusal(), r"run.json: line 2, column 7: is not JSON: ")

    def test_refuses_another_format(self):
        self.change(self.run_dir / "run.json", format=2)
        self.assertRegex(self.refusal(), r"run.json: format: is 2; must be 1")

    def test_names_the_field_and_the_reason(self):
        path = self.run_dir / "90-made-call.json"
        good = path.read_text(encoding="utf-8")
        for field, value, message in (
                ("summary", [], "summary: is an array; must be an object"),
                ("summary", {"slow": {"time_ns": {"estimate": "1", "low": 1, "high": 1, "min": 1, "max": 1,
                                                  "outliers": 0}}},
                 "summary.slow.time_ns.estimate: is a string; must be a number"),
                ("pair", {"slow": "slow", "fast": "fast"}, "pair.control: is missing"),
                ("claims", [{}], r"claims\[0\].lesson: is missing"),
                ("command", None, "command: is null; must be a string"),
                ("variants", [], r"variants: has 0 elements; must have at least 1"),
                ("measures", {"m": {"label": "", "unit": "", "timing": True}}, "measures.m.label: is empty"),
                ("timelines", {"slow": {"collections": [], "rss": [[1]]}},
                 r"timelines.slow.rss\[0\]: has 1 elements; must have at least 2"),
                ("status", "done", 'status: is "done"; must be "complete" or '),
                ("control", True, "control: is true or false; must be null or an object"),
                ("control", {"trusted": 1}, "control.trusted: is a whole number; must be true or false")):
            with self.subTest(field=field, value=value):
                path.write_text(good, encoding="utf-8")
                self.change(path, **{field: value})
                self.assertRegex(self.refusal(), "90-made-call.json: " + message)

    def test_a_sample_has_to_be_a_number(self):
        path = self.run_dir / "90-made-call.json"
        blocks = json.loads(path.read_text(encoding="utf-8"))["blocks"]
        for value, what in (("1", "a string"), (True, "true or false"), (None, "null"), ([1], "an array")):
            with self.subTest(value=value):
                blocks[1]["samples"]["slow"]["time_ns"] = value
                self.change(path, blocks=blocks)
                self.assertRegex(self.refusal(), rf"90-made-call.json: blocks\[1\].samples.slow.time_ns: is {what}; "
                                 "must be a number$")

    def test_true_is_no_number(self):
        self.change(self.run_dir / "run.json", seed=True)
        self.assertRegex(self.refusal(), "run.json: seed: is true or false; must be a whole number")

    def test_refuses_an_unknown_verdict(self):
        path = self.run_dir / "90-made-call.json"
        claims = json.loads(path.read_text(encoding="utf-8"))["claims"]
        claims[1]["verdict"] = "proven"
        self.change(path, claims=claims)
        self.assertRegex(self.refusal(), r'claims\[1\].verdict: is "proven"; must be "shown" or ')

    def test_refuses_an_unknown_chart(self):
        charts = [{"kind": "pie", "id": "pie", "claim": "value-is-faster"}]
        self.change(self.lessons / "90-made-call" / "lesson.json", charts=charts)
        self.assertRegex(self.refusal(), r'lesson.json: charts\[0\].kind: is "pie"; must be "pair" or ')

    def test_refuses_a_chart_without_its_fields(self):
        charts = [{"kind": "pareto", "id": "p", "claim": "value-is-faster", "x": "time_ns"}]
        self.change(self.lessons / "90-made-call" / "lesson.json", charts=charts)
        self.assertRegex(self.refusal(), r"lesson.json: charts\[0\].y: is missing")

    def test_refuses_a_complete_lesson_without_results(self):
        (self.run_dir / "91-made-heap.json").unlink()
        self.assertRegex(self.refusal(), "91-made-heap.json: the file: is missing$")

    def test_a_number_has_to_be_one(self):
        path = self.run_dir / "90-made-call.json"
        text = path.read_text(encoding="utf-8")
        for number in ("NaN", "-Infinity", "1e999"):
            with self.subTest(number=number):
                path.write_text(text.replace('"estimate": ', f'"estimate": {number}, "was": ', 1), encoding="utf-8")
                self.assertRegex(self.refusal(), f"90-made-call.json: the file: is not JSON: {number} is no number")

    def test_fields_that_it_does_not_know_are_left_alone(self):
        self.change(self.run_dir / "run.json", surprise=1)
        self.change(self.run_dir / "90-made-call.json", surprise=1)
        self.assertEqual([lesson.problems for lesson in self.load().lessons], [[], [], []])

    def test_a_broken_file_costs_its_lesson_only(self):
        path = self.run_dir / "90-made-call.json"
        path.write_bytes(path.read_bytes()[:5000])
        (self.lessons / "92-made-failure" / "lesson.json").unlink()
        broken, whole, undeclared = self.load().lessons
        self.assertIsNone(broken.results)
        self.assertRegex(broken.problems[0], r"90-made-call.json: line \d+, column \d+: is not JSON: ")
        self.assertEqual((whole.problems, whole.results["status"]), ([], "complete"))
        self.assertRegex(undeclared.problems[0], "92-made-failure/lesson.json: the file: is missing$")
        self.assertEqual(undeclared.declared["title"], "92-made-failure")

    def test_a_lesson_that_ended_in_its_first_block_was_not_measured(self):
        self.change(self.run_dir / "90-made-call.json", status="failed", blocks=[], measures={}, summary={}, ratios=[],
                    control=None)
        lesson = self.load().lessons[0]
        self.assertEqual((lesson.results, lesson.problems), (None, []))

    def test_whether_there_were_local_changes_may_be_unknown(self):
        path = self.run_dir / "run.json"
        build = json.loads(path.read_text(encoding="utf-8"))["build"]
        self.change(path, build={**build, "dirty": None})
        self.load()
        del build["dirty"]
        self.change(path, build=build)
        self.load()


class FindRunTest(unittest.TestCase):
    def setUp(self):
        self.results = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("2026-01-02-000000", "2026-01-10-000000", "reference"):
            (self.results / name).mkdir()
            (self.results / name / "run.json").touch()
        (self.results / "2026-02-01-000000").mkdir()  # a run that has not begun to record

    def found(self):
        return heapwise_results.find_run(self.results / "latest").name

    def test_latest_is_the_link(self):
        (self.results / "latest").symlink_to("2026-01-02-000000")
        self.assertEqual(self.found(), "latest")

    def test_where_there_is_no_link_it_is_the_newest_by_name(self):
        self.assertEqual(self.found(), "2026-01-10-000000")
        (self.results / "latest").mkdir()  # a copy of the link, made where there can be none
        self.assertEqual(self.found(), "2026-01-10-000000")
        (self.results / "latest" / "run.json").touch()
        self.assertEqual(self.found(), "2026-01-10-000000")

    def test_a_link_that_leads_nowhere(self):
        (self.results / "latest").symlink_to("2020-01-01-000000")
        self.assertEqual(self.found(), "2026-01-10-000000")

    def test_refuses_what_is_no_run(self):
        for path in (self.results / "nowhere", self.results / "2026-02-01-000000", self.results / "empty" / "latest"):
            with self.assertRaisesRegex(Refused, f"{path.name}: holds no recorded run; make bench records one"):
                heapwise_results.find_run(path)


class SchemaTest(unittest.TestCase):
    def check(self, path):
        value = json.loads(path.read_text(encoding="utf-8"))
        errors = [f"{error.json_path}: {error.message[:200]}"
                  for error in heapwise_results.validator(definition_of(path)).iter_errors(value)]
        self.assertEqual(errors, [], path)

    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_test_data_fits(self):
        files = sorted(TESTDATA.glob("run/*.json")) + sorted(TESTDATA.glob("lessons/*/lesson.json"))
        self.assertGreaterEqual(len(files), 7)
        for path in files:
            with self.subTest(path=path.name):
                self.check(path)

    def test_the_lessons_fit(self):
        for path in sorted(ROOT.glob("lessons/*/lesson.json")):
            with self.subTest(path=str(path.relative_to(ROOT))):
                self.check(path)
                heapwise_results.load_declaration(path.parent.name)

    def test_the_reference_run_fits(self):
        for path in sorted(ROOT.glob("results/reference/*.json")):
            with self.subTest(path=path.name):
                self.check(path)

    def test_refuses_what_it_does_not_know(self):
        run = json.loads((TESTDATA / "run" / "run.json").read_text(encoding="utf-8"))
        for change in ({"surprise": 1}, {"format": 2}, {"mode": "slow"}, {"seed": -1}):
            self.assertFalse(heapwise_results.validator("run.json").is_valid({**run, **change}), change)
        self.assertTrue(heapwise_results.validator("run.json").is_valid({**run, "finished": None}))

    def test_an_environment_needs_a_process_for_each_variant(self):
        path = TESTDATA / "lessons" / "91-made-heap" / "lesson.json"
        lesson = json.loads(path.read_text(encoding="utf-8"))
        for isolation, environment, fits in (("process", {"GC_MARKERS": "1"}, True),
                                             ("process", {"GC_MARKERS": 1}, False),
                                             ("process", {"A=B": "1"}, False),
                                             ("together", {"GC_MARKERS": "1"}, False)):
            lesson["isolation"] = isolation
            lesson["variants"][0]["environment"] = environment
            self.assertEqual(heapwise_results.validator("lesson.json").is_valid(lesson), fits, (isolation, environment))

    def test_the_examples_of_the_format_page_fit(self):
        page = (ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")
        sections = re.findall(r"^## (\S+).*?\n```json\n(.*?)\n```", page, re.S | re.M)
        names = [title.rstrip(":").split("/")[-1] for title, _ in sections]
        self.assertEqual(names, ["lesson.json", "claims.json", "run.json", "LESSON.json"])
        for name, (_, example) in zip(names, sections):
            with self.subTest(name=name):
                errors = [f"{error.json_path}: {error.message[:200]}"
                          for error in heapwise_results.validator(name).iter_errors(json.loads(example))]
                # The page shows one point of a curve; a lesson needs four.
                self.assertEqual([e for e in errors if "charts[1]" not in e], [])

    def test_every_field_of_the_schema_is_on_the_format_page(self):
        page = (ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")
        words = set(re.findall(r"[`\"]([a-z_0-9]+)[`\"]", page))

        def names(node):
            if isinstance(node, dict):
                yield from node.get("properties", {})
                for child in node.values():
                    yield from names(child)
            elif isinstance(node, list):
                for child in node:
                    yield from names(child)

        self.assertEqual(sorted(set(names(SCHEMA)) - words), [])


if __name__ == "__main__":
    unittest.main()
