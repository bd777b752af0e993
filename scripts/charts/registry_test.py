"""The kinds of charts: found, whole, and the same ones in every place that names them."""

import ast
import json
import re
import unittest

import charts
import heapwise_results

SCRIPTS = heapwise_results.ROOT / "scripts"
SCHEMA = json.loads(heapwise_results.SCHEMA.read_text(encoding="utf-8"))
PAGE = (heapwise_results.ROOT / "docs" / "FORMAT.md").read_text(encoding="utf-8")


class RegistryTest(unittest.TestCase):
    def test_a_kind_is_a_whole_module_with_a_test(self):
        for kind, module in charts.KINDS.items():
            with self.subTest(kind=kind):
                self.assertTrue(all(callable(getattr(module, name, None)) for name in ("build", "alt", "draw")))
                self.assertTrue(module.__doc__)
                self.assertTrue((SCRIPTS / "charts" / f"{kind}_test.py").exists())

    def test_the_schema_and_the_format_page_know_the_same_kinds(self):
        listed = SCHEMA["$defs"]["lesson.json"]["properties"]["charts"]["items"]["oneOf"]
        self.assertEqual({form["$ref"] for form in listed}, {f"#/$defs/{kind} chart" for kind in charts.KINDS})
        for kind in charts.KINDS:
            self.assertEqual(SCHEMA["$defs"][f"{kind} chart"]["properties"]["kind"], {"const": kind})
        (row,) = re.findall(r"^\| `charts\[\]\.kind` \| (.*?)\. ", PAGE, re.M)
        self.assertEqual(set(re.findall(r"`(\w+)`", row)), set(charts.KINDS))

    def test_the_made_up_run_shows_every_kind(self):
        shown = {chart["kind"] for file in SCRIPTS.glob("testdata/lessons/*/lesson.json")
                 for chart in json.loads(file.read_text(encoding="utf-8"))["charts"]}
        self.assertEqual(shown, set(charts.KINDS))

    def test_a_kind_uses_no_other_and_nothing_here_uses_a_program(self):
        allowed = {"heapwise_guard", "heapwise_matplotlib", "pprof_reader"}
        programs = {file.stem for file in SCRIPTS.glob("*.py")} - allowed
        for file in (SCRIPTS / "charts").glob("*.py"):
            if file.stem.endswith("_test"):
                continue
            used = set()
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    used |= {name.name for name in node.names}
                elif isinstance(node, ast.ImportFrom):
                    used |= {node.module, *(name.name for name in node.names)}
            with self.subTest(file=file.name):
                self.assertEqual(used & programs, set())
                self.assertEqual({name.removeprefix("charts.") for name in used} & set(charts.KINDS), set())


if __name__ == "__main__":
    unittest.main()
