"""Imported before anything of matplotlib: as it comes, whatever settings this user or this directory has.

A setting would change the charts (`savefig.bbox`, `path.sketch`), ask for programs that are not there
(`text.usetex`), or end the import: a file that is not UTF-8, a backend that only a notebook knows.
"""

import logging
import os
import pathlib

# Of a home directory that cannot be written, or fonts that are missing: it finds its own way.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
os.environ.pop("MPLBACKEND", None)
os.environ["MATPLOTLIBRC"] = os.devnull
_here = os.getcwd()
os.chdir(pathlib.Path(__file__).resolve().parent)  # it looks for a matplotlibrc in the current directory first
try:
    import matplotlib
    from matplotlib import font_manager
finally:
    os.chdir(_here)

matplotlib.use("Agg")
matplotlib.rcdefaults()
# Where two files hold a font, the first in the list is taken; the list is in the order of the day that it was made.
font_manager.fontManager.ttflist.sort(key=lambda font: font.fname)
