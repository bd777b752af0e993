"""The programs as a user starts them, where they would fail: one line at most, and the right status."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from made_run import MadeRun

SCRIPTS = pathlib.Path(__file__).resolve().parent
PYTHON = SCRIPTS / "python"

# Settings that change each chart, ask for a program, or cannot be read at all.
NASTY = """text.usetex: True
savefig.bbox: tight
savefig.transparent: True
savefig.facecolor: red
path.sketch: 1, 100, 2
figure.dpi: 30
axes.grid: True
backend: module://nowhere
svg.fonttype: path
no such key: at all
font.size: huge
"""
# A module of this name that takes the place of the real one.
BROKEN = "raise RuntimeError('the wrong one')\n"


class GuardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = cls.enterClassContext(MadeRun())
        cls.expected = cls.drawn(cls.plot("plain"))

    @classmethod
    def run_program(cls, program, *arguments, stdout=subprocess.PIPE, cwd=None, **environment):
        environment = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
        return subprocess.run([PYTHON, SCRIPTS / program, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True,
                              cwd=cwd or cls.made.root, env=environment, check=False)

    @classmethod
    def plot(cls, folder, **surroundings):
        """Draws a lesson, quietly and well, and returns the directory."""
        out = cls.made.root / folder
        done = cls.run_program("plot.py", cls.made.run, "--lessons", cls.made.lessons, "--out", out, "--lesson",
                               "90-made-call", **surroundings)
        assert (done.returncode, done.stderr) == (0, ""), done
        return out

    @staticmethod
    def drawn(folder):
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert len(files) == 9, files.keys()
        return files

    def test_settings_of_matplotlib_change_nothing(self):
        nasty = self.made.root / "nasty"
        (nasty / "matplotlib").mkdir(parents=True)
        for content in (NASTY.encode(), b"\xff\xfe\x00"):
            for file in (nasty / "matplotlibrc", nasty / "matplotlib" / "matplotlibrc"):
                file.write_bytes(content)
            with self.subTest(content=content[:10]):
                folder = self.plot(f"drawn {len(content)}", cwd=nasty, MATPLOTLIBRC=str(nasty), MPLCONFIGDIR=None,
                                   XDG_CONFIG_HOME=str(nasty), MPLBACKEND="module://matplotlib_inline.backend_inline")
                self.assertEqual(self.drawn(folder), self.expected)

    def test_settings_of_python_change_nothing(self):
        (self.made.root / "broken").mkdir()
        for module in ("matplotlib", "jinja2", "heapwise_results", "argparse"):
            (self.made.root / "broken" / f"{module}.py").write_text(BROKEN, encoding="utf-8")
        folder = self.plot("drawn", PYTHONPATH=str(self.made.root / "broken"), PYTHONSAFEPATH="1", PYTHONOPTIMIZE="2",
                           PYTHONWARNINGS="error", PYTHONIOENCODING="ascii", LC_ALL="C")
        self.assertEqual(self.drawn(folder), self.expected)

    def test_without_a_home(self):
        nowhere = self.made.root / "no directory"
        nowhere.touch()
        folder = self.plot("homeless", HOME=str(nowhere), XDG_CONFIG_HOME=None, XDG_CACHE_HOME=None, MPLCONFIGDIR=None)
        self.assertEqual(self.drawn(folder), self.expected)

    def test_output_that_is_lost_is_said(self):
        lesson = ("--lessons", self.made.lessons, "--lesson", "90-made-call", "--out", self.made.root / "lost")
        for program, arguments in (("plot.py", (self.made.run, *lesson)), ("plot.py", ("--help",)),
                                   ("heapwise_results.py", (self.made.run,))):
            with self.subTest(program=program, arguments=arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = self.run_program(program, *arguments, stdout=full)
                self.assertEqual((done.returncode, done.stderr),
                                 (1, f"{program}: the output could not be written: No space left on device\n"))
        reading, writing = os.pipe()
        os.close(reading)
        done = self.run_program("heapwise_results.py", self.made.run, stdout=writing)
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "heapwise_results.py: the output could not be written: Broken pipe\n"))

    def test_a_closed_output(self):
        done = subprocess.run(["bash", "-c", '"$0" "$@" >&-', PYTHON, SCRIPTS / "heapwise_results.py", self.made.run],
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "heapwise_results.py: the output could not be written: it is closed\n"))

    def test_what_nobody_foresaw_is_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program.py"
            for code, status, said in (
                    ("heapwise_guard.run(lambda: {}['key'])", 1,
                     "program.py: unexpected KeyError: 'key' (HEAPWISE_DEBUG=1 shows where)\n"),
                    ("1 / 0", 1, "program.py: unexpected ZeroDivisionError: division by zero (HEAPWISE_DEBUG=1 shows "
                     "where)\n"),
                    ("import nothing_of_this_name", 1, "program.py: No module named 'nothing_of_this_name'; "
                     "scripts/python runs this program with a Python that has what it needs\n"),
                    ("heapwise_guard.run(lambda: open('/nowhere/at all'))", 1,
                     "program.py: /nowhere/at all: No such file or directory\n"),
                    ("def refuse(): raise heapwise_guard.Refused('a: b: c')\nheapwise_guard.run(refuse)", 2,
                     "a: b: c\n"),
                    ("heapwise_guard.run(lambda: 3)", 3, "")):
                program.write_text(f"import sys\nsys.path.insert(0, {str(SCRIPTS)!r})\nimport heapwise_guard\n{code}\n",
                                   encoding="utf-8")
                with self.subTest(code=code):
                    done = self.run_program(program)
                    self.assertEqual((done.returncode, done.stderr), (status, said))
            program.write_text(program.read_text(encoding="utf-8").replace("lambda: 3", "lambda: 1 / 0"),
                               encoding="utf-8")
            self.assertIn("Traceback", self.run_program(program, HEAPWISE_DEBUG="1").stderr)


if __name__ == "__main__":
    unittest.main()
