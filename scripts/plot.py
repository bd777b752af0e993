#!/usr/bin/env python3
"""Draws a run's charts: LESSON-CHART.svg and .png for a light page, LESSON-CHART-dark.svg for a dark one.

Every number comes from the results files; nothing is computed here but where ink goes. The same results
give the same files, byte for byte.
"""

import heapwise_guard  # first: it sees to failures from here on
import argparse
import io
import multiprocessing
import multiprocessing.connection
import pathlib
import signal
import tempfile

import heapwise_matplotlib  # before anything of matplotlib
import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

import charts
import heapwise_files
import heapwise_results
from charts import page

_PNG_DPI = 160


def run_mark(run_id):
    """What a drawn SVG carries to tell which run it is of; report.py looks for it."""
    return f"Heapwise run {run_id}"


def figure(chart, theme):
    """The chart as a figure of matplotlib."""
    matplotlib.rcParams["svg.hashsalt"] = chart.name
    return charts.draw(chart, theme).figure


def svg(drawn, chart):
    """The bytes of the SVG of a chart's figure."""
    about = {"Date": None, "Creator": None, "Title": chart.title, "Description": run_mark(chart.run_id)}
    FigureCanvasSVG(drawn)
    out = io.BytesIO()
    drawn.savefig(out, format="svg", metadata=about)
    return out.getvalue()


def _png(drawn):
    """The bytes of its PNG. A palette of 128 colours makes it a third of the size; a chart has far fewer but for edges.

    An octree finds them three times as fast as Pillow's median cut, and takes a mean with the edges: a colour may be
    off by one, which would show in the paper only.
    """
    drawn.set_dpi(_PNG_DPI)
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    picture = picture.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    picture.putpalette(255 if part == 254 else part for part in picture.getpalette())
    out = io.BytesIO()
    picture.save(out, format="png", dpi=(_PNG_DPI, _PNG_DPI))
    return out.getvalue()


def draw(chart, directory):
    """Draws one chart in all its formats into a directory."""
    light = figure(chart, page.LIGHT)
    files = {f"{chart.name}.svg": svg(light, chart),
             f"{chart.name}-dark.svg": svg(figure(chart, page.DARK), chart),
             f"{chart.name}.png": _png(light)}
    for name, content in files.items():
        with heapwise_files.whole(directory / name) as part:
            part.write_bytes(content)


def _draw_and_tell(mine, directory, teller):
    """A drawing process: sends "" for each chart, or why there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this one
    for chart in mine:
        try:
            draw(chart, directory)
            teller.send("")
        except Exception as error:  # whatever matplotlib has against these numbers
            teller.send(heapwise_guard.in_words(error))


def draw_all(made, directory):
    """Draws the charts in two processes, and in another where one of them dies. Returns {name: why it is not there}."""
    context = multiprocessing.get_context("fork")
    problems, running = {}, {}

    def start(mine):
        if mine:
            listener, teller = context.Pipe(duplex=False)
            process = context.Process(target=_draw_and_tell, args=(mine, directory, teller), daemon=True)
            process.start()
            teller.close()
            running[listener] = list(mine), process

    start(made[0::2])
    start(made[1::2])
    while running:
        for listener in multiprocessing.connection.wait(list(running)):
            left, process = running[listener]
            try:
                problem = listener.recv()
            except EOFError:
                process.join()
                del running[listener]
                if left:
                    problems[left[0].name] = f"the process that drew it ended with status {process.exitcode}"
                    start(left[1:])
                continue
            name = left.pop(0).name
            if problem:
                problems[name] = problem
    return problems


def main(argv=None):
    parser = argparse.ArgumentParser(prog="plot.py", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("run", type=pathlib.Path, help="the run's directory, such as results/latest")
    parser.add_argument("--out", type=pathlib.Path, default=heapwise_results.ROOT / "plots",
                        help="where the charts go (default: plots/)")
    parser.add_argument("--lesson", help="only this lesson's charts")
    parser.add_argument("--lessons", type=pathlib.Path, default=heapwise_results.LESSONS,
                        help="where the lessons are (default: lessons/)")
    args = parser.parse_args(argv)
    run = heapwise_results.load_run(heapwise_results.find_run(args.run), args.lessons, args.lesson)
    made, problems = [], []
    for lesson in run.lessons:
        problems += lesson.problems
        if lesson.results is None:
            if not lesson.problems:
                heapwise_guard.complain(f"plot.py: {lesson.name}: nothing measured in this run to draw")
            continue
        for attempt in charts.build_all(run, lesson):
            if attempt.chart is not None:
                made.append(attempt.chart)
            elif attempt.problem:
                problems.append(f"{attempt.name}: cannot be drawn: {attempt.problem}")
            else:
                heapwise_guard.complain(f"plot.py: {attempt.name}: nothing measured in this run to draw")
    declared = len(made) + len(problems)
    folder = heapwise_results.shown_path(args.out)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=args.out).close()
    except OSError as error:
        problems.append(f"{folder}: no chart can be written there: {error.strerror}")
        made = []
    undrawn = draw_all(made, args.out)
    problems += [f"{name}: cannot be drawn: {why}" for name, why in undrawn.items()]
    for problem in problems:
        heapwise_guard.complain(f"plot.py: {problem}")
    drawn = len(made) - len(undrawn)
    print(f"{drawn}{f' of {declared}' if drawn < declared else ''} charts in {folder}/")
    return 1 if problems else 0


if __name__ == "__main__":
    heapwise_guard.run(main)
