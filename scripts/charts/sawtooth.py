"""The sawtooth: the heap over time, panel under panel on shared axes, with goal, limit, RSS, collections."""

import math
from dataclasses import dataclass

from charts import page as page_, scale, words
from charts.common import Axis, Content
from charts.page import MARGIN, WIDTH

_HEADER = 10
_LINE = 16
_TICKS = 44
_GAP = 14
_MOST = 120  # collections of the busiest panel that can still be told apart
_NS = 1e9
_NO_GOAL = 2**62  # and more: the pacer was off (gc_events.h: goal_bytes)


@dataclass(frozen=True)
class Panel:
    label: str
    role: str
    collections: list
    rss: list
    limit: float


def build(lesson, declared):
    """The Panels of the variants that have a timeline."""
    timelines = lesson.results.get("timelines", {})
    panels = []
    for variant in declared["panels"]:
        timeline = timelines.get(variant)
        if timeline and (timeline["collections"] or timeline["rss"]):
            limits = [c["limit_bytes"] for c in timeline["collections"] if "limit_bytes" in c]
            panels.append(Panel(lesson.label(variant), lesson.role(variant), timeline["collections"],
                                timeline["rss"], limits[-1] if limits else None))
    return Content(panels, len(declared["panels"]) - len(panels), y=Axis("heap", "bytes", ""),
                   x=Axis("time since the start of the process", "ns", ""))


def alt(chart):
    """A sentence for each panel."""
    for panel in chart.parts:
        until = f" in {words.human(panel.collections[-1]['t_s'] * _NS, 'ns')}" if panel.collections else ""
        yield f"{panel.label}: {words.collections(len(panel.collections))}{until}."


def _sawtooth(collections):
    """Corners of the heap's curve: up to what each collection found, straight down to what it left."""
    ts, sizes = [], []
    for c in collections:
        ts += [c["t_s"], c["t_s"]]
        sizes += [c["heap_before_bytes"], c["heap_after_bytes"]]
    return ts, sizes


def _thinned(rss, span, top):
    """The samples that move the line by a visible step, and the last one."""
    kept = rss[:1]
    for sample in rss[1:-1]:
        if sample[0] - kept[-1][0] >= span / 300 or abs(sample[1] - kept[-1][1]) >= top / 100:
            kept.append(sample)
    return kept + rss[-1:] if len(rss) > 1 else kept


def _window(panels):
    """End of the drawn time: all of it, or as far as the busiest panel's collections can be told apart."""
    end = max([c["t_s"] for p in panels for c in p.collections[-1:]]
              + [p.rss[-1][0] for p in panels if p.rss])
    crowded = [p.collections[_MOST]["t_s"] for p in panels if len(p.collections) > _MOST]
    return min([end, *crowded]), end


def draw(chart, theme):
    """Draws the chart and returns its page."""
    panels = chart.parts
    shown, end = _window(panels)
    shown = shown or 1e-9
    sizes = [value for p in panels for c in p.collections if c["t_s"] <= shown
             for value in (c["heap_before_bytes"], c["goal_bytes"]) if value < _NO_GOAL]
    sizes += [bytes_ for p in panels for t, bytes_ in p.rss if t <= shown]
    sizes += [p.limit for p in panels if p.limit]
    top_size = max(sizes) * 1.08

    keys = [page_.Key("heap in use", {"color": theme.ink, "linewidth": 3})]
    if any(c["goal_bytes"] < _NO_GOAL for p in panels for c in p.collections):
        keys.append(page_.Key("goal", {"color": page_.GOAL, "linewidth": 2.5, "linestyle": (0, (3, 1.5))}))
    if any(p.limit for p in panels):
        keys.append(page_.Key("limit", {"color": page_.LIMIT, "linewidth": 3, "linestyle": (0, (1, 1))}))
    if any(p.rss for p in panels):
        keys.append(page_.Key("RSS", {"color": page_.RSS, "linewidth": 2.5}))
    keys.append(page_.Key("collection", {"color": theme.ink, "marker": "|", "markersize": 11,
                                         "markeredgewidth": 1.6, "linestyle": "none"}))
    if any(c["forced"] for p in panels for c in p.collections):
        keys.append(page_.Key("forced", {"color": theme.ink, "marker": "D", "markersize": 7,
                                                    "linestyle": "none"}))
    legend = "The last block's process of each variant; all panels share both axes"
    if shown < end:
        legend += (f". Shown: the first {words.human(shown * _NS, 'ns')} of "
                   f"{words.human(end * _NS, 'ns')}")

    height = {1: 260, 2: 150, 3: 118}.get(len(panels), 96)
    inner = WIDTH - 2 * MARGIN
    counts = [words.collections(len(p.collections)) for p in panels]
    headers = [page_.wrap(p.label, inner - page_.text_width(count, page_.LABEL) - 20, page_.LABEL, "bold")
               for p, count in zip(panels, counts)]
    body = (sum(_HEADER + len(header) * _LINE + height for header in headers)
            + (len(panels) - 1) * _GAP + _TICKS)
    page = page_.Page(theme, chart, "", body, keys, legend)
    y_ticks = scale.linear_ticks(top_size, "bytes", most=4 if len(panels) > 1 else 5)
    x_ticks = scale.linear_ticks(shown * _NS, "ns", most=6)
    gutter = max(page_.text_width(t, page_.TICK) for _, t in y_ticks) + 12
    top = page.top
    for index, panel in enumerate(panels):
        top += _GAP if index else 0
        for number, line in enumerate(headers[index]):
            page.text(MARGIN, top + (number + 1) * _LINE, line, page_.LABEL, theme.ink, "bold")
        page.text(WIDTH - MARGIN, top + _LINE, counts[index], page_.LABEL, theme.ink, align="right")
        top += _HEADER + len(headers[index]) * _LINE
        axes = page.axes(MARGIN + gutter, top, inner - gutter - 14, height)
        axes.set_xlim(0, shown)
        axes.set_ylim(0, top_size)
        last = index == len(panels) - 1
        axes.set_yticks([p for p, _ in y_ticks], [t for _, t in y_ticks])
        axes.set_xticks([p / _NS for p, _ in x_ticks], [t if last else "" for _, t in x_ticks])
        axes.grid(color=theme.grid, linewidth=1)
        _panel(axes, panel, shown, top_size, theme)
        if last:
            axes.set_xlabel(chart.x.label, fontsize=page_.LABEL, color=theme.muted, labelpad=5)
        top += height
    return page


def _panel(axes, panel, shown, top_size, theme):
    colour = page_.ROLE_COLOURS[panel.role]
    collections = [c for c in panel.collections if c["t_s"] <= shown]
    rss = _thinned([sample for sample in panel.rss if sample[0] <= shown], shown, top_size)
    if rss:
        axes.plot([t for t, _ in rss], [b for _, b in rss], color=page_.RSS, linewidth=2.2)
    if panel.limit:
        axes.axhline(panel.limit, color=page_.LIMIT, linewidth=3, linestyle=(0, (1, 1)))
    if not collections:
        return
    ts, sizes = _sawtooth(collections)
    axes.fill_between(ts, sizes, color=colour, alpha=0.22, linewidth=0)
    axes.plot(ts, sizes, color=colour, linewidth=2 if len(collections) > 60 else 2.8,
              solid_joinstyle="round")
    # Each goal stood from the collection before; since when the first one stood is not known.
    starts = [max(0, collections[0]["t_s"] - shown * 0.02), *(c["t_s"] for c in collections)]
    goals = [collections[0]["goal_bytes"], *(c["goal_bytes"] for c in collections)]
    goals = [math.nan if goal >= _NO_GOAL else goal for goal in goals]
    axes.step(starts, goals, where="pre", color=page_.GOAL, linewidth=2.2, linestyle=(0, (3, 1.5)))
    own = [c["t_s"] for c in collections if not c["forced"]]
    forced = [c["t_s"] for c in collections if c["forced"]]
    axes.vlines(own, 0, top_size * 0.06, color=theme.ink, linewidth=1.4)
    axes.plot(forced, [top_size * 0.05] * len(forced), color=theme.ink, marker="D", markersize=7,
              linestyle="none", clip_on=False)
