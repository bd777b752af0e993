"""The growth chart: a measure over a size, both axes logarithmic, with the fitted growth in words."""

from dataclasses import dataclass

from charts import common, page as page_, scale, words
from charts.common import Axis, Content
from charts.page import MARGIN, WIDTH

_HEIGHT = 270
_TICKS = 46
_MARKERS = "osD^vP"


@dataclass(frozen=True)
class Curve:
    label: str
    role: str
    words: str
    points: list  # (x, Value)


def build(lesson, declared):
    """The Curves that have two points at least."""
    measure = declared["measure"]
    fits = {fit["label"]: fit["words"] for fit in lesson.results.get("growth", [])
            if fit["chart"] == declared["id"]}
    curves, missing = [], 0
    for series in declared["series"]:
        points = [(x, common.value(lesson, variant, measure)) for x, variant in series["points"]]
        measured = [(x, value) for x, value in points if value is not None]
        missing += len(points) - len(measured)
        if len(measured) >= 2:
            curves.append(Curve(series["label"], series["role"], fits.get(series["label"], ""), measured))
    return Content(curves, missing, y=common.axis(lesson, measure),
                   x=Axis(declared["x_label"], declared["x_unit"], ""))


def alt(chart):
    """A sentence for each curve: its ends."""
    for curve in chart.parts:
        points = ", ".join(f"{value} at {words.human(x, chart.x.unit)}"
                           for x, value in (curve.points[0], curve.points[-1]))
        yield f"{curve.label}: {points}" + (f"; {curve.words}." if curve.words else ".")


def _style(curve, others, theme):
    """Colour and marker: the role's, or for other curves the next free pair."""
    if curve.role != "other":
        return page_.ROLE_COLOURS[curve.role], _MARKERS[0 if curve.role == "slow" else 1], "-"
    place = others.index(curve)
    return (page_.OTHER, theme.muted)[place % 2], _MARKERS[2 + place % 4], ("--", ":")[place // 2 % 2]


def _x_ticks(axes, xs, unit, width):
    """A tick at each measured size, but where its label would touch the one before."""
    to_points = lambda x: axes.transLimits.transform(axes.transScale.transform((x, 1)))[0] * width
    ticks, free_from = [], -width
    for x in xs:
        text = words.human(x, unit)
        half = page_.text_width(text, page_.TICK) / 2
        if to_points(x) - half >= free_from:
            ticks.append((x, text))
            free_from = to_points(x) + half + 12
    return ticks


def draw(chart, theme):
    """Draws the chart and returns its page."""
    others = [curve for curve in chart.parts if curve.role == "other"]
    order = sorted(chart.parts, key=lambda c: ("slow", "fast", "other").index(c.role))
    keys = []
    for curve in order:
        colour, marker, dash = _style(curve, others, theme)
        text = f"{curve.label}: {curve.words}" if curve.words else curve.label
        keys.append(page_.Key(text, {"color": colour, "marker": marker, "linestyle": dash,
                                     "linewidth": 3, "markersize": 9}))

    zeros = sum(value.estimate <= 0 for curve in order for _, value in curve.points)
    legend = "Vertical lines: 95 % intervals. Both axes are logarithmic"
    if zeros:
        legend += f". {zeros} point{'' if zeros == 1 else 's'} at 0 cannot be drawn on them"
    subtitle = chart.y.label + (f" ({chart.y.better})" if chart.y.better else "")
    page = page_.Page(theme, chart, subtitle, _HEIGHT + _TICKS, keys, legend)

    drawn = [(x, v) for curve in order for x, v in curve.points if v.estimate > 0]
    ys = [y for _, v in drawn for y in (v.estimate, v.low, v.high) if y and y > 0]
    xs = sorted({x for x, _ in drawn})
    if not drawn:
        page.text(WIDTH / 2, page.top + _HEIGHT / 2, "every point is 0", page_.LABEL, theme.muted,
                  align="center")
        return page
    low, high = min(ys) / 1.5, max(ys) * 1.5
    y_ticks = scale.log_ticks(low, high, chart.y.unit)
    gutter = max([page_.text_width(t, page_.TICK) for _, t in y_ticks], default=0) + 12
    axes = page.axes(MARGIN + gutter, page.top, WIDTH - 2 * MARGIN - gutter - 12, _HEIGHT)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    spread = (xs[-1] / xs[0]) ** 0.04 if len(xs) > 1 else 2
    axes.set_xlim(xs[0] / spread, xs[-1] * spread)
    x_ticks = _x_ticks(axes, xs, chart.x.unit, WIDTH - 2 * MARGIN - gutter - 12)
    axes.set_xticks([p for p, _ in x_ticks], [t for _, t in x_ticks])
    axes.set_yticks([p for p, _ in y_ticks], [t for _, t in y_ticks])
    axes.minorticks_off()
    axes.grid(color=theme.grid, linewidth=1)
    axes.set_xlabel(chart.x.label, fontsize=page_.LABEL, color=theme.muted, labelpad=6)
    for curve in order:
        colour, marker, dash = _style(curve, others, theme)
        points = [(x, v) for x, v in curve.points if v.estimate > 0]
        for x, value in points:
            if value.low and value.high and value.low > 0:
                axes.plot([x, x], [value.low, value.high], color=theme.ink, linewidth=1.8, marker="_",
                          markersize=7, markeredgewidth=1.8)
        axes.plot([x for x, _ in points], [v.estimate for _, v in points], color=colour, marker=marker,
                  linestyle=dash, linewidth=3, markersize=9, clip_on=False)
    return page
