"""Numbers in words: scaled to the unit a person would say, three significant digits.

Units are those of the results files: "ns", "bytes", "ratio", "fraction", "" (a plain number) or any word,
which is shown as it stands. Nothing here computes anything but the scale.
"""

import math
import re

_TIME = ((1, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s"))
_SIZE = ((1, "B"), (1024, "KiB"), (1024**2, "MiB"), (1024**3, "GiB"))
_PERCENT = ((0.01, "%"),)
_SCALED = {"ns": _TIME, "bytes": _SIZE, "B": _SIZE, "fraction": _PERCENT}
_COUNT = ((1, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"))


def _is_words(unit):
    """Whether the unit is spelled out, as "allocations" and "per second" are: not "µs" or "MiB/s"."""
    return unit not in _SCALED and re.fullmatch("[a-z][a-z ]{2,}", unit) is not None


def scale(top, unit):
    """The factor to divide by and the unit to write, for values up to `top`."""
    if unit in _SCALED:
        return _step(_SCALED[unit], abs(top))
    return 1, "" if unit == "ratio" else unit


def axis_scale(top, unit):
    """As scale, for the ticks of an axis: counts get k or M, and leave their noun to the axis's label."""
    if unit not in _SCALED and scale(top, unit)[1] and not _is_words(unit):
        return 1, unit
    return _step(_SCALED.get(unit, _COUNT), abs(top))


def _step(steps, top):
    """The largest step that leaves `top` at 1 or more, after rounding to three digits."""
    chosen = steps[0]
    for step in steps[1:]:
        if top * 1.0005 >= step[0]:
            chosen = step
    return chosen


def digits(value):
    """Three significant digits without zeros at the end: 43.2, 1,240, 0.0031. Whole numbers in full."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{value:,.0f}"
    places = 2 - math.floor(math.log10(abs(value)) + 1e-9)
    text = f"{round(value, places):,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _join(text, unit):
    return f"{text} {unit}".strip()


def human(value, unit):
    """One value with its unit: human(43.2, "ns") is "43.2 ns", human(4194304, "bytes") is "4 MiB"."""
    if value is None:
        return "not measured"
    factor, suffix = scale(value, unit)
    if value == 1 and suffix == unit and _is_words(unit):
        suffix = unit.removesuffix("s")
    return _join(digits(value / factor), suffix)


def table_unit(unit):
    """The unit for the cells of a table, where the column's head already says what is counted."""
    return "" if _is_words(unit) else unit


def interval(low, high, unit):
    """An interval in one unit: "42.8 to 43.9 ns"."""
    if low is None or high is None:
        return "no interval"
    factor, suffix = scale(max(abs(low), abs(high)), unit)
    return _join(f"{digits(low / factor)} to {digits(high / factor)}", suffix)


def times(estimate):
    """A ratio in words, as the runner's findings have it: "22 times", "2.4 times", "0.52 times"."""
    if estimate is None:
        return "not measured"
    if estimate >= 9.95:
        number = f"{round(estimate, 0 if estimate < 1000 else 2 - math.floor(math.log10(estimate))):,.0f}"
    elif estimate >= 1.995:
        number = f"{estimate:.1f}"
    elif estimate >= 0.1:
        number = f"{estimate:.2f}"
    else:
        number = f"{estimate:.2g}"
    return f"{number} times"


def day(instant):
    """The date of an ISO 8601 instant: "2026-11-23T10:15:00Z" is "2026-11-23"."""
    return instant.split("T")[0]


def collections(count):
    """How many they are: "no collections", "1 collection", "2,008 collections"."""
    return f"{count:,} collection{'' if count == 1 else 's'}" if count else "no collections"


def sentence(text):
    """The text with a full stop where it has no end of its own."""
    return text if text.endswith((".", "!", "?")) else text + "."
