#!/usr/bin/env python3
"""Draws a run's charts: LESSON-CHART.svg and .png for a light page, LESSON-CHART-dark.svg for a dark one.

Every number comes from the results files; nothing is computed here but where ink goes. The same results
give the same files, byte for byte.
"""

import argparse
import multiprocessing
import pathlib
import sys

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

import draw_growth
import draw_icicle
import draw_pair
import draw_pareto
import draw_pauses
import draw_phases
import draw_sawtooth
import heapwise_charts
import heapwise_page
import heapwise_results

_DRAW = {"pair": draw_pair.draw, "growth": draw_growth.draw, "sawtooth": draw_sawtooth.draw,
         "pareto": draw_pareto.draw, "pauses": draw_pauses.draw, "phases": draw_phases.draw, "icicle": draw_icicle.draw}
_PNG_DPI = 160


def run_mark(run_id):
    """What a drawn SVG carries to tell which run it is of; report.py looks for it."""
    return f"Heapwise run {run_id}"


def _save(figure, path, **options):
    """Writes under a temporary name, then renames: no reader meets half a picture."""
    part = path.with_name(path.name + ".part")
    figure.savefig(part, **options)
    part.replace(path)


def _save_png(figure, path):
    """A palette of 128 colours makes the file a third of the size; a chart has far fewer but for edges."""
    figure.set_dpi(_PNG_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")
    part = path.with_name(path.name + ".part")
    picture.quantize(128, dither=Image.Dither.NONE).save(part, format="png", dpi=(_PNG_DPI, _PNG_DPI))
    part.replace(path)


def draw(job):
    """Draws one chart in all its formats into a directory. `job` is (chart, directory)."""
    chart, directory = job
    matplotlib.rcParams["svg.hashsalt"] = chart.name
    light = _DRAW[chart.kind](chart, heapwise_page.LIGHT).figure
    dark = _DRAW[chart.kind](chart, heapwise_page.DARK).figure
    about = {"Date": None, "Creator": None, "Title": chart.title,
             "Description": run_mark(chart.run_id)}
    for figure, name in ((light, f"{chart.name}.svg"), (dark, f"{chart.name}-dark.svg")):
        FigureCanvasSVG(figure)
        _save(figure, directory / name, format="svg", metadata=about)
    _save_png(light, directory / f"{chart.name}.png")


def main(argv=None):
    parser = argparse.ArgumentParser(prog="plot.py", description=__doc__.split("\n\n")[0])
    parser.add_argument("run", type=pathlib.Path, help="the run's directory, such as results/latest")
    parser.add_argument("--out", type=pathlib.Path, default=heapwise_results.ROOT / "plots",
                        help="where the charts go (default: plots/)")
    parser.add_argument("--lesson", help="only this lesson's charts")
    parser.add_argument("--lessons", type=pathlib.Path, default=heapwise_results.LESSONS,
                        help="where the lessons are (default: lessons/)")
    args = parser.parse_args(argv)
    try:
        run = heapwise_results.load_run(args.run, args.lessons, args.lesson)
        jobs = []
        for lesson in run.lessons:
            charts = heapwise_charts.build_all(run, lesson)
            drawn = {chart.name for chart in charts}
            for declared in lesson.declared["charts"]:
                name = f"{lesson.name}-{declared['id']}"
                if name not in drawn:
                    print(f"plot.py: {name}: nothing measured in this run to draw", file=sys.stderr)
            jobs += [(chart, args.out) for chart in charts]
        args.out.mkdir(parents=True, exist_ok=True)
        if len(jobs) < 2:
            for job in jobs:
                draw(job)
        else:
            with multiprocessing.get_context("fork").Pool(2) as pool:
                pool.map(draw, jobs, chunksize=1)
    except heapwise_results.Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"plot.py: {error.filename or args.out}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{len(jobs)} charts in {heapwise_results.shown_path(args.out)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
