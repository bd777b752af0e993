"""The charts of a lesson: what lesson.json's `charts` declare, made of the lesson's results.

A chart is plain data; plot.py draws it, report.py and docs.py word it for readers who cannot see it. Variants that a
run did not measure (a quick run leaves some out) are dropped and counted in its notes. A chart that cannot be made
costs itself only.

Each kind of chart is a module here with the name that lesson.json gives as `kind`:

    MEASURES                 the measures that it shows without being told by lesson.json (optional)
    build(lesson, declared)  the Content of the chart that lesson.json declares
    alt(chart)               sentences that say what the picture shows
    draw(chart, theme)       the Page with the picture
"""

import importlib
import pkgutil
from dataclasses import dataclass

import heapwise_guard
import heapwise_matplotlib  # before the kinds, which import matplotlib
from charts import titles, words
from charts.common import Chart, conditions


def _kinds():
    names = [found.name for found in pkgutil.iter_modules(__path__) if not found.name.endswith("_test")]
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "draw")}


KINDS = _kinds()


def measures_of(declared):
    """The measures that a chart of lesson.json shows."""
    own = getattr(KINDS[declared["kind"]], "MEASURES", ())
    return {*own, *(declared[key] for key in ("measure", "x", "y") if key in declared)}


def build(run, lesson, declared):
    """The Chart that lesson.json declares, or None where the run has nothing for it."""
    if lesson.results is None:
        return None
    claim = lesson.claim(declared["claim"])
    if claim is None:
        return None
    content = KINDS[declared["kind"]].build(lesson, declared)
    if not content.parts:
        return None
    left_out = f"{content.missing} of the declared not measured in this {run.info['mode']} run"
    return Chart(name=f"{lesson.name}-{declared['id']}", kind=declared["kind"], title=titles.title(claim),
                 warning=titles.warning(claim), detail=titles.detail(claim, lesson),
                 conditions=f"{conditions(run.info)}  ·  {lesson.results['command']}", run_id=run.info["id"],
                 parts=content.parts, y=content.y, x=content.x, target=content.target,
                 notes=[*content.notes, *([left_out] if content.missing else [])])


@dataclass(frozen=True)
class Attempt:
    """A chart that lesson.json declares: `chart`, or None where there is nothing to draw or, `problem`, it failed."""

    name: str
    chart: Chart
    problem: str = ""


def build_all(run, lesson):
    """An Attempt for each of the lesson's charts, in lesson.json's order."""
    attempts = []
    for declared in lesson.declared["charts"]:
        name = f"{lesson.name}-{declared['id']}"
        try:
            attempts.append(Attempt(name, build(run, lesson, declared)))
        except Exception as error:  # whatever in the results or the profiles led to it
            attempts.append(Attempt(name, None, heapwise_guard.in_words(error)))
    return attempts


def alt_text(chart):
    """The chart for a reader who does not see it: the finding, then the numbers."""
    return " ".join([words.sentence(chart.title), *KINDS[chart.kind].alt(chart)])


def draw(chart, theme):
    """The Page with the chart on it."""
    return KINDS[chart.kind].draw(chart, theme)
