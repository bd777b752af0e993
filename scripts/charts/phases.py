"""The phases chart: what a collection's time goes into, a stacked bar for each variant, from zero."""

from dataclasses import dataclass

import matplotlib

from charts import common, page as page_, scale, words
from charts.common import Axis, Content, Value
from charts.page import MARGIN, WIDTH

# The segments of a bar in the order in which a collection goes through them: name, world stopped.
MEASURES = {"phase_concurrent_mark_ns": ("concurrent mark", False), "phase_stop_ns": ("stop", True),
            "phase_mark_ns": ("mark", True), "phase_restart_ns": ("restart", True), "phase_sweep_ns": ("sweep", False)}

_LINE = 16
_HEADER = 8
_BAR = 34
_LABELS = 32  # under the bar: lines down to the segments' labels, and the labels
_GAP = 14
_TICKS = 30
_SEEN = 0.005  # segments below this share of the axis are named in a line of their own
_STRIPES = "||||"

# None stands for the theme's muted colour. Both kinds of marking have one hue.
_COLOURS = {"concurrent mark": "#8E44C9", "stop": "#D6246E", "mark": "#8E44C9", "restart": "#7A7F00",
            "sweep": None}


@dataclass(frozen=True)
class Phase:
    name: str
    stopped: bool  # whether the world is stopped in it
    value: Value


@dataclass(frozen=True)
class Collection:
    label: str
    role: str
    phases: list  # in their order; those that took no time are left out


def build(lesson, declared):
    """The Collections of the variants. A run from before phases were recorded is refused."""
    rows = []
    for variant in declared["variants"]:
        values = common.recorded(lesson, declared, variant, MEASURES)
        if values is not None:
            phases = [Phase(name, stopped, values[measure]) for measure, (name, stopped) in MEASURES.items()
                      if values[measure].estimate > 0]
            rows.append(Collection(lesson.label(variant), lesson.role(variant), phases))
    return Content(rows, len(declared["variants"]) - len(rows), y=Axis("mean time of a collection's phases", "ns", ""))


def alt(chart):
    """A sentence for each bar."""
    for row in chart.parts:
        spans = [f"{phase.name} {words.human(phase.value.estimate, phase.value.unit)} "
                 f"({'stopped' if phase.stopped else 'running'})" for phase in row.phases]
        yield f"{row.label}: {', '.join(spans) or words.collections(0)}."


def _colour(phase, theme):
    return _COLOURS[phase.name] or theme.muted


def _keys(rows, theme):
    """One entry for each phase that any row has, in the order of the phases."""
    phases = {phase.name: phase for row in rows for phase in row.phases}
    keys = []
    for name in _COLOURS:
        if name in phases:
            line = {"color": _colour(phases[name], theme), "linewidth": 13, "solid_capstyle": "butt"}
            if not phases[name].stopped:
                line.update(linestyle=(0, (0.14, 0.14)), dash_capstyle="butt")
            keys.append(page_.Key(name, line))
    return keys


def _text(phase):
    return f"{phase.name} {words.human(phase.value.estimate, phase.value.unit)}"


def draw(chart, theme):
    """Draws the chart and returns its page."""
    matplotlib.rcParams["hatch.linewidth"] = 2.2
    rows = chart.parts
    inner = WIDTH - 2 * MARGIN
    limit = max(sum(phase.value.estimate for phase in row.phases) for row in rows) * 1.02
    none = words.collections(0)
    headers = [page_.wrap(row.label, inner - page_.text_width(none, page_.LABEL) - 20, page_.LABEL, "bold")
               for row in rows]
    unseen = []
    for row in rows:
        short = [_text(phase) for phase in row.phases if phase.value.estimate < _SEEN * limit]
        unseen.append(page_.wrap("under 0.5 % of the width: " + ", ".join(short), inner, page_.TICK)
                      if short else [])
    heights = [_HEADER + len(header) * _LINE + (_BAR + _LABELS if row.phases else 4) + len(lines) * _LINE
               for row, header, lines in zip(rows, headers, unseen)]
    body = sum(heights) + (len(rows) - 1) * _GAP + _TICKS
    subtitle = f"{chart.y.label}  ·  solid: world stopped, striped: running"
    legend = "Numbers: means over a block's collections, estimated over all blocks"
    if any(phase.name == "concurrent mark" for row in rows for phase in row.phases):
        legend += (". A collection that marks beside the program may stop it more than once: its stops are drawn "
                   "as one")
    page = page_.Page(theme, chart, subtitle, body, _keys(rows, theme), legend)
    ticks = scale.linear_ticks(limit, chart.y.unit, most=6) if limit else []

    top = page.top
    for index, row in enumerate(rows):
        top += _GAP if index else 0
        for number, line in enumerate(headers[index]):
            page.text(MARGIN, top + (number + 1) * _LINE, line, page_.LABEL, theme.ink, "bold")
        if not row.phases:
            page.text(WIDTH - MARGIN, top + _LINE, none, page_.LABEL, theme.ink, align="right")
        axes_top = top + _HEADER + len(headers[index]) * _LINE
        top += heights[index]
        last = index == len(rows) - 1
        axes = page.axes(MARGIN, axes_top, inner, top - axes_top)
        axes.set_xlim(0, limit or 1)
        axes.set_ylim(top - axes_top, 0)
        axes.set_yticks([])
        axes.set_xticks([p for p, _ in ticks] if last else [], [t for _, t in ticks] if last else [])
        axes.spines["bottom"].set_visible(last)
        if row.phases:
            axes.vlines([p for p, _ in ticks], -3, _BAR + 3, color=theme.grid, linewidth=1, clip_on=False,
                        zorder=0)
            _bar(page, axes, axes_top, row, limit, theme)
        for number, line in enumerate(unseen[index]):
            page.text(MARGIN, axes_top + _BAR + _LABELS + number * _LINE + 11, line, page_.TICK, theme.ink)
    return page


def _bar(page, axes, top, row, limit, theme):
    inner = WIDTH - 2 * MARGIN
    left, seen = 0, []
    for phase in row.phases:
        colour, width = _colour(phase, theme), phase.value.estimate
        style = {"facecolor": colour} if phase.stopped else {"facecolor": "none", "hatch": _STRIPES}
        # An edge of the paper's colour would eat a narrow segment.
        axes.barh(_BAR / 2, width, left=left, height=_BAR, edgecolor=colour, linewidth=0, **style)
        if width >= _SEEN * limit:
            seen.append((phase, (left + width / 2) / limit * inner))
        left += width
    widths = [page_.text_width(_text(phase), page_.LABEL) for phase, _ in seen]
    lefts = page_.spread([x for _, x in seen], widths, inner, gap=10)
    for (phase, x), text_left, width in zip(seen, lefts, widths):
        middle = text_left + width / 2
        axes.plot([p / inner * limit for p in (x, x, middle)], [_BAR, _BAR + 4, _BAR + 13],
                  color=_colour(phase, theme), linewidth=2, solid_joinstyle="round", clip_on=False)
        page.text(MARGIN + middle, top + _BAR + 27, _text(phase), page_.LABEL, theme.ink, align="center")
