"""Which room of the sources includes which: one way only, as docs/ARCHITECTURE.md draws it.

    ./python rooms_test.py    prints the arrows between the rooms and how many includes each stands for
"""

import collections
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

_LIBRARY = ["heapwise/base", "heapwise/gc", "heapwise", "heapwise/pprof"]
_WINGS = [f"benchmarks/runner/{wing}" for wing in ("base", "format", "measure", "judge", "escapes", "peers", "cmd")]
_PROGRAMS = [*_LIBRARY, "benchmarks/stats", "benchmarks/harness"]

# Each room with those that it may use besides itself. A lesson uses no other, but for the last, which goes on from one.
ROOMS = {
    **{room: _LIBRARY[:number] for number, room in enumerate(_LIBRARY)},
    "heapwise/examples": _LIBRARY,
    "benchmarks/stats": [],
    "benchmarks/harness": [*_LIBRARY, "benchmarks/stats"],
    "benchmarks/macro": _PROGRAMS,
    "benchmarks/peers": _PROGRAMS,
    "testing": [],
    **{room: ["benchmarks/stats", *_WINGS[:number]] for number, room in enumerate(_WINGS)},
}
ROOMS.update({f"lessons/{folder.name}": _PROGRAMS for folder in (ROOT / "lessons").iterdir() if folder.is_dir()})
ROOMS["lessons/16-capstone"] = [*_PROGRAMS, "lessons/07-buffer-pool"]

_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def room_of(path):
    """The innermost room that a file is in, or None."""
    folders = [str(folder) for folder in pathlib.PurePosixPath(path).parents]
    return next((folder for folder in folders if folder in ROOMS), None)


def sources():
    """Our C++ files as git knows them. Tests and what helps them may use anything."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "*.cc", "*.h"], capture_output=True, text=True,
                            check=True)
    return [name for name in listed.stdout.split("\0")
            if name and not re.search(r"_test\.cc$|/test\.cc$|/testdata/|(^|/)testing[./]", name)]


def arrows():
    """Which files of a room include which of another: {(from, to): [(file, included)]}."""
    found = collections.defaultdict(list)
    for name in sources():
        here = room_of(name)
        for included in _INCLUDE.findall((ROOT / name).read_text(encoding="utf-8")):
            there = room_of(included)
            if here and there and here != there:
                found[here, there].append((name, included))
    return found


class RoomsTest(unittest.TestCase):
    def test_a_room_includes_only_what_it_may_use(self):
        self.assertEqual([], [f"{name} includes {included}" for (here, there), cases in arrows().items()
                              if there not in ROOMS[here] for name, included in cases])

    def test_every_source_is_in_a_room(self):
        self.assertEqual([], [name for name in sources() if room_of(name) is None])

    def test_every_room_says_what_it_is(self):
        self.assertEqual([], [room for room in ROOMS if not (ROOT / room / "README.md").exists()])


if __name__ == "__main__":
    for (here, there), cases in sorted(arrows().items()):
        print(f"{here:28} -> {there:28} {len(cases):4}")
