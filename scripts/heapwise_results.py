"""Loads a run's results and the lessons' declarations, and refuses what does not fit docs/FORMAT.md.

A refusal is one line, `FILE: FIELD: reason`. Only the fields that the charts, the report and the pages read
are checked here; results/schema.json describes the whole of each file.
"""

import json
import pathlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
REFERENCE = ROOT / "results" / "reference"

VERDICTS = ("shown", "contradicted", "too noisy here")
STATUSES = ("complete", "failed", "interrupted", "running")


class Refused(Exception):
    """A file that cannot be used; the message is the one line for the user."""


class OneOf(tuple):
    """Shape: one of these values."""

    def __new__(cls, *values):
        return super().__new__(cls, values)


@dataclass(frozen=True)
class MapOf:
    """Shape: an object with any keys, each value of one shape."""

    shape: object


@dataclass(frozen=True)
class OrNull:
    """Shape: null, or the given shape."""

    shape: object


_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false",
          dict: "an object", list: "an array"}


def _kind(value):
    if value is None:
        return "null"
    return _NAMES.get(type(value), type(value).__name__)


def check(value, shape, file, field=""):
    """Raises Refused unless `value` has `shape`.

    A shape is a type (float takes whole numbers too), a OneOf, a MapOf, an OrNull, a list with the shape of
    each element, a tuple with the shape of each position, or a dict of fields, where a name that ends in
    "?" may be missing and fields that are not named are left alone.
    """

    def refuse(reason):
        raise Refused(f"{file}: {field or 'the file'}: {reason}")

    if isinstance(shape, OneOf):
        if value not in shape or isinstance(value, bool) != any(isinstance(v, bool) for v in shape):
            refuse(f"is {json.dumps(value)}; must be {' or '.join(json.dumps(v) for v in shape)}")
    elif isinstance(shape, OrNull):
        if value is not None:
            check(value, shape.shape, file, field)
    elif isinstance(shape, MapOf):
        check(value, dict, file, field)
        for key, item in value.items():
            check(item, shape.shape, file, f"{field}.{key}".lstrip("."))
    elif isinstance(shape, list):
        check(value, list, file, field)
        for index, item in enumerate(value):
            check(item, shape[0], file, f"{field}[{index}]")
    elif isinstance(shape, tuple):
        check(value, list, file, field)
        if len(value) != len(shape):
            refuse(f"has {len(value)} elements; must have {len(shape)}")
        for index, (item, part) in enumerate(zip(value, shape)):
            check(item, part, file, f"{field}[{index}]")
    elif isinstance(shape, dict):
        check(value, dict, file, field)
        for name, part in shape.items():
            key = name.rstrip("?")
            if key in value:
                check(value[key], part, file, f"{field}.{key}".lstrip("."))
            elif not name.endswith("?"):
                raise Refused(f"{file}: {f'{field}.{key}'.lstrip('.')}: is missing")
    else:
        accepted = (int, float) if shape is float else (shape,)
        if not isinstance(value, accepted) or (isinstance(value, bool) and shape is not bool):
            refuse(f"is {_kind(value)}; must be {_NAMES[shape]}")


_NUMBER = OrNull(float)

RUN = {
    "format": OneOf(1), "id": str, "mode": str, "command": str, "seed": int,
    "started": str, "finished": OrNull(str), "status": OneOf(*STATUSES),
    "machine": {"cpu": str, "cores": int, "memory_bytes": int, "kernel": str, "governor": str},
    "load_before": [float], "load_after": OrNull([float]),
    "build": {"compiler": str, "flags": str, "commit": str, "dirty": bool, "benchmark": str, "bdwgc": str},
    "lessons": [{"lesson": str, "status": OneOf(*STATUSES), "blocks": int,
                 "failure?": OrNull({"reason": str, "block": int, "variant": OrNull(str), "output": str})}],
}

LESSON_RESULTS = {
    "format": OneOf(1), "lesson": str, "title": str, "operation": str, "command": str,
    "status": OneOf(*STATUSES),
    "context": dict,
    "pair": {"slow": str, "fast": str, "control": str},
    "variants": [{"name": str, "label": str, "environment?": MapOf(str)}],
    "measures": MapOf({"label": str, "unit": str, "timing": bool}),
    "blocks": [{"samples": MapOf(MapOf(_NUMBER))}],
    "summary": MapOf(MapOf({"estimate": _NUMBER, "low": _NUMBER, "high": _NUMBER, "outliers": int})),
    "ratios": [{"label": str, "measure": str, "of": str, "over": str,
                "estimate": _NUMBER, "low": _NUMBER, "high": _NUMBER,
                "control?": OrNull({"of": str, "over": str,
                                    "estimate": _NUMBER, "low": _NUMBER, "high": _NUMBER})}],
    "control": OrNull({"trusted": bool, "words": str, "estimate": _NUMBER, "low": _NUMBER,
                       "high": _NUMBER}),
    "claims": [{"claim": str, "verdict": OneOf(*VERDICTS), "estimate": _NUMBER, "low": _NUMBER,
                "high": _NUMBER, "unit": str, "says": str, "finding": str, "detail": str, "remark": str,
                "trusted": bool, "timing": bool}],
    "growth?": [{"chart": str, "label": str, "words": str}],
    "pareto?": [{"chart": str, "front": [str]}],
    "timelines?": MapOf({
        "collections": [{"t_s": float, "heap_before_bytes": float, "heap_after_bytes": float,
                         "goal_bytes": float, "forced": bool, "pause_ns": float, "max_pause_ns?": float,
                         "limit_bytes?": float}],
        "rss": [(float, float)]}),
    "profiles?": MapOf(MapOf(str)),
}

_CHART = {"kind": OneOf("pair", "growth", "sawtooth", "pareto", "pauses", "phases", "icicle"), "id": str, "claim": str}
_CHART_KINDS = {
    "pair": {"measure": str, "rows": [{"label": str, "slow": str, "fast": str}]},
    "growth": {"measure": str, "x_label": str, "x_unit": str,
               "series": [{"label": str, "role": OneOf("slow", "fast", "other"),
                           "points": [(float, str)]}]},
    "sawtooth": {"panels": [str]},
    "pareto": {"x": str, "y": str, "points": [str]},
    "pauses": {"variants": [str], "target_ns?": float},
    "phases": {"variants": [str]},
    "icicle": {"variant": str, "sample": OneOf("alloc_space", "inuse_space"), "profile?": str, "base?": str},
}

DECLARATION = {
    "title": str, "pattern": str, "minutes": int, "operation": str,
    "pair": {"slow": str, "fast": str},
    "variants": [{"name": str, "label": str, "code?": str, "environment?": MapOf(str)}],
    "measures?": MapOf({"label": str, "unit": str}),
    "claims": [{"id": str, "says": str}],
    "charts": [_CHART],
}


def shown_path(path):
    """The path as a user would type it: from the current directory where it lies below it."""
    path = pathlib.Path(path)
    try:
        return str(path.resolve().relative_to(pathlib.Path.cwd()))
    except ValueError:
        return str(path)


def load_json(path, shape):
    """The parsed file, refused unless it exists, parses and has the shape."""
    name = shown_path(path)
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except FileNotFoundError:
        raise Refused(f"{name}: the file: is missing") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{name}: the file: cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"{name}: {place}: is not JSON: {error.msg}") from None
    check(value, shape, name)
    return value


def load_declaration(lesson, lessons_dir=LESSONS):
    """The lesson's lesson.json."""
    path = pathlib.Path(lessons_dir) / lesson / "lesson.json"
    declared = load_json(path, DECLARATION)
    for index, chart in enumerate(declared["charts"]):
        check(chart, _CHART_KINDS[chart["kind"]], shown_path(path), f"charts[{index}]")
    return declared


@dataclass(frozen=True)
class Lesson:
    """One lesson of a run. `results` is None where the lesson failed before it wrote any."""

    name: str
    status: str
    blocks: int
    failure: dict
    results: dict
    declared: dict
    file: str
    folder: pathlib.Path

    def claim(self, claim_id):
        """The judged claim with this id, or None."""
        claims = self.results["claims"] if self.results else []
        return next((c for c in claims if c["claim"] == claim_id), None)

    def measure(self, name):
        """Label, unit and timing of a measure."""
        known = self.results["measures"].get(name)
        if known is None:
            raise Refused(f"{self.file}: measures.{name}: is missing; a chart or a page asks for it")
        return known

    def profile_file(self, variant, name):
        """The file of a heap profile, or None where the run took none of this variant."""
        profiles = self.results.get("profiles", {})
        if variant not in profiles:
            return None
        if name not in profiles[variant]:
            raise Refused(f"{self.file}: profiles.{variant}.{name}: is missing; an icicle chart asks for it")
        return self.folder / profiles[variant][name]

    def role(self, variant):
        """slow, fast or control where the variant is one of the headline pair, else other."""
        for role, name in self.results["pair"].items():
            if name == variant:
                return role
        return "other"

    def shown_variants(self):
        """The measured variants as tables list them: the control stands after the fast one it repeats."""
        order = []
        for entry in self.results["variants"]:
            order.append(entry["name"])
            if entry["name"] == self.results["pair"]["fast"]:
                order.append(self.results["pair"]["control"])
        order += [variant for variant in self.results["summary"] if variant not in order]
        return [variant for variant in order if variant in self.results["summary"]]

    def label(self, variant):
        """What charts call the variant."""
        for entry in self.results["variants"]:
            if entry["name"] == variant:
                return entry["label"]
        return "fast again" if self.role(variant) == "control" else variant


@dataclass(frozen=True)
class Run:
    """A run directory, loaded."""

    path: pathlib.Path
    info: dict
    lessons: list


def load_run(run_dir, lessons_dir=LESSONS, only=None):
    """Loads run.json and each lesson's results and declaration; `only` names one lesson."""
    run_dir = pathlib.Path(run_dir)
    info = load_json(run_dir / "run.json", RUN)
    lessons = []
    for entry in info["lessons"]:
        name = entry["lesson"]
        if only is not None and name != only:
            continue
        path = run_dir / f"{name}.json"
        results = load_json(path, LESSON_RESULTS) if path.exists() else None
        if results is None and entry["status"] == "complete":
            raise Refused(f"{shown_path(path)}: the file: is missing, though run.json calls the lesson "
                          "complete")
        lessons.append(Lesson(name, entry["status"], entry["blocks"], entry.get("failure"), results,
                              load_declaration(name, lessons_dir), shown_path(path), run_dir))
    if only is not None and not lessons:
        known = ", ".join(e["lesson"] for e in info["lessons"])
        raise Refused(f"{shown_path(run_dir / 'run.json')}: lessons: has no {only}; has {known}")
    return Run(run_dir, info, lessons)
