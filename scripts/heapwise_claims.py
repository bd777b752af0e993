"""docs/claims.json: every sentence of the tutorial that can be true or false, and what became of it.

The tutorial itself is not here. Its lines that are not empty are counted from 1, and each of them is either in the
`lines` of a claim or among `not_claims` (headings, code, what to type), so that no sentence can be forgotten. Which text
was counted is told by `sha256`: of those lines, stripped of blanks on both sides and joined by newlines.
"""

from dataclasses import dataclass
import re

import heapwise_results
from heapwise_results import Refused


@dataclass(frozen=True)
class Claim:
    """One sentence of the tutorial, in our words. `verdicts` are (lesson, claim of its lesson.json)."""

    number: int
    says: str
    lines: tuple
    verdicts: tuple
    go: str
    why: str
    front: bool


@dataclass(frozen=True)
class Claims:
    go_version: str
    sections: tuple  # of (title, tuple of Claim), in the tutorial's order

    def all(self):
        return [claim for _, claims in self.sections for claim in claims]


def _numbers(ranges, refuse):
    """ "1-3 7" as [1, 2, 3, 7]."""
    numbers = []
    for part in ranges.split():
        found = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if not found:
            refuse(f"{part!r} is no line and no range of lines")
        numbers += range(int(found[1]), int(found[2] or found[1]) + 1)
    return numbers


def load(root):
    """The claims of `root`/docs/claims.json; Refused where one is incomplete, or a line is in none or in both."""
    path = root / "docs" / "claims.json"
    name = heapwise_results.shown_path(path)
    data = heapwise_results.load_json(path, "claims.json")

    def refuse(reason):
        raise Refused(f"{name}: {reason}")

    known = {}
    for file in root.glob("lessons/*/lesson.json"):
        declared = heapwise_results.load_declaration(file.parent.name, root / "lessons")
        known[file.parent.name] = {claim["id"] for claim in declared["claims"]}
    sections, number, claimed, last = [], 0, set(), 0
    for section in data["sections"]:
        claims = []
        for entry in section["claims"]:
            number += 1
            where = f"claim {number}"
            if entry["lines"][0] < last:
                refuse(f"{where}: begins in line {entry['lines'][0]}, before the claim above it")
            last = entry["lines"][0]
            claimed.update(entry["lines"])
            verdicts = tuple(tuple(verdict.split("/")) for verdict in entry["verdicts"])
            for lesson, claim in verdicts:
                if claim not in known.get(lesson, ()):
                    refuse(f"{where}: there is no {lesson}/{claim}")
            if entry.get("front") and not verdicts:
                refuse(f"{where}: front: is for claims that a lesson judges")
            claims.append(Claim(number, entry["says"], tuple(entry["lines"]), verdicts, entry["go"], entry["why"],
                                entry.get("front", False)))
        sections.append((section["title"], tuple(claims)))
    others = set()
    for what in data["not_claims"]:
        others.update(_numbers(what["lines"], refuse))
    for line in range(1, data["tutorial"]["lines"] + 1):
        if (line in claimed) == (line in others):
            refuse(f"line {line} of the tutorial is " + ("both in a claim and in not_claims" if line in claimed
                                                         else "in no claim and not in not_claims"))
    beyond = [line for line in claimed | others if line > data["tutorial"]["lines"]]
    if beyond:
        refuse(f"the tutorial has no line {min(beyond)}")
    return Claims(data["go_version"], tuple(sections))
