"""For the tests: a copy of the made-up run in testdata, to be changed and drawn. None of it was measured.

As a program it makes the run's heap profiles anew.
"""

import gzip
import json
import pathlib
import shutil
import tempfile
import unittest
import xml.etree.ElementTree

import heapwise_matplotlib  # before anything of matplotlib
import matplotlib.colors

import charts
import heapwise_guard
import heapwise_results
import plot
import pprof_reader
import report
from charts import page

TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"


class MadeRun:
    """The copy: `run`, `lessons` and `plots` are its directories. Use as a context manager."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(suffix=" of somebody's")
        self.root = pathlib.Path(self._folder.name)
        self.run, self.lessons, self.plots = (self.root / name for name in ("run", "lessons", "plots"))
        shutil.copytree(TESTDATA / "run", self.run)
        shutil.copytree(TESTDATA / "lessons", self.lessons)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def change(self, lesson, edit):
        """Lets `edit` change the parsed results of a lesson."""
        path = self.run / f"{lesson}.json"
        value = json.loads(path.read_text(encoding="utf-8"))
        edit(value)
        path.write_text(json.dumps(value), encoding="utf-8")

    def change_run(self, edit):
        """Lets `edit` change the parsed run.json."""
        self.change("run", edit)

    def end_in_first_block(self, lesson):
        """Makes a lesson one that failed in its first block, as the runner records it."""
        self.change(lesson, lambda results: results.update(
            status="failed", blocks=[], measures={}, summary={}, ratios=[], control=None, growth=[], pareto=[],
            timelines={}))

        def edit(info):
            entry = next(entry for entry in info["lessons"] if entry["lesson"] == lesson)
            entry.update(status="failed", blocks=0, failure={
                "reason": "exit status 3", "block": 1, "variant": None, "output": "no such table\n"})
        self.change_run(edit)

    def load(self):
        return heapwise_results.load_run(self.run, self.lessons)

    def charts(self):
        """Every chart of the run, by name."""
        run = self.load()
        attempts = [a for lesson in run.lessons for a in charts.build_all(run, lesson)]
        return {attempt.name: attempt.chart for attempt in attempts if attempt.chart is not None}

    def draw(self, *arguments):
        """plot.py's status."""
        return heapwise_guard.outcome(lambda: plot.main([
            str(self.run), "--lessons", str(self.lessons), "--out", str(self.plots), *arguments]))

    def report(self):
        """report.py's status."""
        return heapwise_guard.outcome(lambda: report.main([
            str(self.run), "--lessons", str(self.lessons), "--plots", str(self.plots)]))


def texts(svg):
    """The words of an SVG, its file or its bytes."""
    root = xml.etree.ElementTree.fromstring(svg if isinstance(svg, bytes) else svg.read_bytes())
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def colours(artists, part="color"):
    """The colours of artists of matplotlib, as the page names them; `part` is color, facecolor or edgecolor."""
    return [matplotlib.colors.to_hex(getattr(artist, f"get_{part}")()).upper() for artist in artists]


def tick_labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


class ChartTest(unittest.TestCase):
    """A test of a kind of chart, with a run of its own."""

    def setUp(self):
        self.made = self.enterContext(MadeRun())

    def chart(self, name, edit=None):
        """The chart of this name, after a change of its lesson's results."""
        if edit is not None:
            self.made.change(name.rpartition("-")[0], edit)
        return self.made.charts()[name]

    def svg(self, name, edit=None, theme=page.LIGHT):
        """Its SVG."""
        chart = self.chart(name, edit)
        return plot.svg(plot.figure(chart, theme), chart)

    def axes(self, name, edit=None):
        """The axes of its figure, from the top down: what ink they hold can be asked for."""
        return charts.draw(self.chart(name, edit), page.LIGHT).figure.axes

    def words(self, name, edit=None):
        """The words in its SVG."""
        return texts(self.svg(name, edit))


def be_wordy(results):
    """Makes all words of a lesson's results long, and its claims noisy and untrusted."""
    for variant in results["variants"]:
        variant["label"] = f"a long label that tells at length what {variant['name']} does, $5 & <b>all</b>"
    for claim in results["claims"]:
        claim.update(verdict="too noisy here", trusted=False,
                     finding=f"Too noisy here to say: {claim['says']}, and so on for two more lines of title")
    for fit in results["growth"]:
        fit["words"] = "grows as the number of records in the batch of the request to the power 0.61"
    results["control"].update(trusted=False, words="The control differs from itself by 4.1 %, 95 % interval "
                              "2.2 to 6.3, so that no verdict on time in this lesson can be trusted.")
    results["command"] += " --" + "a-path-without-a-space/" * 8


_HOME = "/home/somebody/heapwise/"
_LESSON = f"{_HOME}lessons/91-made-heap/"
# Functions as the profiler names them, and their files.
_CALLS = {
    "main": ("main", f"{_HOME}benchmarks/harness/main.cc"),
    "run": ("_ZN9benchmark22RunSpecifiedBenchmarksEv", "./src/benchmark.cc"),
    "body": ("_ZZ14RegisterLessonRN8heapwise5bench6LessonEENKUlvE_clEv", f"{_LESSON}bench.cc"),
    "handle": ("_Z13HandleRequestRK7Request", f"{_LESSON}workload.cc"),
    "build": ("_ZN4slow10BuildTableERKSt6vectorINS_3RowESaIS1_EE", f"{_LESSON}slow.cc"),
    "add": ("_ZN4slow5Table6AddRowIiEEvRKT_", f"{_LESSON}slow.cc"),
    "copy": ("_ZN4slow12_GLOBAL__N_110CopyHeaderERKNS_5TableE", f"{_LESSON}slow.cc"),
    "sort": ("_ZSt4sortIPiEvT_S1_", "/usr/include/c++/12/bits/stl_algo.h"),
    "sum": ("_ZZN4slow3SumEvENKUlT_E_clIiEEDaS0_", f"{_LESSON}slow.cc"),
    "log": ("_ZN4slow3LogEv", f"{_LESSON}slow.cc"),
}
_KIB = 1024
# The stack, root first, with the line that ran in its last function; KiB allocated; in use early, at the end.
_STACKS = [
    ("main run body handle build add copy", 41, 83_100, 1_024, 12_400),
    ("main run body handle build add", 30, 9_200, 310, 300),
    ("main run body handle build", 22, 4_300, 0, 2_100),
    ("main run body handle sort sum", 52, 2_050, 0, 0),
    ("main run body handle", 17, 1_010, 900, 920),
    ("main run body handle log", 60, 190, 12, 110),
    ("main run", 0, 610, 600, 600),
]


def made_profile(early):
    """A heap profile of the run's slow variant as its file holds it."""
    message = pprof_reader.new_message()
    strings = {"": 0}
    index = lambda text: strings.setdefault(text, len(strings))
    for kind, unit in (("alloc_objects", "count"), ("alloc_space", "bytes"),
                       ("inuse_objects", "count"), ("inuse_space", "bytes")):
        message.sample_type.add(type=index(kind), unit=index(unit))
    message.period = 512 * _KIB
    for number, (name, file) in enumerate(_CALLS.values(), 1):
        message.function.add(id=number, name=index(name), system_name=index(name), filename=index(file))
    for stack, line, allocated, before, after in _STACKS:
        sample = message.sample.add()
        calls = stack.split()
        for depth, call in reversed(list(enumerate(calls))):
            location = message.location.add(id=len(message.location) + 1)
            location.line.add(function_id=list(_CALLS).index(call) + 1,
                              line=line if depth == len(calls) - 1 else 5)
            sample.location_id.append(location.id)
        allocated, in_use = (allocated // 8, before) if early else (allocated, after)
        sample.value.extend([allocated, allocated * _KIB, in_use, in_use * _KIB])
    message.string_table.extend(strings)
    return gzip.compress(message.SerializeToString(deterministic=True), mtime=0)


MADE_PROFILES = {"91-made-heap-slow.pb.gz": False, "91-made-heap-slow.early.pb.gz": True}

if __name__ == "__main__":
    for file_name, is_early in MADE_PROFILES.items():
        (TESTDATA / "run" / file_name).write_bytes(made_profile(is_early))
