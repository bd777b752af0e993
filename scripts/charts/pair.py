"""The pair chart: slow above fast, the control beside them, bars from zero, every block as a dot."""

from dataclasses import dataclass

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from charts import common, page as page_, scale, words
from charts.common import Content, Value
from charts.page import MARGIN, WIDTH

_BAND = 36  # one bar's height with its air, in points; more where its label needs it
_BAR = 22
_LINE = 16
_HEADER = 11
_TICKS = 30
_GAP = 12
_BEYOND = 1.5  # a block further than this times the longest bar or interval is drawn at the edge
_APART = 4  # rows whose longest bars differ by more than this get axes of their own


@dataclass(frozen=True)
class Bar:
    role: str
    label: str
    value: Value
    blocks: list


@dataclass(frozen=True)
class Row:
    label: str
    ratio: str
    bars: list


def _ratio(lesson, measure, slow, fast):
    for ratio in lesson.results["ratios"]:
        if (ratio["measure"], ratio["of"], ratio["over"]) == (measure, slow, fast):
            if ratio["estimate"] is None:
                return ""
            return f"slow ÷ fast: {Value(ratio['estimate'], ratio['low'], ratio['high'], 'ratio')}"
    return ""


def build(lesson, declared):
    """The Rows, with the control beside the headline pair."""
    measure = declared["measure"]
    pair = lesson.results["pair"]
    rows = []
    for row in declared["rows"]:
        names = [("slow", row["slow"]), ("fast", row["fast"])]
        if row["fast"] == pair["fast"]:
            names.append(("control", pair["control"]))
        bars = []
        for role, variant in names:
            value = common.value(lesson, variant, measure)
            if value is not None:
                label = "fast again" if role == "control" else lesson.label(variant)
                bars.append(Bar(role, label, value, common.blocks(lesson, variant, measure)))
        if {"slow", "fast"} <= {bar.role for bar in bars}:
            rows.append(Row(row["label"], _ratio(lesson, measure, row["slow"], row["fast"]), bars))
    return Content(rows, len(declared["rows"]) - len(rows), y=common.axis(lesson, measure))


def alt(chart):
    """A sentence for each row."""
    for row in chart.parts:
        bars = ", ".join(f"{bar.role} {bar.value}" for bar in row.bars)
        yield f"{row.label}: {bars}."


def _extent(row):
    """The end of the longest bar or interval of a row."""
    return max(max(bar.value.estimate, bar.value.high or 0) for bar in row.bars)


def _limit(rows):
    """The axis's end: past every bar, interval and block that is not far outside."""
    extent = max(_extent(row) for row in rows)
    blocks = (b for row in rows for bar in row.bars for b in bar.blocks if b <= extent * _BEYOND)
    return max([extent, *blocks]) * 1.03 or 1


def draw(chart, theme):
    """Draws the chart and returns its page."""
    rows = chart.parts
    extents = [_extent(row) for row in rows]
    together = len(rows) == 1 or max(extents) <= _APART * max(min(extents), 1e-12)
    limits = [_limit(rows)] * len(rows) if together else [_limit([row]) for row in rows]

    inner = WIDTH - 2 * MARGIN
    bars = [bar for row in rows for bar in row.bars]
    role_width = max(page_.text_width(bar.role, page_.LABEL, "bold") for bar in bars) + 12
    label_room = min(215, max(page_.text_width(bar.label, page_.TICK) for bar in bars) + 2)
    labels = {bar.label: page_.wrap(bar.label, label_room, page_.TICK) for bar in bars}
    label_width = max(page_.text_width(line, page_.TICK) for lines in labels.values() for line in lines)
    band = max([_BAND, *(len(lines) * _LINE + 8 for lines in labels.values())])
    gutter = role_width + label_width + 14
    value_width = max(page_.text_width(words.human(b.value.estimate, b.value.unit), page_.LABEL, "bold")
                      for b in bars) + 16
    width = inner - gutter - value_width

    headers = [page_.wrap(row.label, inner - page_.text_width(row.ratio, page_.LABEL) - 20, page_.LABEL,
                          "bold") for row in rows]
    heights = []
    for index, row in enumerate(rows):
        ticks = _TICKS if not together or index == len(rows) - 1 else 0
        heights.append(_HEADER + len(headers[index]) * _LINE + band * len(row.bars) + ticks
                       + (_GAP if index else 0))

    beyond = [(b, bar) for row, limit in zip(rows, limits) for bar in row.bars for b in bar.blocks
              if b > limit]
    legend = "Bar: estimate. Line: 95 % interval. Dot: one block (a fresh process)"
    if not together:
        legend += ". Each row has a scale of its own"
    if beyond:
        values = ", ".join(words.human(b, bar.value.unit) for b, bar in beyond[:4])
        more = f" and {len(beyond) - 4} more" if len(beyond) > 4 else ""
        legend += f". An arrow at the edge: a block that lies beyond the axis, at {values}{more}"
    subtitle = chart.y.label + (f" ({chart.y.better})" if chart.y.better else "")
    page = page_.Page(theme, chart, subtitle, sum(heights), legend_note=legend)

    top = page.top
    for index, (row, limit) in enumerate(zip(rows, limits)):
        top += _GAP if index else 0
        for number, line in enumerate(headers[index]):
            page.text(MARGIN, top + (number + 1) * _LINE, line, page_.LABEL, theme.ink, "bold")
        if row.ratio:
            page.text(WIDTH - MARGIN, top + 16, row.ratio, page_.LABEL, theme.ink, align="right")
        top += _HEADER + len(headers[index]) * _LINE
        height = band * len(row.bars)
        axes = page.axes(MARGIN + gutter, top, width, height)
        axes.set_xlim(0, limit)
        axes.set_ylim(len(row.bars), 0)
        axes.set_yticks([])
        ticks = scale.linear_ticks(limit, chart.y.unit)
        last = not together or index == len(rows) - 1
        axes.set_xticks([p for p, _ in ticks], [t if last else "" for _, t in ticks])
        axes.grid(axis="x", color=theme.grid, linewidth=1)
        axes.spines["bottom"].set_visible(last)
        for place, bar in enumerate(row.bars):
            _bar(axes, place + 0.5, bar, limit, _BAR / band, theme)
            middle = top + (place + 0.5) * band
            page.text(MARGIN, middle + 5, bar.role, page_.LABEL, theme.ink, "bold")
            lines = labels[bar.label]
            for number, line in enumerate(lines):
                shift = (number - (len(lines) - 1) / 2) * _LINE
                page.text(MARGIN + role_width, middle + 5 + shift, line, page_.TICK, theme.ink)
            shown = [b for b in bar.blocks if b <= limit]
            end = max([bar.value.estimate, bar.value.high or 0, *shown]) / limit * width
            at_edge = len(shown) < len(bar.blocks)
            page.text(MARGIN + gutter + (width if at_edge else end) + 10, middle + 5,
                      words.human(bar.value.estimate, bar.value.unit), page_.LABEL, theme.ink, "bold")
        top += height + (_TICKS if last else 0)
    return page


def _bar(axes, y, bar, limit, height, theme):
    colour = page_.ROLE_COLOURS[bar.role]
    axes.barh(y, bar.value.estimate, height=height, color=colour, linewidth=0)
    _dots(axes, y, height, [b for b in bar.blocks if b <= limit], theme)
    if any(b > limit for b in bar.blocks):
        axes.plot([limit], [y], marker=">", markersize=8, color=theme.ink, clip_on=False)
    low, high = bar.value.low, bar.value.high
    if low is not None and high is not None and high > low:
        axes.plot([low, high], [y, y], color=theme.ink, linewidth=2, marker="|", markersize=13,
                  markeredgewidth=2, solid_capstyle="butt", clip_on=False)


def _dots(axes, y, bar_height, blocks, theme):
    """Every block as a faint dot. One path of round-capped strokes keeps the file small."""
    vertices, codes = [], []
    for index, block in enumerate(blocks):
        # A fixed pattern of five heights keeps equal blocks apart and the drawing the same each time.
        height = y + ((index * 2) % 5 - 2) * 0.2 * bar_height
        vertices += [(block, height), (block, height + 0.02)]
        codes += [Path.MOVETO, Path.LINETO]
    if vertices:
        path = Path(vertices, codes)
        path.should_simplify = False
        axes.add_patch(PathPatch(path, facecolor="none", edgecolor=theme.ink, alpha=0.4, linewidth=4,
                                 capstyle="round", clip_on=False, snap=False))
