"""The measures that Heapwise knows: the table that the runner is built with, benchmarks/runner/format/measures.json.

Labels and units of a run stand in its results, so that old runs are shown as they were measured. Of the measures of a
lesson's own we do not know whether less of them or more is better.
"""

import json
import pathlib

TABLE = pathlib.Path(__file__).resolve().parents[2] / "benchmarks" / "runner" / "format" / "measures.json"
KNOWN = {entry["name"]: entry for entry in json.loads(TABLE.read_text(encoding="utf-8"))}


def better(measure):
    """ "less is better", "more is better", or "" where we do not know."""
    return f"{KNOWN[measure]['better']} is better" if measure in KNOWN else ""
