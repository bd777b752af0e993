"""The waterfall chart: a bar from zero for the first variant, then each step from the former value to its own."""

from dataclasses import dataclass

from charts import common, page as page_, scale, words
from charts.common import Content, Value
from charts.page import MARGIN, WIDTH

_BAND = 42  # one bar's height with its air, in points; more where its label needs it
_BAR = 26
_LINE = 17
_TICKS = 34
_SUM = "after all steps"


@dataclass(frozen=True)
class Step:
    """A variant of a waterfall; `before` is the Value of the one before it, None for the first."""

    label: str
    role: str
    before: Value
    value: Value


def build(lesson, declared):
    """The Steps; none where fewer than two variants were measured."""
    measured = [(variant, value) for variant in declared["variants"]
                if (value := common.value(lesson, variant, declared["measure"])) is not None]
    missing = len(declared["variants"]) - len(measured)
    if len(measured) < 2:
        return Content([], missing)
    befores = [None, *(value for _, value in measured)]
    steps = [Step(lesson.label(variant), lesson.role(variant), before, value)
             for before, (variant, value) in zip(befores, measured)]
    return Content(steps, missing, y=common.axis(lesson, declared["measure"]))


def alt(chart):
    """A sentence for each step."""
    for step in chart.parts:
        yield f"{step.label}: {step.value}."


def _colour(step, better):
    """The first variant as slow; a step that is for the better as fast, one for the worse as slow."""
    rises = step.before is not None and step.value.estimate > step.before.estimate
    if step.before is not None and not better:
        return page_.OTHER
    return page_.SLOW if step.before is None or rises == (better == "less is better") else page_.FAST


def draw(chart, theme):
    """Draws the chart and returns its page."""
    steps = chart.parts
    better = chart.y.better
    limit = max(max(s.value.estimate, s.value.high or 0) for s in steps) * 1.03 or 1
    texts = [words.human(s.value.estimate, s.value.unit) for s in steps]
    inner = WIDTH - 2 * MARGIN
    labels = [page_.wrap(label, 215, page_.LABEL) for label in (*(s.label for s in steps), _SUM)]
    gutter = max(page_.text_width(line, page_.LABEL, "bold") for lines in labels for line in lines) + 14
    value_width = max(page_.text_width(text, page_.LABEL, "bold") for text in texts) + 14
    width = inner - gutter - value_width
    band = max([_BAND, *(len(lines) * _LINE + 8 for lines in labels)])

    subtitle = chart.y.label + (f" ({better})" if better else "")
    legend = ("Each step comes on top of those above it. Bar: from the value before the step to the value after "
              "it, which stands beside it. Line: 95 % interval")
    keys = [page_.Key(name, {"color": colour, "linewidth": 13, "solid_capstyle": "butt"})
            for name, colour in (("the first, and steps for the worse", page_.SLOW),
                                 ("the last, and steps for the better", page_.FAST))] if better else []
    page = page_.Page(theme, chart, subtitle, band * len(labels) + _TICKS, keys, legend)
    axes = page.axes(MARGIN + gutter, page.top, width, band * len(labels))
    axes.set_xlim(0, limit)
    axes.set_ylim(len(labels), 0)
    axes.set_yticks([])
    ticks = scale.linear_ticks(limit, chart.y.unit)
    axes.set_xticks([p for p, _ in ticks], [t for _, t in ticks])
    axes.grid(axis="x", color=theme.grid, linewidth=1)

    for place, step in enumerate(steps):
        start = 0 if step.before is None else step.before.estimate
        _bar(axes, place + 0.5, start, step.value, _BAR / band, _colour(step, better), theme)
        axes.plot([step.value.estimate] * 2, [place + 0.5, place + 1.5], color=theme.muted, linewidth=1, zorder=1)
    last = steps[-1].value
    _bar(axes, len(steps) + 0.5, 0, last, _BAR / band, page_.FAST, theme)

    starts = [0, *(s.before.estimate for s in steps[1:]), 0]
    values = [*(s.value for s in steps), last]
    for place, (lines, start, value, text) in enumerate(zip(labels, starts, values, [*texts, texts[-1]])):
        middle = page.top + (place + 0.5) * band
        for number, line in enumerate(lines):
            shift = (number - (len(lines) - 1) / 2) * _LINE
            weight = "bold" if place in (0, len(steps)) else "normal"
            page.text(MARGIN, middle + 5 + shift, line, page_.LABEL, theme.ink, weight)
        end = max(start, value.estimate, value.high or 0)
        page.text(MARGIN + gutter + end / limit * width + 10, middle + 5, text, page_.LABEL, theme.ink, "bold")
    return page


def _bar(axes, y, start, value, height, colour, theme):
    axes.barh(y, value.estimate - start, left=start, height=height, color=colour, linewidth=0, zorder=2)
    if value.low is not None and value.high is not None and value.high > value.low:
        axes.plot([value.low, value.high], [y, y], color=theme.ink, linewidth=2, marker="|", markersize=13,
                  markeredgewidth=2, solid_capstyle="butt", clip_on=False, zorder=3)
