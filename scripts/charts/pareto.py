"""The Pareto chart: two measures, a point for each variant, the front as the results give it."""

from dataclasses import dataclass

from charts import common, page as page_, scale
from charts.common import Content, Value
from charts.page import MARGIN, WIDTH

_HEIGHT = 320
_TICKS = 46
_LINE = 17


@dataclass(frozen=True)
class Point:
    label: str
    role: str
    x: Value
    y: Value
    on_front: bool


def build(lesson, declared):
    """The Points of the variants that have both measures."""
    front = next((entry["front"] for entry in lesson.results.get("pareto", [])
                  if entry["chart"] == declared["id"]), [])
    points = []
    for variant in declared["points"]:
        x, y = (common.value(lesson, variant, declared[axis]) for axis in "xy")
        if x is not None and y is not None:
            points.append(Point(lesson.label(variant), lesson.role(variant), x, y, variant in front))
    return Content(points, len(declared["points"]) - len(points), y=common.axis(lesson, declared["y"]),
                   x=common.axis(lesson, declared["x"]))


def alt(chart):
    """A sentence for each point."""
    for point in chart.parts:
        front = ", on the front" if point.on_front else ""
        yield (f"{point.label}: {chart.y.label} {point.y.in_table()}, {chart.x.label} {point.x.in_table()}"
               f"{front}.")


def _top(values):
    return max(max(v.estimate, v.high or 0) for v in values) * 1.1 or 1


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _along(line):
    """Small boxes along a line, for labels to keep clear of."""
    boxes = []
    for (x1, y1), (x2, y2) in zip(line, line[1:]):
        steps = int(max(abs(x2 - x1), abs(y2 - y1)) / 4) + 1
        for step in range(steps + 1):
            x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
            boxes.append((x - 2, y - 2, x + 2, y + 2))
    return boxes


def _place(points, line, width, height):
    """A place for each label that meets no point, no other label and not the front's line.

    `points` are (x, y, the label's lines), in points from the lower left corner of the axes. The first free
    place around a point wins. The answer is (x, first baseline, alignment) for each, or None if a label
    has no such place.
    """
    boxes = [(x - 9, y - 9, x + 9, y + 9) for x, y, _ in points] + _along(line)
    placed = []
    for x, y, lines in points:
        w = max(page_.text_width(line, page_.LABEL) for line in lines)
        h = len(lines) * _LINE
        candidates = [(x + 14, y - h / 2), (x - 14 - w, y - h / 2), (x - w / 2, y + 13),
                      (x - w / 2, y - 13 - h), (x + 11, y + 9), (x + 11, y - 9 - h), (x - 11 - w, y + 9),
                      (x - 11 - w, y - 9 - h)]
        candidates += [(cx, cy + step) for step in (18, -18, 36, -36) for cx, cy in candidates]
        free = [c for c in candidates
                if c[0] >= 0 and c[1] >= 0 and c[0] + w <= width and c[1] + h <= height
                and not any(_overlap((c[0], c[1], c[0] + w, c[1] + h), box) for box in boxes)]
        if not free:
            return None
        left, bottom = free[0]
        boxes.append((left, bottom, left + w, bottom + h))
        # Fonts narrower than the one measured leave the gap on the side away from the point.
        align = "right" if left + w < x else "center" if left < x else "left"
        anchor = {"left": left, "center": left + w / 2, "right": left + w}[align]
        placed.append((anchor, bottom + h - _LINE * 0.78, align))
    return placed


def draw(chart, theme):
    """Draws the chart and returns its page."""
    points = chart.parts
    front = sorted((p for p in points if p.on_front), key=lambda p: p.x.estimate)
    keys = []
    if front:
        keys.append(page_.Key("on the front: no other is better in both",
                              {"color": theme.ink, "marker": "o", "markersize": 10, "linewidth": 2}))
    if len(front) < len(points):
        keys.append(page_.Key("another is better in both",
                              {"color": theme.ink, "marker": "o", "markersize": 10, "linestyle": "none",
                               "markerfacecolor": "none", "markeredgewidth": 2}))
    top_x, top_y = _top([p.x for p in points]), _top([p.y for p in points])
    y_ticks = scale.linear_ticks(top_y, chart.y.unit)
    x_ticks = scale.linear_ticks(top_x, chart.x.unit)
    gutter = max(page_.text_width(t, page_.TICK) for _, t in y_ticks) + 12
    left = MARGIN + gutter
    width = WIDTH - MARGIN - left - 14

    spot = lambda p: (p.x.estimate / top_x * width, p.y.estimate / top_y * _HEIGHT)
    line = [spot(p) for p in front]
    labels = [page_.wrap(p.label, width * 0.3, page_.LABEL) for p in points]
    places = _place([(*spot(p), lines) for p, lines in zip(points, labels)], line, width, _HEIGHT)
    if places is None:
        # The labels do not fit between the points: numbers stand there, and the legend says whose.
        labels = [[str(number)] for number in range(1, len(points) + 1)]
        keys += [page_.Key(f"{number}: {p.label}", {"color": page_.ROLE_COLOURS[p.role], "marker": "o",
                                                    "markersize": 10, "linestyle": "none"})
                 for number, p in enumerate(points, 1)]
        places = _place([(*spot(p), lines) for p, lines in zip(points, labels)], line, width, _HEIGHT) or []

    subtitle = "up: " + chart.y.label + (f" ({chart.y.better})" if chart.y.better else "")
    page = page_.Page(theme, chart, subtitle, _HEIGHT + _TICKS, keys, "Lines through a point: 95 % intervals")
    axes = page.axes(left, page.top, width, _HEIGHT)
    axes.set_xlim(0, top_x)
    axes.set_ylim(0, top_y)
    axes.set_xticks([p for p, _ in x_ticks], [t for _, t in x_ticks])
    axes.set_yticks([p for p, _ in y_ticks], [t for _, t in y_ticks])
    axes.grid(color=theme.grid, linewidth=1)
    x_words = chart.x.label + (f" ({chart.x.better})" if chart.x.better else "")
    axes.set_xlabel(x_words, fontsize=page_.LABEL, color=theme.muted, labelpad=6)
    axes.plot([p.x.estimate for p in front], [p.y.estimate for p in front], color=theme.muted,
              linewidth=2)
    for point in points:
        colour = page_.ROLE_COLOURS[point.role]
        for xs, ys in (((point.x.low, point.x.high), (point.y.estimate,) * 2),
                       ((point.x.estimate,) * 2, (point.y.low, point.y.high))):
            if None not in xs and None not in ys:
                axes.plot(xs, ys, color=theme.ink, linewidth=1.6)
        axes.plot([point.x.estimate], [point.y.estimate], marker="o", markersize=14, color=colour,
                  markerfacecolor=colour if point.on_front else theme.paper, markeredgewidth=3,
                  linestyle="none", zorder=3, clip_on=False)
    for (x, y, align), lines in zip(places, labels):
        for number, line in enumerate(lines):
            page.text(left + x, page.top + _HEIGHT - y + number * _LINE, line, page_.LABEL, theme.ink,
                      align=align)
    return page
