"""Axis ticks: few, round in the unit that a person would say, and labelled with it."""

import math

from charts import words


def linear_ticks(top, unit, most=5):
    """At most `most` round ticks from 0 up to `top`, as (position, label)."""
    if top <= 0:
        return [(0, "0")]
    factor, suffix = words.axis_scale(top, unit)
    rough = top / factor / (most - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    ticks = []
    for index in range(most + 1):
        position = index * step * factor
        if position > top * 1.0001:
            break
        text = words.digits(index * step)
        ticks.append((position, text if index == 0 else f"{text} {suffix}".strip()))
    return ticks


def log_ticks(low, high, unit, most=6):
    """Ticks of a log axis at powers of ten of the unit, or 1, 2, 5 where it spans little; of bytes at powers of two."""
    if unit == "bytes":
        powers = range(math.ceil(math.log2(low) - 1e-9), math.floor(math.log2(high) + 1e-9) + 1)
        every = max(1, math.ceil(len(powers) / most))
        shown = [2.0**p for p in powers if p % every == 0]
        if len(shown) > 1:
            return [(p, _label(p, unit)) for p in shown]
    factor, _ = words.scale(low, unit)
    first = math.floor(math.log10(low / factor) + 1e-9)
    last = math.ceil(math.log10(high / factor) - 1e-9)
    every = max(1, math.ceil((last - first + 1) / most))
    for steps in ((1, 2, 5), (1, 3), (1,)):
        positions = [m * 10.0**p * factor for p in range(first, last + 1, every) for m in steps]
        shown = [p for p in positions if low * 0.999 <= p <= high * 1.001]
        if len(shown) <= most:
            break
    return [(p, _label(p, unit)) for p in shown]


def _label(value, unit):
    factor, suffix = words.axis_scale(value, unit)
    return f"{words.digits(value / factor)} {suffix}".strip()
