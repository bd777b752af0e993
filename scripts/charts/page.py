"""The sheet that every chart is drawn on: colours, type sizes, title above, caption below.

Positions are in points from the sheet's top left corner, so that text and axes are laid out by the same
measure in SVG and PNG. Text is measured in DejaVu Sans, which matplotlib brings along and which is wider
than the fonts that a viewer may put in its place: nothing that fits here clips elsewhere.
"""

import functools
import pathlib
from dataclasses import dataclass

import heapwise_matplotlib  # first: it settles how matplotlib starts
import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import LOAD_NO_HINTING

_FAMILIES = ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"]

matplotlib.rcParams.update({
    "font.family": "sans-serif",
    "font.sans-serif": _FAMILIES,
    "svg.fonttype": "none",
    "axes.unicode_minus": False,
})

# Okabe and Ito's colour-blind-safe palette; one meaning, one colour, in every chart.
SLOW = "#D55E00"
FAST = "#0072B2"
CONTROL = "#8C8C8C"
GOAL = "#E69F00"
LIMIT = "#CC79A7"
RSS = "#009E73"
OTHER = "#56B4E9"
ROLE_COLOURS = {"slow": SLOW, "fast": FAST, "control": CONTROL, "other": OTHER}

WIDTH = 720
MARGIN = 26
TITLE, SUBTITLE, LABEL, TICK, DETAIL, CAPTION = 22, 14.5, 14.5, 13.5, 13, 10.5


@dataclass(frozen=True)
class Theme:
    """The colours around the data."""

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    alarm: str


LIGHT = Theme("light", "#ffffff", "#1b1e23", "#5a616c", "#e2e5ea", "#9c2f00")
DARK = Theme("dark", "#15171c", "#eceef2", "#a7aeb9", "#30353e", "#ffb38a")

_FONT_DIR = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
_FONT_FILES = {"normal": str(_FONT_DIR / "DejaVuSans.ttf"), "bold": str(_FONT_DIR / "DejaVuSans-Bold.ttf")}


@functools.cache  # the dark sheet asks for what the light one did
def text_width(text, size, weight="normal"):
    """Width in points, an upper bound for the fonts that viewers use."""
    # Asked for at each call: matplotlib caches open fonts and forgets them in a forked process, which must
    # not share the parent's file position.
    font = font_manager.get_font(_FONT_FILES[weight])
    font.set_size(size, 72)
    font.set_text(text, 0, flags=LOAD_NO_HINTING)
    return font.get_width_height()[0] / 64


def wrap(text, width, size, weight="normal"):
    """The text in lines of at most `width` points; a word wider than a line is broken."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if text_width(longer, size, weight) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while text_width(word, size, weight) > width:
            fits = max(1, next(n for n in range(len(word), 0, -1)
                               if n == 1 or text_width(word[:n], size, weight) <= width))
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return lines + [line] if line else lines


def balanced(text, width, size, weight):
    """As wrap, in as many lines, but of lengths as alike as they can be: no last word stands alone."""
    count = len(wrap(text, width, size, weight))
    narrow, wide = width / max(count, 1), width
    while wide - narrow > 2:
        middle = (narrow + wide) / 2
        if len(wrap(text, middle, size, weight)) > count:
            narrow = middle
        else:
            wide = middle
    return wrap(text, wide, size, weight)


def spread(centres, widths, room, gap=12):
    """Left ends for labels of these widths: near their centres, in their order, side by side in `room`."""
    lefts, free_from = [], 0
    for centre, width in zip(centres, widths):
        lefts.append(max(free_from, centre - width / 2))
        free_from = lefts[-1] + width + gap
    free_to = room
    for index in reversed(range(len(lefts))):
        lefts[index] = min(lefts[index], free_to - widths[index])
        free_to = lefts[index] - gap
    return lefts


@dataclass(frozen=True)
class Key:
    """An entry of the legend: matplotlib's line properties, and the words."""

    words: str
    line: dict


def _key_height(row):
    """Height of a row of the legend: (x, key, lines) of each entry."""
    return 23 + (max(len(lines) for _, _, lines in row) - 1) * TICK * 1.3


class Page:
    """A sheet with a chart's words on it and room for its body, `body_height` points high."""

    def __init__(self, theme, chart, subtitle, body_height, keys=(), legend_note=""):
        self.theme = theme
        inner = WIDTH - 2 * MARGIN
        title = balanced(chart.title, inner, TITLE, "bold")
        warning = wrap(chart.warning, inner, DETAIL, "bold")
        subtitle = wrap(subtitle, inner, SUBTITLE)
        detail = wrap(chart.detail, inner, DETAIL)
        small = wrap("  ".join(n + "." for n in [legend_note, *chart.notes] if n), inner, CAPTION)
        small += wrap(chart.conditions, inner, CAPTION)
        rows = self._flow(keys, inner)

        # Baselines from the top; the same arithmetic gives the height of the sheet.
        y = 18
        y_title, y = y, y + len(title) * TITLE * 1.24
        y_warning, y = y + 5, y + (len(warning) * DETAIL * 1.35 + 7 if warning else 0)
        y_subtitle, y = y + 2, y + 2 + len(subtitle) * SUBTITLE * 1.4
        y_keys, y = y + 2, y + 2 + sum(_key_height(row) for row in rows)
        self.top = y + 6
        self.bottom = self.top + body_height
        y_detail = self.bottom + 14
        y_small = y_detail + len(detail) * DETAIL * 1.38 + 4
        self.height = y_small + len(small) * CAPTION * 1.4 + 12

        self.figure = Figure(figsize=(WIDTH / 72, self.height / 72), facecolor=theme.paper)
        self._lines(title, y_title, TITLE, 1.24, theme.ink, "bold")
        self._lines(warning, y_warning, DETAIL, 1.35, theme.alarm, "bold")
        self._lines(subtitle, y_subtitle, SUBTITLE, 1.4, theme.muted)
        for row in rows:
            for x, key, lines in row:
                self._key(x, y_keys + 15, key, lines)
            y_keys += _key_height(row)
        self._lines(detail, y_detail, DETAIL, 1.38, theme.ink)
        self._lines(small, y_small, CAPTION, 1.4, theme.muted)

    def _lines(self, lines, top, size, spacing, colour, weight="normal"):
        for index, line in enumerate(lines):
            self.text(MARGIN, top + size + index * size * spacing, line, size, colour, weight)

    @staticmethod
    def _flow(keys, inner):
        """Legend entries from left to right, wrapped into rows."""
        rows, x = [], MARGIN
        for key in keys:
            lines = wrap(key.words, inner - 34, TICK)
            width = 34 + max(text_width(line, TICK) for line in lines)
            if not rows or x + width > MARGIN + inner:
                rows.append([])
                x = MARGIN
            rows[-1].append((x, key, lines))
            x += width + 16
        return rows

    def _key(self, x, baseline, key, lines):
        y = self.y(baseline - TICK * 0.34)
        style = dict(key.line)
        xs = [x / WIDTH, (x + 12) / WIDTH, (x + 24) / WIDTH]
        self.figure.add_artist(matplotlib.lines.Line2D(xs, [y] * 3, markevery=[1], **style))
        for index, line in enumerate(lines):
            self.text(x + 32, baseline + index * TICK * 1.3, line, TICK, self.theme.ink)

    def y(self, from_top):
        """Figure coordinate of a distance from the top."""
        return 1 - from_top / self.height

    def text(self, x, baseline, text, size, colour, weight="normal", align="left"):
        """One line of text on the sheet. A dollar sign is a dollar sign, not mathematics."""
        self.figure.text(x / WIDTH, self.y(baseline), text, fontsize=size, color=colour, weight=weight,
                         ha=align, va="baseline", parse_math=False)

    def axes(self, left, top, width, height, **options):
        """Axes in the house style: no box, faint grid, large ticks."""
        theme = self.theme
        axes = self.figure.add_axes([left / WIDTH, self.y(top + height), width / WIDTH,
                                     height / self.height], facecolor="none", **options)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(theme.muted)
        axes.tick_params(which="both", length=0, pad=6, labelsize=TICK, labelcolor=theme.ink)
        axes.set_axisbelow(True)
        return axes
