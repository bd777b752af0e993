"""What all kinds of charts are made of, and what they read of a lesson's results."""

from dataclasses import dataclass, field

from charts import measures, words
from heapwise_guard import Refused


@dataclass(frozen=True)
class Value:
    """An estimate with its interval; `unit` is that of the measure."""

    estimate: float
    low: float
    high: float
    unit: str

    def __str__(self):
        text = words.human(self.estimate, self.unit)
        if words.human(self.low, self.unit) == words.human(self.high, self.unit):
            return text
        return f"{text} ({words.interval(self.low, self.high, self.unit)})"

    def in_table(self):
        """As str, without the noun that the table's head has."""
        return str(Value(self.estimate, self.low, self.high, words.table_unit(self.unit)))


@dataclass(frozen=True)
class Axis:
    label: str
    unit: str
    better: str  # "less is better", "more is better" or ""


@dataclass(frozen=True)
class Content:
    """What a kind's build() found: without parts there is nothing to draw.

    What the parts are is the kind's own affair; `missing` of those that lesson.json declares were not measured.
    """

    parts: list
    missing: int
    y: Axis = None
    x: Axis = None
    target: Value = None
    notes: list = field(default_factory=list)


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn: its Content with what stands above and below it."""

    name: str
    kind: str
    title: str
    warning: str
    detail: str
    conditions: str
    run_id: str
    parts: list
    y: Axis
    x: Axis
    target: Value
    notes: list


def axis(lesson, measure):
    """The Axis of a measure."""
    known = lesson.measure(measure)
    return Axis(known["label"], known["unit"], measures.better(measure))


def value(lesson, variant, measure):
    """The summary of a variant's measure as a Value, or None where the run has none."""
    summary = lesson.results["summary"].get(variant, {}).get(measure)
    if summary is None or summary["estimate"] is None:
        return None
    return Value(summary["estimate"], summary["low"], summary["high"], lesson.measure(measure)["unit"])


def blocks(lesson, variant, measure):
    """The measure in each block that has it."""
    samples = (block["samples"].get(variant, {}).get(measure) for block in lesson.results["blocks"])
    return [sample for sample in samples if sample is not None]


def recorded(lesson, declared, variant, needed):
    """The Value of each measure that the chart needs, or None where the run did not measure the variant.

    A run from before there were these measures is refused.
    """
    summary = lesson.results["summary"].get(variant)
    if not summary:
        return None
    for measure in sorted(needed):
        if measure not in summary:
            raise Refused(f"{lesson.file}: summary.{variant}.{measure}: is missing; a {declared['kind']} chart "
                          "needs it, so the lesson has to be measured again")
    return {measure: value(lesson, variant, measure) for measure in needed}


def cores(machine):
    return f"{machine['cores']} core{'' if machine['cores'] == 1 else 's'}"


def conditions(info):
    """Machine and date of a run in one line."""
    machine = info["machine"]
    return f"{machine['cpu']}, {cores(machine)}, {words.day(info['started'])}"
