"""The icicle: bytes by function and line, callers above what they call, as wide as their bytes."""

from dataclasses import dataclass

from matplotlib.patches import Rectangle

import pprof_reader
from charts import page as page_, words
from charts.common import Axis, Content
from charts.page import MARGIN, WIDTH

_OUTSIDE = "outside the lesson"  # the bytes of stacks that hold nothing of the lesson
_LINE = 17
_PAD = 7
_SITES = 3  # named in words below the picture
_MARK = 20  # a site's number in the list, with its air
_CUT = 6  # a name is cut off where at least so many letters of it fit
_CALM = {"light": "#c8d0da", "dark": "#4a5260"}
_BRIGHT = 0.4  # above this luminance dark letters read better than white ones


@dataclass(frozen=True)
class Block:
    """Bytes of an icicle: a function with those that it called, or a line (`site`) that allocated."""

    name: str
    site: str
    bytes: int
    parts: list  # the Blocks below it, the largest first; what remains is nobody's but its own
    rank: int = 0  # of a site: 1 for the one with most bytes


@dataclass(frozen=True)
class Icicle:
    label: str
    role: str
    root: Block
    sites: list  # the Blocks of the sites, the largest first


def _blocks_of(sums):
    """The tree of Blocks over {(functions, site): bytes}, and the sites in it, the largest first."""
    ranked = sorted(sums, key=lambda path: (-sums[path], path))
    rank = {path: number for number, path in enumerate(ranked, 1)}

    def below(names):
        """The Blocks that hang under the functions `names`."""
        parts = []
        depth = len(names)
        inside = [path for path in sums if path[0][:depth] == names]
        for name in sorted({path[0][depth] for path in inside if len(path[0]) > depth}):
            here = (*names, name)
            of_it = [path for path in inside if path[0][: depth + 1] == here]
            if len(of_it) == 1 and of_it[0][0] == here:
                parts.append(site_block(of_it[0]))
            else:
                parts.append(Block(name, "", sum(sums[path] for path in of_it), below(here)))
        parts += [site_block(path) for path in inside if path[0] == names]
        return sorted(parts, key=lambda part: (-part.bytes, part.name, part.site))

    def site_block(path):
        return Block(path[0][-1] if path[0] else _OUTSIDE, path[1], sums[path], [], rank[path])

    return below(()), [site_block(path) for path in ranked]


def _when(profile):
    """A profile's name as an adverb, as lessons should choose it: "early", "late"."""
    return "at the end" if profile == "end" else profile


def build(lesson, declared):
    """One Icicle, of a profile or of what grew since another, its base."""
    variant, sample, name = declared["variant"], declared["sample"], declared.get("profile", "end")
    base = declared.get("base")
    other = base in {entry["name"] for entry in lesson.declared["variants"]}
    base_of, base_name = (base, "end") if other else (variant, base)
    files = [lesson.profile_file(variant, name)]
    if base is not None:
        files.append(lesson.profile_file(base_of, base_name))
    if None in files:
        return Content([], 1)
    profiles = [pprof_reader.read(file) for file in files]
    sums, *earlier = [pprof_reader.bytes_by_path(profile, sample, lesson.name) for profile in profiles]
    what = "bytes allocated" if sample == "alloc_space" else "bytes in use"
    since = " since the start" if sample == "alloc_space" else f" {_when(name)}"
    # The profile's writer scaled its bytes up: nothing is left to do here.
    notes = ["Every allocation is in the profile" if profiles[0].rate <= 1 else
             f"Sampled: one allocation in {words.human(profiles[0].rate, 'bytes')}, scaled up"]
    label = f"{what}{since}, by the line that allocated"
    if earlier:
        before, after = sum(earlier[0].values()), sum(sums.values())
        change = {path: sums.get(path, 0) - earlier[0].get(path, 0) for path in {*sums, *earlier[0]}}
        sums = {path: value for path, value in change.items() if value > 0}
        shrank = sum(-value for value in change.values() if value < 0)
        if other:
            first, second = f"in {lesson.label(base)}", f"in {lesson.label(variant)}"
            label = f"{what} beyond those {first}, by the line that allocated"
        else:
            first, second = _when(base_name), _when(name)
            label = f"growth of the {what}, from {base_name} to {name}, by the line that allocated"
        notes.append(f"In all {words.human(before, 'bytes')} {first}, {words.human(after, 'bytes')} {second}"
                     + (f"; lines with less, {words.human(shrank, 'bytes')} together, are left out"
                        if shrank else ""))
    sums = {path: value for path, value in sums.items() if value > 0}
    if not sums:
        return Content([], 1)
    parts, sites = _blocks_of(sums)
    root = Block("all growth" if earlier else "all", "", sum(sums.values()), parts)
    return Content([Icicle(lesson.label(variant), lesson.role(variant), root, sites)], 0, y=Axis(label, "bytes", ""),
                   notes=notes)


def _site_words(site, root):
    """A line of an icicle in words: "AddHeader, report.cc:41: 12.3 MiB, 80 %"."""
    place = f"{site.name}, {site.site}" if site.site else site.name
    return (f"{place}: {words.human(site.bytes, 'bytes')}, "
            f"{words.human(site.bytes / root.bytes, 'fraction')}")


def alt(chart):
    """A sentence: the total, and the lines with most."""
    for icicle in chart.parts:
        total = words.human(icicle.root.bytes, "bytes")
        yield (f"{icicle.label}, {chart.y.label}: {total} in all; most at "
               + "; ".join(_site_words(site, icicle.root) for site in icicle.sites[:_SITES]) + ".")


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
    named = [page_.wrap(_site_words(site, root), inner - _MARK, page_.LABEL)
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
