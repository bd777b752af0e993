"""What a user sees when a program here fails: one line and a status, never a traceback.

The first import of each program: from then on any exception that nobody caught, one of an import included, ends in
one line and status 1. HEAPWISE_DEBUG=1 in the environment shows the traceback too.
"""

import os
import pathlib
import sys
import traceback
import warnings

_DEBUG = bool(os.environ.get("HEAPWISE_DEBUG"))
_PROGRAM = pathlib.PurePath(sys.argv[0]).name

if not _DEBUG:
    warnings.simplefilter("ignore")  # libraries' words to their callers, with lines of source


class Refused(Exception):
    """Something that cannot be used, such as a broken file; the message is the one line for the user."""


def in_words(error):
    """The exception in one line."""
    if _DEBUG:
        traceback.print_exception(error)
    text = " ".join(str(error).split())
    if isinstance(error, Refused):
        return text
    if isinstance(error, ImportError):
        return f"{text}; scripts/python runs this program with a Python that has what it needs"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"unexpected {type(error).__name__}{': ' if text else ''}{text} (HEAPWISE_DEBUG=1 shows where)"


def complain(line):
    """Says the line on stderr. Where that cannot be written, the status has to be enough."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        pass


def _last_words(_, error, __):
    if not isinstance(error, KeyboardInterrupt):
        complain(f"{_PROGRAM}: {in_words(error)}")


sys.excepthook = _last_words


def outcome(main):
    """The status that main() ends with: its own, 2 where it refused, 1 where it failed, which it says."""
    try:
        return main()
    except Refused as refused:
        complain(in_words(refused))
        return 2
    except SystemExit as end:  # argparse's, after its help too
        return end.code
    except Exception as error:
        complain(f"{_PROGRAM}: {in_words(error)}")
        return 1


def run(main):
    """Runs a program's main() and ends with its outcome; output that was lost is never status 0."""
    status = outcome(main)
    try:
        if sys.stdout is None:
            raise OSError("it is closed")
        sys.stdout.flush()
    except OSError as error:
        complain(f"{_PROGRAM}: the output could not be written: {error.strerror or error}")
        status = status or 1
        sys.stdout = None  # or what is left in the buffer would be tried, and complained about, once more
    sys.exit(status)
