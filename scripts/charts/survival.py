"""The survival chart: the share of runs that survived over a setting, each point with its interval."""

from dataclasses import dataclass

from charts import page as page_, words
from charts.common import Axis, Content, Value
from charts.page import MARGIN, WIDTH

_HEIGHT = 240
_COUNTS = 26  # room for the number above a point
_TICKS = 50
_LINE = 16
_BESIDE = 100  # width of a column beside the curve
_SIDE_GAP = 14
_Y_TICKS = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True)
class Share:
    """A point of a survival chart: of `runs`, so many survived."""

    label: str
    role: str
    x: float  # None beside the curve
    survived: int
    runs: int
    value: Value  # the share with its interval


def build(lesson, declared):
    """The Shares: the points over the setting, then those beside the curve."""
    recorded = next((entry["shares"] for entry in lesson.results.get("survival", [])
                     if entry["chart"] == declared["id"]), [])
    shares = {share["variant"]: share for share in recorded}
    points = [*declared["points"], *((None, variant) for variant in declared.get("beside", []))]
    parts = [Share(lesson.label(variant), lesson.role(variant), x, round(share["survived"]), round(share["runs"]),
                   Value(share["estimate"], share["low"], share["high"], "fraction"))
             for x, variant in points if (share := shares.get(variant)) is not None]
    container = lesson.results["context"].get("container")
    return Content(parts, len(points) - len(parts),
                   y=Axis(lesson.measure(declared["measure"])["label"], "fraction", ""),
                   x=Axis(declared["x_label"], declared["x_unit"], ""),
                   notes=[f"Container: {container}"] if container else [])


def alt(chart):
    """A sentence for each point."""
    for share in chart.parts:
        place = share.label if share.x is None else f"{share.label} ({words.human(share.x, chart.x.unit)})"
        yield (f"{place}: {share.survived:,} of {share.runs:,} survived, 95 % interval "
               f"{words.interval(share.value.low, share.value.high, 'fraction')}.")


def _point(axes, x, share, theme):
    axes.plot([x, x], [share.value.low, share.value.high], color=theme.ink, linewidth=1.8, marker="_", markersize=9,
              markeredgewidth=1.8, clip_on=False)
    axes.plot([x], [share.value.estimate], marker="o", markersize=12, color=page_.ROLE_COLOURS[share.role],
              clip_on=False, zorder=3)


def _axes(page, left, width, span, theme, labels):
    axes = page.axes(left, page.top + _COUNTS, width, _HEIGHT)
    axes.set_xlim(*span)
    axes.set_ylim(0, 1)
    axes.set_yticks(_Y_TICKS, [words.human(y, "fraction") for y in _Y_TICKS] if labels else [""] * len(_Y_TICKS))
    axes.grid(axis="y", color=theme.grid, linewidth=1)
    return axes


def draw(chart, theme):
    """Draws the chart and returns its page."""
    curve = sorted((share for share in chart.parts if share.x is not None), key=lambda share: share.x)
    beside = [share for share in chart.parts if share.x is None]
    labels = [page_.wrap(share.label, _BESIDE - 10, page_.TICK) for share in beside]
    below = max([_TICKS, *(12 + len(lines) * _LINE for lines in labels)])
    runs = {share.runs for share in chart.parts}
    of_all = f"the {min(runs):,}" if len(runs) == 1 else "all"
    page = page_.Page(theme, chart, chart.y.label, _COUNTS + _HEIGHT + below,
                      legend_note=f"Above each point: how many of {of_all} runs survived. Vertical lines: Wilson's "
                                  "95 % intervals of the share")
    gutter = page_.text_width("100 %", page_.TICK) + 12
    left = MARGIN + gutter
    side = len(beside) * _BESIDE + (_SIDE_GAP if curve and beside else 0)
    width = WIDTH - MARGIN - left - side

    def count(x, share):
        text = f"{share.survived:,}" + ("" if len(runs) == 1 else f"/{share.runs:,}")
        page.text(x, page.top + 12, text, page_.TICK, theme.ink, "bold", align="center")

    if curve:
        low, high = curve[0].x, curve[-1].x
        margin = (high - low or high) * 0.06
        span = (low - margin, high + margin)
        axes = _axes(page, left, width, span, theme, True)
        axes.set_xlabel(f"{chart.x.label}, {chart.x.unit}" if chart.x.unit else chart.x.label, fontsize=page_.LABEL,
                        color=theme.muted, labelpad=6)
        axes.set_xticks([share.x for share in curve], [words.digits(share.x) for share in curve])  # they stand close
        axes.tick_params(axis="x", pad=10)  # clear of a point at 0
        axes.plot([share.x for share in curve], [share.value.estimate for share in curve], color=theme.muted,
                  linewidth=2.5)
        for share in curve:
            _point(axes, share.x, share, theme)
            count(left + (share.x - span[0]) / (span[1] - span[0]) * width, share)
    for index, (share, lines) in enumerate(zip(beside, labels)):
        column = WIDTH - MARGIN - (len(beside) - index) * _BESIDE
        axes = _axes(page, column, _BESIDE - 8, (0, 2), theme, not curve and index == 0)
        axes.set_xticks([])
        _point(axes, 1, share, theme)
        middle = column + (_BESIDE - 8) / 2
        count(middle, share)
        for number, line in enumerate(lines):
            page.text(middle, page.top + _COUNTS + _HEIGHT + 20 + number * _LINE, line, page_.TICK, theme.ink,
                      align="center")
    return page
