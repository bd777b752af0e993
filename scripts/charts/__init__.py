"""What a chart says, as plain data: taken from lesson.json's `charts` and a lesson's results.

plot.py draws it, report.py and docs.py word it for readers who cannot see it. Variants that a run did not
measure (a quick run leaves some out) are dropped and counted in `notes`; a chart with nothing left to draw
is None. A chart that cannot be made costs itself only.
"""

from dataclasses import dataclass, field

import heapwise_guard
import heapwise_profile
from charts import words
from heapwise_results import Refused


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


@dataclass(frozen=True)
class Curve:
    label: str
    role: str
    words: str
    points: list  # (x, Value)


@dataclass(frozen=True)
class Panel:
    label: str
    role: str
    collections: list
    rss: list
    limit: float


@dataclass(frozen=True)
class Point:
    label: str
    role: str
    x: Value
    y: Value
    on_front: bool


@dataclass(frozen=True)
class Pauses:
    label: str
    role: str
    pauses: list  # the longest of each collection of the last block, in ns
    marks: list  # (name, Value), or none where nothing was collected


@dataclass(frozen=True)
class Phase:
    name: str
    stopped: bool  # whether the world is stopped in it
    value: Value


@dataclass(frozen=True)
class Collection:
    label: str
    role: str
    phases: list  # in their order; those that took no time are left out


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


@dataclass(frozen=True)
class Step:
    """A variant of a waterfall; `before` is the Value of the one before it, None for the first."""

    label: str
    role: str
    before: Value
    value: Value


@dataclass(frozen=True)
class Share:
    """A point of a survival chart: of `runs`, so many survived."""

    label: str
    role: str
    x: float  # None beside the curve
    survived: int
    runs: int
    value: Value  # the share with its interval


@dataclass(frozen=True)
class Axis:
    label: str
    unit: str
    better: str  # "less is better", "more is better" or ""


@dataclass(frozen=True)
class Chart:
    """A chart ready to be drawn. `parts` are Rows, Curves, Panels, Points, Pauses, Collections, Shares, Steps or one Icicle.

    It is by `kind` which.
    """

    name: str
    kind: str
    title: str
    warning: str
    detail: str
    conditions: str
    run_id: str
    parts: list
    y: Axis
    x: Axis = None
    target: Value = None
    notes: list = field(default_factory=list)


# docs/FORMAT.md's measures: all are costs but the rate. Of a lesson's own measures we do not know.
KNOWN_MEASURES = {
    "time_ns", "cpu_ns", "ops_per_second", "allocs_per_op", "bytes_per_op", "new_allocs_per_op",
    "new_bytes_per_op", "gc_allocs_per_op", "gc_bytes_per_op", "collections", "collections_per_1000_ops",
    "pause_total_ns", "pause_mean_ns", "pause_p50_ns", "pause_p99_ns", "pause_max_ns",
    "phase_concurrent_mark_ns", "phase_stop_ns", "phase_mark_ns", "phase_restart_ns", "phase_sweep_ns",
    "gc_cpu_fraction", "peak_heap_bytes", "live_heap_bytes", "request_p50_ns", "request_p99_ns", "request_p999_ns", "request_max_ns",
    "rss_peak_bytes",
}

# What an icicle calls the bytes of stacks that hold nothing of the lesson.
_OUTSIDE = "outside the lesson"

# The marks of a pauses chart.
_MARKS = {"pause_mean_ns": "mean", "pause_p99_ns": "p99", "pause_max_ns": "max"}

# The segments of a phases chart in the order in which a collection goes through them: name, world stopped.
_PHASES = {"phase_concurrent_mark_ns": ("concurrent mark", False), "phase_stop_ns": ("stop", True),
           "phase_mark_ns": ("mark", True), "phase_restart_ns": ("restart", True),
           "phase_sweep_ns": ("sweep", False)}


def _axis(lesson, measure):
    known = lesson.measure(measure)
    better = "more is better" if measure == "ops_per_second" else "less is better"
    return Axis(known["label"], known["unit"], better if measure in KNOWN_MEASURES else "")


def _value(lesson, variant, measure):
    """The summary of a variant's measure, or None where the run has none."""
    summary = lesson.results["summary"].get(variant, {}).get(measure)
    if summary is None or summary["estimate"] is None:
        return None
    return Value(summary["estimate"], summary["low"], summary["high"], lesson.measure(measure)["unit"])


def _blocks(lesson, variant, measure):
    samples = (block["samples"].get(variant, {}).get(measure) for block in lesson.results["blocks"])
    return [sample for sample in samples if sample is not None]


def _ratio(lesson, measure, slow, fast):
    for ratio in lesson.results["ratios"]:
        if (ratio["measure"], ratio["of"], ratio["over"]) == (measure, slow, fast):
            if ratio["estimate"] is None:
                return ""
            return f"slow ÷ fast: {Value(ratio['estimate'], ratio['low'], ratio['high'], 'ratio')}"
    return ""


def _pair(lesson, chart):
    measure = chart["measure"]
    pair = lesson.results["pair"]
    rows = []
    for row in chart["rows"]:
        names = [("slow", row["slow"]), ("fast", row["fast"])]
        if row["fast"] == pair["fast"]:
            names.append(("control", pair["control"]))
        bars = []
        for role, variant in names:
            value = _value(lesson, variant, measure)
            if value is not None:
                label = "fast again" if role == "control" else lesson.label(variant)
                bars.append(Bar(role, label, value, _blocks(lesson, variant, measure)))
        if {"slow", "fast"} <= {bar.role for bar in bars}:
            rows.append(Row(row["label"], _ratio(lesson, measure, row["slow"], row["fast"]), bars))
    return rows, len(chart["rows"]) - len(rows), {"y": _axis(lesson, measure)}


def _growth(lesson, chart):
    measure = chart["measure"]
    fits = {fit["label"]: fit["words"] for fit in lesson.results.get("growth", [])
            if fit["chart"] == chart["id"]}
    curves, missing = [], 0
    for series in chart["series"]:
        points = [(x, _value(lesson, variant, measure)) for x, variant in series["points"]]
        measured = [(x, value) for x, value in points if value is not None]
        missing += len(points) - len(measured)
        if len(measured) >= 2:
            curves.append(Curve(series["label"], series["role"], fits.get(series["label"], ""), measured))
    return curves, missing, {"y": _axis(lesson, measure), "x": Axis(chart["x_label"], chart["x_unit"], "")}


def _sawtooth(lesson, chart):
    timelines = lesson.results.get("timelines", {})
    panels = []
    for variant in chart["panels"]:
        timeline = timelines.get(variant)
        if timeline and (timeline["collections"] or timeline["rss"]):
            limits = [c["limit_bytes"] for c in timeline["collections"] if "limit_bytes" in c]
            panels.append(Panel(lesson.label(variant), lesson.role(variant), timeline["collections"],
                                timeline["rss"], limits[-1] if limits else None))
    axes = {"y": Axis("heap", "bytes", ""), "x": Axis("time since the start of the process", "ns", "")}
    return panels, len(chart["panels"]) - len(panels), axes


def _pareto(lesson, chart):
    front = next((entry["front"] for entry in lesson.results.get("pareto", [])
                  if entry["chart"] == chart["id"]), [])
    points = []
    for variant in chart["points"]:
        x, y = _value(lesson, variant, chart["x"]), _value(lesson, variant, chart["y"])
        if x is not None and y is not None:
            points.append(Point(lesson.label(variant), lesson.role(variant), x, y, variant in front))
    axes = {"x": _axis(lesson, chart["x"]), "y": _axis(lesson, chart["y"])}
    return points, len(chart["points"]) - len(points), axes


def measures_of(chart):
    """The measures that a chart of lesson.json shows."""
    own = {"pauses": _MARKS, "phases": _PHASES}.get(chart["kind"], ())
    return {*own, *(chart[key] for key in ("measure", "x", "y") if key in chart)}


def _recorded(lesson, chart, variant):
    """The Value of each measure that the chart shows, or None where the run did not measure the variant.

    A run from before there were these measures is refused.
    """
    summary = lesson.results["summary"].get(variant)
    if not summary:
        return None
    for measure in sorted(measures_of(chart)):
        if measure not in summary:
            raise Refused(f"{lesson.file}: summary.{variant}.{measure}: is missing; a {chart['kind']} chart "
                          "needs it, so the lesson has to be measured again")
    return {measure: _value(lesson, variant, measure) for measure in measures_of(chart)}


def _pauses(lesson, chart):
    timelines = lesson.results.get("timelines", {})
    rows = []
    for variant in chart["variants"]:
        values = _recorded(lesson, chart, variant)
        if values is None or variant not in timelines:
            continue
        collections = timelines[variant]["collections"]
        for index, collection in enumerate(collections):
            if "max_pause_ns" not in collection:
                raise Refused(f"{lesson.file}: timelines.{variant}.collections[{index}].max_pause_ns: is "
                              "missing; a pauses chart needs it, so the lesson has to be measured again")
        marks = [(name, values[measure]) for measure, name in _MARKS.items() if values[measure].estimate > 0]
        rows.append(Pauses(lesson.label(variant), lesson.role(variant),
                           [collection["max_pause_ns"] for collection in collections], marks))
    target = chart.get("target_ns")
    extras = {"y": Axis("longest pause of each collection", "ns", "less is better"),
              "target": None if target is None else Value(target, target, target, "ns")}
    return rows, len(chart["variants"]) - len(rows), extras


def _phases(lesson, chart):
    rows = []
    for variant in chart["variants"]:
        values = _recorded(lesson, chart, variant)
        if values is not None:
            phases = [Phase(name, stopped, values[measure]) for measure, (name, stopped) in _PHASES.items()
                      if values[measure].estimate > 0]
            rows.append(Collection(lesson.label(variant), lesson.role(variant), phases))
    axes = {"y": Axis("mean time of a collection's phases", "ns", "")}
    return rows, len(chart["variants"]) - len(rows), axes


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


def _icicle(lesson, chart):
    variant, sample, name = chart["variant"], chart["sample"], chart.get("profile", "end")
    base = chart.get("base")
    other = base in {entry["name"] for entry in lesson.declared["variants"]}
    base_of, base_name = (base, "end") if other else (variant, base)
    files = [lesson.profile_file(variant, name)]
    if base is not None:
        files.append(lesson.profile_file(base_of, base_name))
    if None in files:
        return [], 1, {"y": None}
    profiles = [heapwise_profile.read(file) for file in files]
    sums, *earlier = [heapwise_profile.bytes_by_path(profile, sample, lesson.name) for profile in profiles]
    what = "bytes allocated" if sample == "alloc_space" else "bytes in use"
    since = " since the start" if sample == "alloc_space" else f" {_when(name)}"
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
        return [], 1, {"y": None}
    parts, sites = _blocks_of(sums)
    root = Block("all growth" if earlier else "all", "", sum(sums.values()), parts)
    return [Icicle(lesson.label(variant), lesson.role(variant), root, sites)], 0, {
        "y": Axis(label, "bytes", ""), "extra_notes": notes}


def _waterfall(lesson, chart):
    measured = [(variant, value) for variant in chart["variants"]
                if (value := _value(lesson, variant, chart["measure"])) is not None]
    missing = len(chart["variants"]) - len(measured)
    if len(measured) < 2:
        return [], missing, {"y": None}
    befores = [None, *(value for _, value in measured)]
    steps = [Step(lesson.label(variant), lesson.role(variant), before, value)
             for before, (variant, value) in zip(befores, measured)]
    return steps, missing, {"y": _axis(lesson, chart["measure"])}


def _survival(lesson, chart):
    recorded = next((entry["shares"] for entry in lesson.results.get("survival", [])
                     if entry["chart"] == chart["id"]), [])
    shares = {share["variant"]: share for share in recorded}
    declared = [*chart["points"], *((None, variant) for variant in chart.get("beside", []))]
    parts = [Share(lesson.label(variant), lesson.role(variant), x, round(share["survived"]), round(share["runs"]),
                   Value(share["estimate"], share["low"], share["high"], "fraction"))
             for x, variant in declared if (share := shares.get(variant)) is not None]
    container = lesson.results["context"].get("container")
    notes = [f"Container: {container}"] if container else []
    axes = {"y": Axis(lesson.measure(chart["measure"])["label"], "fraction", ""),
            "x": Axis(chart["x_label"], chart["x_unit"], ""), "extra_notes": notes}
    return parts, len(declared) - len(parts), axes


_BUILDERS = {"pair": _pair, "growth": _growth, "sawtooth": _sawtooth, "pareto": _pareto, "pauses": _pauses,
             "phases": _phases, "icicle": _icicle, "survival": _survival, "waterfall": _waterfall}


def title_of(claim):
    """The finding as a chart's or a section's title; where it was too noisy, the title says so."""
    if claim["verdict"] == "too noisy here" and "too noisy" not in claim["finding"].lower():
        return f"Too noisy here: {claim['finding']}"
    return claim["finding"]


def cores(machine):
    return f"{machine['cores']} core{'' if machine['cores'] == 1 else 's'}"


def conditions(info):
    """Machine and date in one line."""
    machine = info["machine"]
    return f"{machine['cpu']}, {cores(machine)}, {words.day(info['started'])}"


def build(run, lesson, chart):
    """The Chart that `chart` of lesson.json declares, or None where the run has nothing for it."""
    if lesson.results is None:
        return None
    claim = lesson.claim(chart["claim"])
    if claim is None:
        return None
    parts, missing, axes = _BUILDERS[chart["kind"]](lesson, chart)
    if not parts:
        return None
    control = lesson.results["control"]
    warning = ""
    if claim["timing"] and not claim["trusted"]:
        warning = "Untrusted: the control, the fast variant run twice, differs from itself here."
    detail = [claim["detail"]]
    if claim["timing"] and control is not None:
        detail.append(control["words"])
    if lesson.status != "complete":
        detail.append(f"The lesson's run is {lesson.status}: {lesson.blocks} blocks.")
    notes = axes.pop("extra_notes", [])
    notes += [f"{missing} of the declared not measured in this {run.info['mode']} run"] if missing else []
    return Chart(name=f"{lesson.name}-{chart['id']}", kind=chart["kind"], title=title_of(claim),
                 warning=warning, detail=" ".join(sentence(d) for d in detail if d),
                 conditions=f"{conditions(run.info)}  ·  {lesson.results['command']}",
                 run_id=run.info["id"], parts=parts, notes=notes, **axes)


def sentence(text):
    """The text with a full stop where it has no end of its own."""
    return text if text.endswith((".", "!", "?")) else text + "."


@dataclass(frozen=True)
class Attempt:
    """A chart that lesson.json declares: `chart`, or None where there is nothing to draw or, `problem`, it failed."""

    name: str
    chart: Chart
    problem: str = ""


def build_all(run, lesson):
    """An Attempt for each of the lesson's charts, in lesson.json's order."""
    attempts = []
    for declared in lesson.declared["charts"]:
        name = f"{lesson.name}-{declared['id']}"
        try:
            attempts.append(Attempt(name, build(run, lesson, declared)))
        except Exception as error:  # whatever in the results or the profiles led to it
            attempts.append(Attempt(name, None, heapwise_guard.in_words(error)))
    return attempts


def collections(items):
    """How many they are: "no collections", "1 collection", "2,008 collections"."""
    count = len(items)
    return f"{count:,} collection{'' if count == 1 else 's'}" if count else "no collections"


def site_words(site, root):
    """A line of an icicle in words: "AddHeader, report.cc:41: 12.3 MiB, 80 %"."""
    place = f"{site.name}, {site.site}" if site.site else site.name
    return (f"{place}: {words.human(site.bytes, 'bytes')}, "
            f"{words.human(site.bytes / root.bytes, 'fraction')}")


def alt_text(chart):
    """The chart for a reader who does not see it: the finding, then the numbers."""
    texts = [sentence(chart.title)]
    for part in chart.parts:
        if chart.kind == "pair":
            bars = ", ".join(f"{bar.role} {bar.value}" for bar in part.bars)
            texts.append(f"{part.label}: {bars}.")
        elif chart.kind == "growth":
            points = ", ".join(f"{value} at {words.human(x, chart.x.unit)}"
                               for x, value in (part.points[0], part.points[-1]))
            texts.append(f"{part.label}: {points}" + (f"; {part.words}." if part.words else "."))
        elif chart.kind == "sawtooth":
            texts.append(f"{part.label}: {collections(part.collections)}"
                         + (f" in {words.human(part.collections[-1]['t_s'] * 1e9, 'ns')}."
                            if part.collections else "."))
        elif chart.kind == "pauses":
            marks = ", ".join(f"{name} {words.human(value.estimate, value.unit)}"
                              for name, value in part.marks)
            texts.append(f"{part.label}: {collections(part.pauses)}" + (f", pauses: {marks}." if marks else "."))
        elif chart.kind == "phases":
            spans = [f"{phase.name} {words.human(phase.value.estimate, phase.value.unit)} "
                     f"({'stopped' if phase.stopped else 'running'})" for phase in part.phases]
            texts.append(f"{part.label}: {', '.join(spans) or 'no collections'}.")
        elif chart.kind == "waterfall":
            texts.append(f"{part.label}: {part.value}.")
        elif chart.kind == "icicle":
            total = words.human(part.root.bytes, "bytes")
            texts.append(f"{part.label}, {chart.y.label}: {total} in all; most at "
                         + "; ".join(site_words(site, part.root) for site in part.sites[:3]) + ".")
        elif chart.kind == "survival":
            place = part.label if part.x is None else f"{part.label} ({words.human(part.x, chart.x.unit)})"
            texts.append(f"{place}: {part.survived:,} of {part.runs:,} survived, 95 % interval "
                         f"{words.interval(part.value.low, part.value.high, 'fraction')}.")
        else:
            front = ", on the front" if part.on_front else ""
            texts.append(f"{part.label}: {chart.y.label} {part.y.in_table()}, "
                         f"{chart.x.label} {part.x.in_table()}{front}.")
    if chart.target is not None:
        texts.append(f"Target: {chart.target}.")
    return " ".join(texts)
