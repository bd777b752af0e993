"""Loads a run's results and the lessons' declarations, and refuses what does not fit results/schema.json.

A refusal is one line, `FILE: FIELD: reason`. One broken file costs its lesson only: see Lesson.problems. Fields that
the schema does not know are left alone.

As a program it prints the directory of the run that a path means, such as results/latest:

    scripts/python scripts/heapwise_results.py PATH
"""

import functools
import json
import math
import pathlib
import sys
from dataclasses import dataclass, field

import heapwise_guard
from heapwise_guard import Refused

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
LESSONS = ROOT / "lessons"
SCHEMA = ROOT / "results" / "schema.json"

_NAMES = {"string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false",
          "object": "an object", "array": "an array", "null": "null"}
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object", list: "array",
          type(None): "null"}


def _others(validating, wanted, value, schema):
    """The schema's additionalProperties; objects full of numbers are told in one go.

    A block's samples are such, and most of what a run holds: one by one they took half of the time.
    """
    if wanted == {"type": "number"} and isinstance(value, dict) and {*map(type, value.values())} <= {int, float}:
        return
    yield from jsonschema.Draft202012Validator.VALIDATORS["additionalProperties"](validating, wanted, value, schema)


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"additionalProperties": _others})


@functools.cache
def validator(definition):
    """Holds a value against one of the schema's definitions, such as "run.json"."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return _Validator({**schema, "$ref": f"#/$defs/{definition}"})


def _or(words):
    return " or ".join(words)


def _innermost(error):
    """The error to tell of: where a value fits none of several forms, that of the form which it seems to be meant for.

    A form is meant where its constants, such as a chart's "kind", fit.
    """
    while error.validator == "oneOf":
        forms = {}
        for inner in error.context:
            forms.setdefault(inner.schema_path[0], []).append(inner)
        meant = [errors for errors in forms.values()
                 if not any(len(e.path) <= {"type": 0, "const": 1}.get(e.validator, -1) for e in errors)]
        if not meant:
            return error
        error = meant[0][0]
    return error


def _reason(error):
    """(what the field is called below the error's own path, what is wrong with it)"""
    value, wanted, kind = error.instance, error.validator_value, error.validator
    if kind == "required":
        missing = next(name for name in wanted if name not in value and f"'{name}'" in error.message)
        return [missing], "is missing"
    if kind == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return [], f"is {_NAMES[_TYPES[type(value)]]}; must be {_or(_NAMES[k] for k in kinds)}"
    if kind in ("const", "enum"):
        choices = [wanted] if kind == "const" else wanted
        return [], f"is {json.dumps(value)}; must be {_or(json.dumps(c) for c in choices)}"
    if kind == "oneOf":
        constants = [inner for inner in error.context if inner.validator == "const"]
        if constants:
            choices = dict.fromkeys(json.dumps(inner.validator_value) for inner in constants)
            return constants[0].path, f"is {json.dumps(constants[0].instance)}; must be {_or(choices)}"
        kinds = dict.fromkeys(_NAMES[inner.validator_value] for inner in error.context if inner.validator == "type")
        return [], f"is {_NAMES[_TYPES[type(value)]]}; must be {_or(kinds)}"
    if kind in ("minItems", "maxItems"):
        bound = {"minItems": "at least", "maxItems": "at most"}[kind]
        return [], f"has {len(value)} elements; must have {bound} {wanted}"
    if kind == "minLength":
        return [], "is empty"
    if kind in ("minimum", "exclusiveMinimum"):
        bound = {"minimum": "at least", "exclusiveMinimum": "more than"}[kind]
        return [], f"is {json.dumps(value)}; must be {bound} {wanted}"
    return [], error.message


def check(value, definition, file):
    """Raises Refused unless `value` fits the schema's definition."""
    errors = (_innermost(error) for error in validator(definition).iter_errors(value))
    error = next((error for error in errors if error.validator != "additionalProperties"), None)
    if error is None:
        return
    below, reason = _reason(error)
    place = ""
    for step in [*error.absolute_path, *below]:
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    raise Refused(f"{file}: {place.lstrip('.') or 'the file'}: {reason}")


def shown_path(path):
    """The path as a user would type it: from the current directory where it lies below it."""
    path = pathlib.Path(path)
    try:
        return str(path.resolve().relative_to(pathlib.Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def _number(text):
    """As float, but not infinite: a number that overflows is broken."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number")
    return value


def load_json(path, definition):
    """The parsed file, refused unless it exists, parses and fits the schema's definition."""
    name = shown_path(path)
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file, parse_float=_number, parse_constant=_number)
    except FileNotFoundError:
        raise Refused(f"{name}: the file: is missing") from None
    except OSError as error:
        raise Refused(f"{name}: the file: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Refused(f"{name}: the file: is not UTF-8: {error}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"{name}: {place}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"{name}: the file: is not JSON: {error}") from None
    check(value, definition, name)
    return value


def load_declaration(lesson, lessons_dir=LESSONS):
    """The lesson's lesson.json."""
    return load_json(pathlib.Path(lessons_dir) / lesson / "lesson.json", "lesson.json")


@dataclass(frozen=True)
class Lesson:
    """One lesson of a run. `results` is None where nothing of it was measured or its file is broken.

    `problems` names each file that cannot be used, one line each; where that is lesson.json, `declared` has a title
    and nothing else in it.
    """

    name: str
    status: str
    blocks: int
    failure: dict
    results: dict
    declared: dict
    file: str
    folder: pathlib.Path
    problems: list = field(default_factory=list)

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


def find_run(path):
    """The directory of the run that a path means.

    results/latest is a link to the newest run. Where there can be no links, it means the newest by its name.
    """
    path = pathlib.Path(path)
    if path.name == "latest" and not (path.is_symlink() and (path / "run.json").exists()):
        runs = [file.parent for file in path.parent.glob("*/run.json")
                if file.parent.name[:1].isdigit() and not file.parent.is_symlink()]
        path = max(runs, key=lambda run: run.name, default=path)
    if not (path / "run.json").exists():
        raise Refused(f"{shown_path(path)}: holds no recorded run; make bench records one")
    return path


def _load_lesson(run_dir, entry, lessons_dir):
    name, problems = entry["lesson"], []
    path = run_dir / f"{name}.json"

    def attempt(load, *arguments):
        try:
            return load(*arguments)
        except Refused as refused:
            problems.append(str(refused))
            return None

    results = None
    if path.exists() or entry["status"] == "complete":
        results = attempt(load_json, path, "LESSON.json")
    declared = attempt(load_declaration, name, lessons_dir)
    if declared is None:
        declared = {"title": results["title"] if results else name, "pattern": "", "claims": [], "charts": [],
                    "variants": []}
    # The runner writes a file for a lesson that ended in its first block too.
    measured = results is not None and results["blocks"]
    return Lesson(name, entry["status"], entry["blocks"], entry.get("failure"), results if measured else None,
                  declared, shown_path(path), run_dir, problems)


def load_run(run_dir, lessons_dir=LESSONS, only=None):
    """Loads run.json and each lesson's results and declaration; `only` names one lesson."""
    run_dir = pathlib.Path(run_dir)
    info = load_json(run_dir / "run.json", "run.json")
    lessons = [_load_lesson(run_dir, entry, lessons_dir) for entry in info["lessons"]
               if only is None or entry["lesson"] == only]
    if only is not None and not lessons:
        known = ", ".join(e["lesson"] for e in info["lessons"])
        raise Refused(f"{shown_path(run_dir / 'run.json')}: lessons: has no {only}; has {known}")
    return Run(run_dir, info, lessons)


def main():
    if len(sys.argv) != 2:
        raise Refused("heapwise_results.py: takes the path of a run, such as results/latest")
    print(shown_path(find_run(sys.argv[1])))
    return 0


if __name__ == "__main__":
    heapwise_guard.run(main)
