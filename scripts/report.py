#!/usr/bin/env python3
"""Lays out a run as one HTML file that opens from disk, offline: RUN/report.html.

The charts are those that plot.py drew of this very run; one that is not there is drawn here. The code comes from the
lessons' slow.cc and fast.cc, every number from the results files. What failed stands in its place, with the reason.
"""

import heapwise_guard  # first: it sees to failures from here on
import argparse
import base64
import pathlib

import jinja2
import markupsafe
import pygments
import pygments.formatters
import pygments.lexers

import charts
import heapwise_files
import heapwise_results
import plot
from charts import common, page, titles, words
from heapwise_results import Refused

SCRIPTS = pathlib.Path(__file__).resolve().parent
SYMBOLS = {"shown": "✓", "contradicted": "✗", "too noisy here": "≈", "failed": "!"}
# What the first table of a lesson shows, besides the measures of its claims and charts.
_USUAL = ("time_ns", "allocs_per_op", "bytes_per_op", "collections", "peak_heap_bytes")
_FORMATTER = pygments.formatters.HtmlFormatter(nowrap=True)


def _svg(chart, plots, dark):
    """The chart as SVG: plot.py's where that is of this run, as another run's may be there now, else drawn here."""
    path = plots / f"{chart.name}{'-dark' if dark else ''}.svg"
    try:
        text = path.read_text(encoding="utf-8")
        if f"{plot.run_mark(chart.run_id)}<" in text and text.endswith("</svg>\n"):
            return text
    except (OSError, UnicodeDecodeError):
        pass
    return plot.svg(plot.figure(chart, page.DARK if dark else page.LIGHT), chart).decode()


def _size(svg):
    """Width and height of an SVG in pixels of the page, so that the page does not jump as it loads."""
    head = svg.split("<svg", 1)[1].split(">", 1)[0]
    sizes = {key: float(head.split(f'{key}="', 1)[1].split("pt", 1)[0]) for key in ("width", "height")}
    return {key: round(value * 4 / 3) for key, value in sizes.items()}


def _figure(chart, plots):
    light, dark = _svg(chart, plots, False), _svg(chart, plots, True)
    uri = lambda svg: "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return {"light": uri(light), "dark": uri(dark), "alt": charts.alt_text(chart), **_size(light)}


def _code(lesson, lessons_dir):
    """slow.cc and fast.cc, highlighted."""
    listings = []
    for role in ("slow", "fast"):
        path = lessons_dir / lesson.name / f"{role}.cc"
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8"
            raise Refused(f"{heapwise_results.shown_path(path)}: the file: {reason}") from None
        html = pygments.highlight(source, pygments.lexers.CppLexer(), _FORMATTER)
        listings.append({"role": role, "name": f"lessons/{lesson.name}/{role}.cc",
                         "html": markupsafe.Markup(html)})
    return listings


def _cell(summary, unit):
    """One number of a table: the estimate, its interval where it has a width, its outliers."""
    if summary is None or summary["estimate"] is None:
        return None
    unit = words.table_unit(unit)
    low, high = summary["low"], summary["high"]
    spread = low is not None and high is not None and words.human(low, unit) != words.human(high, unit)
    return {"value": words.human(summary["estimate"], unit),
            "interval": words.interval(low, high, unit) if spread else "",
            "outliers": summary.get("outliers", 0)}


def _table(lesson, measures):
    """Variants down, measures across."""
    rows = []
    for variant in lesson.shown_variants():
        summary = lesson.results["summary"][variant]
        cells = [_cell(summary.get(m), lesson.measure(m)["unit"]) for m in measures]
        rows.append({"role": lesson.role(variant), "label": lesson.label(variant), "cells": cells})
    heads = [lesson.measure(m)["label"] for m in measures]
    return {"heads": heads, "rows": rows} if measures and rows else None


def _tables(lesson):
    """The lesson's main numbers, and all the others."""
    known = sorted(lesson.results["measures"],
                   key=lambda m: _USUAL.index(m) if m in _USUAL else len(_USUAL))
    asked = {claim.get("measure") for claim in lesson.declared["claims"]}
    for chart in lesson.declared["charts"]:
        asked |= charts.measures_of(chart)
    summaries = lesson.results["summary"].values()
    said = [m for m in known if any(s.get(m, {}).get("estimate") for s in summaries)]
    main = [m for m in known if m in asked or (m in _USUAL and m in said)]
    rest = [m for m in said if m not in main]
    return _table(lesson, main), _table(lesson, rest)


def _ratios(lesson):
    rows = []
    for ratio in lesson.results["ratios"]:
        if ratio["estimate"] is None:
            continue
        rows.append({"label": ratio["label"], "measure": lesson.measure(ratio["measure"])["label"],
                     "ratio": _cell(ratio, "ratio"), "control": _cell(ratio.get("control"), "ratio")})
    return rows


def _conditions(info, lesson):
    machine, build = info["machine"], info["build"]
    load = lambda values: ", ".join(f"{v:.2f}" for v in values) if values else "not recorded"
    rows = [
        ("machine", f"{machine['cpu']}, {common.cores(machine)}, "
                    f"{words.human(machine['memory_bytes'], 'bytes')} of memory"),
        ("kernel", machine["kernel"]),
        ("governor", machine["governor"]),
        ("load before", load(info["load_before"])),
        ("load after", load(info["load_after"])),
        ("compiler", f"{build['compiler']}, {build['flags']}"),
        ("libraries", f"Google Benchmark {build['benchmark']}, bdwgc {build['bdwgc']}"),
        ("commit", build["commit"] + (" with local changes" if build.get("dirty") else "")),
        ("seed", str(info["seed"])),
        ("blocks", str(lesson.blocks)),
        ("started", info["started"]),
    ]
    if lesson.results is None:
        return rows
    rows += [(key.replace("_", " "), str(value)) for key, value in lesson.results["context"].items()]
    for variant in lesson.results["variants"]:
        environment = " ".join(f"{name}={value}" for name, value in variant.get("environment", {}).items())
        if environment:
            rows.append((f"environment of {variant['label']}", environment))
    return rows


def _lesson(run, lesson, plots, lessons_dir):
    """One lesson as the template takes it. `problems` says why something of it is not there."""
    problems = list(lesson.problems)

    def attempt(otherwise, make, *arguments):
        """What `make` makes; where it fails, that is one of the problems."""
        try:
            return make(*arguments)
        except Exception as error:  # whatever in the results led to it
            problems.append(heapwise_guard.in_words(error))
            return otherwise

    entry = {"name": lesson.name, "number": lesson.name.split("-")[0], "title": lesson.declared["title"],
             "pattern": lesson.declared["pattern"], "status": lesson.status, "failure": lesson.failure,
             "code": attempt([], _code, lesson, lessons_dir), "conditions": _conditions(run.info, lesson),
             "claims": [], "figures": [], "main": None, "rest": None, "ratios": [], "control": None,
             "command": f"make lesson LESSON={lesson.name}", "problems": problems,
             "measured": lesson.results is not None}
    if lesson.results is None:
        failed = lesson.status == "failed" or lesson.problems
        entry["claims"] = [{"verdict": "failed" if failed else "too noisy here",
                            "title": f"Not measured: {claim['says']}", "says": claim["says"], "detail": "",
                            "remark": "", "untrusted": False} for claim in lesson.declared["claims"]]
        return entry
    entry["claims"] = [{"verdict": claim["verdict"], "title": titles.title(claim),
                        "says": claim["says"], "detail": claim["detail"], "remark": claim["remark"],
                        "untrusted": claim["timing"] and not claim["trusted"]}
                       for claim in lesson.results["claims"]]
    for made in charts.build_all(run, lesson):
        problem, figure = made.problem, None
        if made.chart is not None:
            try:
                figure = _figure(made.chart, plots)
            except Exception as error:  # whatever matplotlib has against these numbers
                problem = heapwise_guard.in_words(error)
        if figure or problem:
            entry["figures"].append(figure or {"name": made.name, "problem": problem})
    entry["main"], entry["rest"] = attempt((None, None), _tables, lesson)
    entry.update(ratios=attempt([], _ratios, lesson), control=lesson.results["control"],
                 command=lesson.results["command"])
    return entry


def _is_whole(entry):
    return entry["status"] != "failed" and not entry["problems"] and all("light" in f for f in entry["figures"])


def render(run, plots, lessons_dir):
    """The report as HTML, and the names of the lessons that failed or of which something is missing in it."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(SCRIPTS), autoescape=True,
                                     undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)
    lessons = [_lesson(run, lesson, plots, lessons_dir) for lesson in run.lessons]
    verdicts = [claim["verdict"] for lesson in lessons for claim in lesson["claims"]]
    counts = [(verdict, verdicts.count(verdict)) for verdict in SYMBOLS if verdict in verdicts]
    gaps = [lesson["name"] for lesson in lessons if not _is_whole(lesson)]
    html = environment.get_template("report.html.j2").render(
        run=run.info, gaps=gaps, lessons=lessons, counts=counts, symbols=SYMBOLS, day=words.day(run.info["started"]),
        conditions=common.conditions(run.info))
    return html, gaps


def main(argv=None):
    parser = argparse.ArgumentParser(prog="report.py", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("run", type=pathlib.Path, help="the run's directory, such as results/latest")
    parser.add_argument("--plots", type=pathlib.Path, default=heapwise_results.ROOT / "plots",
                        help="where plot.py drew this run's charts (default: plots/)")
    parser.add_argument("--lessons", type=pathlib.Path, default=heapwise_results.LESSONS,
                        help="where the lessons are (default: lessons/)")
    args = parser.parse_args(argv)
    run = heapwise_results.load_run(heapwise_results.find_run(args.run), args.lessons)
    html, gaps = render(run, args.plots, args.lessons)
    path = run.path / "report.html"
    try:
        with heapwise_files.whole(path) as part:
            part.write_text(html, encoding="utf-8", errors="replace")
    except OSError as error:
        heapwise_guard.complain(f"report.py: {heapwise_results.shown_path(path)}: cannot be written: {error.strerror}")
        return 1
    if gaps:
        heapwise_guard.complain(f"report.py: failed, or not all there: {', '.join(gaps)}; the report says why")
    print(heapwise_results.shown_path(path))
    return 1 if gaps else 0


if __name__ == "__main__":
    heapwise_guard.run(main)
