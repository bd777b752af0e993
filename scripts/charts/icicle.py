"""The icicle: bytes by function and line, callers above what they call, as wide as their bytes."""

from matplotlib.patches import Rectangle

import charts
from charts import page as page_
from charts import words
from charts.page import MARGIN, WIDTH

_LINE = 17
_PAD = 7
_SITES = 3  # named in words below the picture
_MARK = 20  # a site's number in the list, with its air
_CUT = 6  # a name is cut off where at least so many letters of it fit
_CALM = {"light": "#c8d0da", "dark": "#4a5260"}
_BRIGHT = 0.4  # above this luminance dark letters read better than white ones


def _luminance(colour):
    """Relative luminance, roughly, of "#rrggbb"."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rows(root):
    """The blocks of each depth with the bytes to their left: [(block, left)] a depth, the root's first."""
    rows, level = [], [(root, 0)]
    while level:
        rows.append(level)
        below = []
        for block, left in level:
            for part in block.parts:
                below.append((part, left))
                left += part.bytes
        level = below
    return rows


def _fits(text, width, weight="normal"):
    return page_.text_width(text, page_.LABEL, weight) <= width


def _cut(text, width):
    """The name, or its beginning with dots, or "" where too little fits."""
    if _fits(text, width, "bold"):
        return text
    return next((f"{text[:length]}…" for length in range(len(text) - 1, _CUT - 1, -1)
                 if _fits(f"{text[:length]}…", width, "bold")), "")


def _lines(block, root):
    """What a block would say below its name; of each line the first form that fits."""
    size = words.human(block.bytes, "bytes")
    share = words.human(block.bytes / root.bytes, "fraction")
    return [*([(block.site,)] if block.site else []), (f"{size}, {share}", size)]


def draw(chart, theme):
    """Draws the chart and returns its page."""
    (icicle,) = chart.parts
    root = icicle.root
    inner = WIDTH - 2 * MARGIN
    rows = _rows(root)
    heights = [(max(len(_lines(block, root)) for block, _ in row) if depth else 0) * _LINE + _LINE + 12
               for depth, row in enumerate(rows)]
    named = [page_.wrap(charts.site_words(site, root), inner - _MARK, page_.LABEL)
             for site in icicle.sites[:_SITES]]
    header = page_.wrap(icicle.label, inner, page_.LABEL, "bold")
    body = 8 + len(header) * _LINE + sum(heights) + 12 + sum(map(len, named)) * (_LINE + 2) + 8
    legend = "Callers stand above what they call; a block is as wide as its bytes. 1, 2, 3: the lines with most"
    page = page_.Page(theme, chart, chart.y.label, body, legend_note=legend)

    top = page.top
    for line in header:
        page.text(MARGIN, top + _LINE, line, page_.LABEL, theme.ink, "bold")
        top += _LINE
    top += 8
    axes = page.axes(MARGIN, top, inner, sum(heights))
    axes.set_xlim(0, inner)
    axes.set_ylim(sum(heights), 0)
    axes.set_axis_off()
    y = 0
    for row, height in zip(rows, heights):
        for block, left_bytes in row:
            left, width = left_bytes / root.bytes * inner, block.bytes / root.bytes * inner
            colour = _colour(block, icicle.role, theme)
            axes.add_patch(Rectangle((left, y), width, height, facecolor=colour, edgecolor=theme.paper,
                                     linewidth=min(2, width / 3)))
            if block is root:
                text = f"{root.name}: {words.human(root.bytes, 'bytes')}"
                page.text(MARGIN + _PAD, top + y + _LINE + 3, text, page_.LABEL, theme.ink, "bold")
            else:
                _write(page, block, root, left, top + y, width, colour)
        y += height
    top += y + 12
    for number, site_lines in enumerate(named, 1):
        page.text(MARGIN, top + _LINE, str(number), page_.LABEL, theme.ink, "bold")
        for line in site_lines:
            page.text(MARGIN + _MARK, top + _LINE, line, page_.LABEL, theme.ink)
            top += _LINE + 2
    return page


def _colour(block, role, theme):
    """One strong colour, for the line that allocates most."""
    if block.rank == 1:
        return page_.ROLE_COLOURS[role]
    return _CALM[theme.name] if block.rank else theme.grid


def _write(page, block, root, left, top, width, colour):
    ink = page_.LIGHT.ink if _luminance(colour) > _BRIGHT else "#ffffff"
    room = width - 2 * _PAD
    number = str(block.rank) if 0 < block.rank <= _SITES else ""
    name = _cut(f"{number}  {block.name}".strip(), room)
    if not name:
        if number and _fits(number, width - 4, "bold"):
            page.text(MARGIN + left + width / 2, top + 4 + _LINE, number, page_.LABEL, ink, "bold", "center")
        return
    page.text(MARGIN + left + _PAD, top + 4 + _LINE, name, page_.LABEL, ink, "bold")
    for index, forms in enumerate(_lines(block, root), 2):
        shown = next((form for form in forms if _fits(form, room)), "")
        page.text(MARGIN + left + _PAD, top + 4 + index * _LINE, shown, page_.LABEL, ink)
