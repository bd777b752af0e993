#!/usr/bin/env python3
"""Puts code and numbers into the Markdown pages, between markers, from the real files and results/reference.

A marker is an HTML comment that names what stands between it and the next <!-- /hw -->:

    <!-- hw:code FILE -->                      the file, in a code fence
    <!-- hw:diff FILE FILE -->                 what the second file changes in the first
    <!-- hw:value [LESSON] VARIANT MEASURE --> a number with its unit
    <!-- hw:finding [LESSON] CLAIM -->         the finding as a sentence
    <!-- hw:verdict [LESSON] CLAIM -->         shown, contradicted, too noisy here
    <!-- hw:ratio [LESSON] CLAIM -->           the claim's estimate in words
    <!-- hw:chart [LESSON] CHART -->           the chart of the reference run
    <!-- hw:verdicts [LESSON] -->              table of the lesson's claims
    <!-- hw:numbers [LESSON] MEASURE... -->    table of its variants
    <!-- hw:wall -->                           a chart of every lesson
    <!-- hw:map -->                            table of all lessons
    <!-- hw:claims -->                         table of the tutorial's claims (docs/claims.json)
    <!-- hw:wrong -->                          of these, the wrong ones that the front page shows
    <!-- hw:conditions -->                     machine and date of the reference run

LESSON may be left out on a lesson's own page. Markers inside code fences and code spans are text.
"""

import heapwise_guard  # first: it sees to failures from here on
import argparse
import difflib
import html
import os
import pathlib
import re

import charts
import heapwise_claims
import heapwise_files
import heapwise_results
from charts import common, measures, titles, words

_OPEN = re.compile(r"<!-- hw:([a-z]+)((?: [^\s<>]+)*) -->")
_START = "<!-- hw:"
_CLOSE = "<!-- /hw -->"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LANGUAGES = {".cc": "cpp", ".h": "cpp", ".go": "go", ".py": "python", ".json": "json"}
_INLINE = {"value", "finding", "verdict", "ratio"}


class Problem(Exception):
    """A marker that cannot be filled; the message says why."""


class Pages:
    """Fills markers. Takes the repository's root, so that tests can bring a small one of their own."""

    def __init__(self, root):
        self.root = root
        self._run = None

    def files(self):
        """The pages that may hold markers."""
        return [path for path in [self.root / "README.md", *sorted(self.root.glob("docs/*.md")),
                                  self.root / "lessons" / "README.md",
                                  *sorted(self.root.glob("lessons/*/README.md"))] if path.exists()]

    def fill(self, path):
        """The page's text with every marker filled, and (line, problem) for each that was not."""
        text = path.read_text(encoding="utf-8")
        out, problems, at = [], [], 0
        for start in self._markers(text):
            if start < at:
                continue
            line = text.count("\n", 0, start) + 1
            opening = _OPEN.match(text, start)
            end = text.find(_CLOSE, start)
            next_start = text.find(_START, start + 1)
            try:
                if opening is None:
                    raise Problem(f"malformed marker: {text[start:].splitlines()[0][:60]}")
                if end < 0 or 0 <= next_start < end:
                    raise Problem(f"{opening.group(0)} has no {_CLOSE}")
                kind, arguments = opening.group(1), opening.group(2).split()
                content = self._content(path, kind, arguments)
                content = self._framed(text, opening, end, kind, content)
            except Problem as problem:
                problems.append((line, str(problem)))
                continue
            except Exception as error:  # whatever in the results led to it: the other markers are filled
                problems.append((line, heapwise_guard.in_words(error)))
                continue
            out += [text[at:opening.end()], content]
            at = end
        return "".join(out) + text[at:], problems

    @staticmethod
    def _markers(text):
        """Offsets of the markers that stand in the text, not in code."""
        fence, inside, offset = None, False, 0
        for line in text.splitlines(keepends=True):
            match = _FENCE.match(line)
            if not inside and match:
                if fence is None:
                    fence = match.group(1)
                elif match.group(1).startswith(fence) and not line.strip().strip(fence[0]):
                    fence = None
            for found in re.finditer(f"{_START}|{_CLOSE}", line):
                in_span = line[: found.start()].count("`") % 2 == 1
                if fence is None and not (in_span and not inside):
                    inside = found.group(0) == _START
                    if inside:
                        yield offset + found.start()
            offset += len(line)

    @staticmethod
    def _framed(text, opening, end, kind, content):
        """Tables, code and charts on lines of their own; so does a sentence whose marker begins a line."""
        if kind not in _INLINE:
            return f"\n{content}\n"
        before = text[text.rfind("\n", 0, opening.start()) + 1 : opening.start()]
        if before.strip():
            return content
        rest = text[end + len(_CLOSE):].split("\n", 1)[0]
        if rest.strip():
            raise Problem(f"{opening.group(0)} begins a line of text: Markdown takes the whole line for "
                          "HTML; move a word before it")
        return f"\n{words.sentence(content) if kind == 'finding' else content}\n"

    def _content(self, path, kind, arguments):
        makers = {"code": self._code, "diff": self._diff, "value": self._value, "finding": self._finding,
                  "verdict": self._verdict, "ratio": self._ratio, "chart": self._chart,
                  "verdicts": self._verdicts, "numbers": self._numbers, "wall": self._wall, "map": self._map,
                  "claims": self._claims, "wrong": self._wrong, "conditions": self._conditions}
        if kind not in makers:
            raise Problem(f"hw:{kind} is unknown; known are {', '.join(makers)}")
        return makers[kind](path, arguments)

    def _reference(self):
        if self._run is None:
            self._run = heapwise_results.load_run(self.root / "results" / "reference",
                                                  self.root / "lessons")
        return self._run

    def _lesson(self, path, arguments):
        """The lesson that a marker means, and what is left of its arguments."""
        own = path.parent.name if path.parent.parent == self.root / "lessons" else None
        if arguments and re.match(r"\d\d-", arguments[0]):
            own, arguments = arguments[0], arguments[1:]
        if own is None:
            raise Problem("names no lesson; outside a lesson's page its name comes first")
        for lesson in self._reference().lessons:
            if lesson.name == own:
                if lesson.problems:
                    raise Problem(lesson.problems[0])
                if lesson.results is None:
                    raise Problem(f"{own} has no results in the reference run")
                return lesson, arguments
        raise Problem(f"{own} is not in the reference run")

    def _claim(self, path, arguments):
        lesson, rest = self._lesson(path, arguments)
        claim_id = self._only(rest, "a claim")
        claim = lesson.claim(claim_id)
        if claim is None:
            known = ", ".join(c["claim"] for c in lesson.results["claims"])
            raise Problem(f"{lesson.name} has no claim {claim_id}; has {known}")
        return claim

    @staticmethod
    def _only(arguments, what):
        if len(arguments) != 1:
            raise Problem(f"takes {what}, has {len(arguments)} arguments")
        return arguments[0]

    @staticmethod
    def _none(arguments):
        if arguments:
            raise Problem(f"takes no arguments, has {' '.join(arguments)}")

    @staticmethod
    def _source(path, name):
        """The text of a file beside the page."""
        try:
            return (path.parent / name).read_text(encoding="utf-8").rstrip("\n")
        except OSError:
            raise Problem(f"{name} is missing") from None

    def _code(self, path, arguments):
        name = self._only(arguments, "a file")
        return _fenced(self._source(path, name), _LANGUAGES.get(pathlib.Path(name).suffix, ""))

    def _diff(self, path, arguments):
        if len(arguments) != 2:
            raise Problem(f"takes two files, has {len(arguments)} arguments")
        old, new = (self._source(path, name) for name in arguments)
        # A file that names itself in its namespace changes nothing by that.
        of_old, of_new = (pathlib.Path(name).stem for name in arguments)
        old = re.sub(rf"\bnamespace {re.escape(of_old)}\b", f"namespace {of_new}", old)
        lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), *arguments, n=1, lineterm=""))
        if not lines:
            raise Problem(f"{' and '.join(arguments)} are the same")
        return _fenced("\n".join(lines), "diff")

    def _measured(self, lesson, variant, measure):
        if measure not in lesson.results["measures"]:
            raise Problem(f"{lesson.name} has no measure {measure}; "
                          f"has {', '.join(lesson.results['measures'])}")
        if variant not in lesson.results["summary"]:
            raise Problem(f"{lesson.name} has no variant {variant}; "
                          f"has {', '.join(lesson.results['summary'])}")
        return common.value(lesson, variant, measure)

    def _value(self, path, arguments):
        lesson, rest = self._lesson(path, arguments)
        if len(rest) != 2:
            raise Problem(f"takes a variant and a measure, has {len(rest)} arguments")
        value = self._measured(lesson, *rest)
        if value is None:
            raise Problem(f"{lesson.name} has no {rest[1]} of {rest[0]}")
        return words.human(value.estimate, value.unit)

    def _finding(self, path, arguments):
        return titles.title(self._claim(path, arguments))

    def _verdict(self, path, arguments):
        return self._claim(path, arguments)["verdict"]

    def _ratio(self, path, arguments):
        return self._estimate(self._claim(path, arguments))

    @staticmethod
    def _estimate(claim):
        if claim["unit"] == "ratio":
            return words.times(claim["estimate"])
        return words.human(claim["estimate"], claim["unit"])

    def _picture(self, path, name, alt):
        folder = self.root / "plots" / "reference"
        for file in (f"{name}.svg", f"{name}-dark.svg"):
            if not (folder / file).exists():
                raise Problem(f"plots/reference/{file} is missing")
        base = os.path.relpath(folder, path.parent)
        return ("<picture>\n"
                f'<source media="(prefers-color-scheme: dark)" srcset="{base}/{name}-dark.svg">\n'
                f'<img src="{base}/{name}.svg" alt="{html.escape(alt)}">\n'
                "</picture>")

    def _chart(self, path, arguments):
        lesson, rest = self._lesson(path, arguments)
        chart_id = self._only(rest, "a chart")
        declared = next((c for c in lesson.declared["charts"] if c["id"] == chart_id), None)
        if declared is None:
            known = ", ".join(c["id"] for c in lesson.declared["charts"])
            raise Problem(f"{lesson.name} has no chart {chart_id}; has {known}")
        chart = charts.build(self._reference(), lesson, declared)
        if chart is None:
            raise Problem(f"the reference run has nothing to draw for {lesson.name}-{chart_id}")
        # The blank line ends the HTML, so that what follows the marker is Markdown again.
        return self._picture(path, chart.name, charts.alt_text(chart)) + "\n"

    def _verdicts(self, path, arguments):
        lesson, rest = self._lesson(path, arguments)
        self._none(rest)
        rows = [(claim["says"], f"**{claim['verdict']}**", claim["detail"])
                for claim in lesson.results["claims"]]
        return _table(("claim", "verdict", "measured"), rows)

    @staticmethod
    def _cell(measure, value):
        """A measure of the lesson's own need not be reported by every variant."""
        if value is None:
            return "not measured" if measure in measures.KNOWN else "-"
        return value.in_table()

    def _numbers(self, path, arguments):
        lesson, measures = self._lesson(path, arguments)
        if not measures:
            raise Problem("takes measures, has none")
        rows = []
        for variant in lesson.shown_variants():
            values = [(measure, self._measured(lesson, variant, measure)) for measure in measures]
            # A row without a single number, where the measures are the lesson's own, says nothing.
            cells = [self._cell(measure, value) for measure, value in values]
            if all(cell == "-" for cell in cells):
                continue
            name = lesson.label(variant)
            role = lesson.role(variant)
            rows.append((f"{role}: {name}" if role != "other" else name, *cells))
        return _table(("variant", *(lesson.measure(m)["label"] for m in measures)), rows)

    def _wall(self, path, arguments):
        self._none(arguments)
        cells = []
        for lesson in self._reference().lessons:
            attempts = charts.build_all(self._reference(), lesson)
            problems = lesson.problems + [attempt.problem for attempt in attempts if attempt.problem]
            if problems:
                raise Problem(problems[0])
            drawn = [attempt.chart for attempt in attempts if attempt.chart is not None]
            if drawn:
                link = os.path.relpath(self.root / "lessons" / lesson.name, path.parent)
                alt = charts.alt_text(drawn[0])
                cells.append(f'<td width="50%" valign="top">\n<a href="{link}/README.md">'
                             f"{lesson.name[:2]} {html.escape(lesson.declared['title'])}</a>\n"
                             f"{self._picture(path, drawn[0].name, alt)}\n</td>")
        rows = ["\n".join(["<tr>", *cells[at : at + 2], "</tr>"]) for at in range(0, len(cells), 2)]
        return "\n".join(["<table>", *rows, "</table>", ""])

    def _map(self, path, arguments):
        self._none(arguments)
        rows = []
        for file in sorted(self.root.glob("lessons/*/lesson.json")):
            name = file.parent.name
            declared = heapwise_results.load_declaration(name, self.root / "lessons")
            link = os.path.relpath(file.parent, path.parent)
            rows.append((name[:2], f"[{declared['title']}]({link}/README.md)", declared["pattern"],
                         str(declared["minutes"])))
        return _table(("", "lesson", "pattern of the source", "minutes"), rows)

    def _lesson_link(self, path, lesson):
        return f"[{lesson[:2]}]({os.path.relpath(self.root / 'lessons' / lesson, path.parent)}/README.md)"

    def _claims(self, path, arguments):
        """Every claim of the tutorial in its order, a table for each of its sections."""
        self._none(arguments)
        known = heapwise_claims.load(self.root)
        parts = []
        for title, claims in known.sections:
            rows = []
            for claim in claims:
                here = []
                for lesson, claim_id in claim.verdicts:
                    judged = self._claim(path, [lesson, claim_id])
                    here.append(f"{self._lesson_link(path, lesson)} {judged['verdict']}: {judged['says']} "
                                f"({self._estimate(judged)})")
                rows.append((claim.number, claim.says, "<br>".join(here) or "not measured here", claim.go, claim.why))
            parts.append(f"## {title}\n\n" + _table(("", "the tutorial says", "measured here",
                                                      f"in Go {known.go_version}", "why"), rows))
        return "\n\n".join(parts) + "\n"

    def _wrong(self, path, arguments):
        """The claims that docs/claims.json marks for the front page, with the first finding that speaks of each."""
        self._none(arguments)
        known = heapwise_claims.load(self.root)
        rows = []
        for claim in known.all():
            if claim.front:
                lesson, claim_id = claim.verdicts[0]
                finding = titles.title(self._claim(path, [lesson, claim_id]))
                rows.append((claim.says, f"{finding} {self._lesson_link(path, lesson)}", f"{claim.go}: {claim.why}"))
        return _table(("the tutorial says", "measured here", f"in Go {known.go_version}"), rows)

    def _conditions(self, path, arguments):
        self._none(arguments)
        info = self._reference().info
        build = info["build"]
        return (f"Reference run: {common.conditions(info)}; kernel {info['machine']['kernel']}, "
                f"{build['compiler']} with `{build['flags']}`, bdwgc {build['bdwgc']}, seed {info['seed']}.")


def _fenced(source, language):
    """A Markdown code block."""
    ticks = max((len(run) for run in re.findall("`{3,}", source)), default=2) + 1
    fence = "`" * ticks
    return f"{fence}{language}\n{source}\n{fence}"


def _table(heads, rows):
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |"
                     for line in lines)


def _first_difference(old, new):
    """The first line, from 1, in which two texts differ."""
    olds, news = old.splitlines(), new.splitlines()
    for number, (a, b) in enumerate(zip(olds, news), 1):
        if a != b:
            return number
    return min(len(olds), len(news)) + 1


def main(argv=None):
    parser = argparse.ArgumentParser(prog="docs.py", description=__doc__ or "",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true",
                        help="change nothing; status 1 where a page has drifted")
    parser.add_argument("--root", type=pathlib.Path, default=heapwise_results.ROOT,
                        help="the repository (default: this one)")
    args = parser.parse_args(argv)
    root = args.root.resolve()
    pages = Pages(root)
    status = 0
    for path in pages.files():
        name = path.relative_to(root)
        try:
            old = path.read_text(encoding="utf-8")
            new, problems = pages.fill(path)
            if new != old and not args.check:
                with heapwise_files.whole(path) as part:
                    part.write_text(new, encoding="utf-8")
                print(name)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8"
            heapwise_guard.complain(f"{name}: {reason}")
            status = 1
            continue
        for line, problem in problems:
            heapwise_guard.complain(f"{name}:{line}: {problem}")
            status = 1
        if new != old and args.check:
            heapwise_guard.complain(f"{name}:{_first_difference(old, new)}: has drifted; run make docs")
            status = 1
    return status


if __name__ == "__main__":
    heapwise_guard.run(main)
