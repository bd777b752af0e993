"""For the tests: a copy of the made-up run in testdata, to be changed and drawn. None of it was measured."""

import json
import pathlib
import shutil
import tempfile

import heapwise_charts
import heapwise_results
import plot
import report

TESTDATA = pathlib.Path(__file__).resolve().parent / "testdata"


class MadeRun:
    """The copy: `run`, `lessons` and `plots` are its directories. Use as a context manager."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
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

    def load(self):
        return heapwise_results.load_run(self.run, self.lessons)

    def charts(self):
        """Every chart of the run, by name."""
        run = self.load()
        charts = (heapwise_charts.build_all(run, lesson) for lesson in run.lessons)
        return {chart.name: chart for of_lesson in charts for chart in of_lesson}

    def draw(self, *arguments):
        """plot.py's status."""
        return plot.main([str(self.run), "--lessons", str(self.lessons), "--out", str(self.plots),
                          *arguments])

    def report(self):
        """report.py's status."""
        return report.main([str(self.run), "--lessons", str(self.lessons), "--plots", str(self.plots)])


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
