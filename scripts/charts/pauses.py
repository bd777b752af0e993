"""The pauses chart: every collection's longest pause as a dot on one logarithmic axis, a row for each variant."""

import collections
import math
from dataclasses import dataclass

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from charts import common, page as page_, scale, words
from charts.common import Axis, Content, Value
from charts.page import MARGIN, WIDTH
from heapwise_guard import Refused

# The marks of a row by the measures that they show.
MEASURES = {"pause_mean_ns": "mean", "pause_p99_ns": "p99", "pause_max_ns": "max"}

_LINE = 16
_HEADER = 8
_LABELS = 34  # under the dots: lines down to the marks' labels, and the labels
_GAP = 12
_TICKS = 30
_TARGET = 20  # room for the target's label above the first row
_FEW = 20  # dots that get more room
_COLUMN = 2  # dots whose pauses lie within this many points stand above each other


@dataclass(frozen=True)
class Pauses:
    label: str
    role: str
    pauses: list  # the longest of each collection of the last block, in ns
    marks: list  # (name, Value), or none where nothing was collected


def build(lesson, declared):
    """The Pauses of the variants that have a timeline. A run from before pauses were recorded is refused."""
    timelines = lesson.results.get("timelines", {})
    rows = []
    for variant in declared["variants"]:
        values = common.recorded(lesson, declared, variant, MEASURES)
        if values is None or variant not in timelines:
            continue
        collected = timelines[variant]["collections"]
        for index, collection in enumerate(collected):
            if "max_pause_ns" not in collection:
                raise Refused(f"{lesson.file}: timelines.{variant}.collections[{index}].max_pause_ns: is "
                              "missing; a pauses chart needs it, so the lesson has to be measured again")
        marks = [(name, values[measure]) for measure, name in MEASURES.items() if values[measure].estimate > 0]
        rows.append(Pauses(lesson.label(variant), lesson.role(variant),
                           [collection["max_pause_ns"] for collection in collected], marks))
    target = declared.get("target_ns")
    return Content(rows, len(declared["variants"]) - len(rows),
                   y=Axis("longest pause of each collection", "ns", "less is better"),
                   target=None if target is None else Value(target, target, target, "ns"))


def alt(chart):
    """A sentence for each row, and the target."""
    for row in chart.parts:
        marks = ", ".join(f"{name} {words.human(value.estimate, value.unit)}" for name, value in row.marks)
        yield f"{row.label}: {words.collections(len(row.pauses))}" + (f", pauses: {marks}." if marks else ".")
    if chart.target is not None:
        yield f"Target: {chart.target}."


def _span(chart):
    """The ends of the axis: round everything that is drawn, and a decade at least."""
    drawn = [pause for row in chart.parts for pause in row.pauses if pause > 0]
    drawn += [value.estimate for row in chart.parts for _, value in row.marks]
    if chart.target is not None:
        drawn.append(chart.target.estimate)
    if not drawn:
        return 1e5, 1e7
    low, high = min(drawn) / 1.25, max(drawn) * 1.25
    widen = math.sqrt(max(1, 10 / (high / low)))
    return low / widen, high * widen


def _dots(xs, height):
    """Where the dots of a row stand, x along the axis and y down from the row's top, both in points.

    Nothing is drawn by chance. While every column has a free level for each of its dots they are scattered: each
    column begins at another level. Where they crowd, the fullest column is full and the others are as high
    as their share of its dots.
    """
    columns = collections.Counter(round(x / _COLUMN) for x in xs)
    most = max(columns.values(), default=0)
    levels = 1 if len(xs) == 1 else 5 if len(xs) <= _FEW and most <= 5 else int(height / 3.2)
    step = next(s for s in (3, 2, 1) if math.gcd(s, levels) == 1)
    places = []
    for column, count in sorted(columns.items()):
        if most <= levels:
            first = int(column * 0.6180339887 % 1 * levels)  # golden section: never the same twice in a row
            taken = [(first + step * order) % levels for order in range(count)]
        else:
            share = max(1, round(levels * count / most))
            taken = [(levels - share) / 2 + order for order in range(share)]
        places += [(column * _COLUMN, (level + 0.5) * height / levels) for level in taken]
    return places, most > levels


def _merged(marks):
    """The marks with those in one that say the same: "mean, p99 and max 1.2 ms"."""
    texts = {}
    for name, value in marks:
        texts.setdefault(words.human(value.estimate, value.unit), []).append((name, value.estimate))
    for text, same in texts.items():
        names = [name for name, _ in same]
        joined = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
        yield f"{joined} {text}", [estimate for _, estimate in same]


def draw(chart, theme):
    """Draws the chart and returns its page."""
    rows = chart.parts
    inner = WIDTH - 2 * MARGIN
    band = 46 if len(rows) <= 3 else 36
    counts = [words.collections(len(row.pauses)) for row in rows]
    strips = [_LABELS if row.marks else _GAP for row in rows]
    headers = [page_.wrap(row.label, inner - page_.text_width(count, page_.LABEL) - 20, page_.LABEL, "bold")
               for row, count in zip(rows, counts)]
    top_room = _TARGET if chart.target is not None else 0
    body = (top_room + sum(_HEADER + len(header) * _LINE + band + strip
                           for header, strip in zip(headers, strips))
            + (len(rows) - 1) * _GAP + _TICKS)
    low, high = _span(chart)
    place = lambda ns: math.log(ns / low) / math.log(high / low) * inner
    dots = [_dots([place(pause) for pause in row.pauses if pause > 0], band - 10) for row in rows]
    legend = "Dot: a collection of the last block's process"
    if any(crowded for _, crowded in dots):
        legend += "; where they crowd, one for several"
    legend += ". Lines and their numbers: estimates over all blocks. The axis is logarithmic"
    page = page_.Page(theme, chart, f"{chart.y.label} ({chart.y.better})", body, legend_note=legend)
    ticks = [(place(ns), text) for ns, text in scale.log_ticks(low, high, chart.y.unit)]

    top = page.top
    if chart.target is not None:
        _target_label(page, top, place(chart.target.estimate), chart.target, theme)
        top += top_room
    for index, row in enumerate(rows):
        top += _GAP if index else 0
        for number, line in enumerate(headers[index]):
            page.text(MARGIN, top + (number + 1) * _LINE, line, page_.LABEL, theme.ink, "bold")
        page.text(WIDTH - MARGIN, top + _LINE, counts[index], page_.LABEL, theme.ink, align="right")
        top += _HEADER + len(headers[index]) * _LINE
        last = index == len(rows) - 1
        axes = page.axes(MARGIN, top, inner, band + strips[index])
        axes.set_xlim(0, inner)
        axes.set_ylim(band + strips[index], 0)
        axes.set_yticks([])
        axes.set_xticks([x for x, _ in ticks] if last else [], [text for _, text in ticks] if last else [])
        axes.spines["bottom"].set_visible(last)
        axes.vlines([x for x, _ in ticks], 0, band, color=theme.grid, linewidth=1)
        axes.hlines([0, band], 0, inner, color=theme.grid, linewidth=1)
        if chart.target is not None:
            axes.vlines([place(chart.target.estimate)], 0, band, color=page_.LIMIT, linewidth=3,
                        linestyle=(0, (3, 1.5)))
        _row_dots(axes, dots[index][0], row)
        _row_marks(page, axes, top, row, band, place, theme)
        top += band + strips[index]
    return page


def _target_label(page, top, x, target, theme):
    text = f"target {words.human(target.estimate, target.unit)}"
    width = page_.text_width(text, page_.LABEL)
    (left,) = page_.spread([x], [width], WIDTH - 2 * MARGIN)
    page.text(MARGIN + left + width / 2, top + _LINE - 2, text, page_.LABEL, theme.ink, align="center")


def _row_dots(axes, places, row):
    """One path of round-capped strokes keeps the file small."""
    if places:
        vertices = [(x, y + 5 + end) for x, y in places for end in (0, 0.01)]
        path = Path(vertices, [Path.MOVETO, Path.LINETO] * len(places))
        path.should_simplify = False
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=page_.ROLE_COLOURS[row.role],
                                 linewidth=8 if len(row.pauses) <= _FEW else 4.6, capstyle="round",
                                 clip_on=False, snap=False))


def _row_marks(page, axes, top, row, band, place, theme):
    inner = WIDTH - 2 * MARGIN
    marks = sorted(_merged(row.marks), key=lambda mark: mark[1])
    centres = [place(estimates[0]) for _, estimates in marks]
    widths = [page_.text_width(text, page_.LABEL) for text, _ in marks]
    for (text, estimates), left, width in zip(marks, page_.spread(centres, widths, inner), widths):
        middle = left + width / 2
        for estimate in estimates:
            axes.plot([place(estimate)] * 2 + [middle], [-2, band + 3, band + 14], color=theme.ink,
                      linewidth=2.2, solid_joinstyle="round", clip_on=False)
        page.text(MARGIN + middle, top + band + 28, text, page_.LABEL, theme.ink, align="center")
