"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import atexit
import gc
import os
import signal
import sys
import warnings

# Until the program handles Ctrl-C itself, the process ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# A command makes many objects and hardly any cycles. With Python's default of 700, the search for cycles takes a fifth
# of the time of `param list` on a study of 2,241 parameters.
OBJECTS_BETWEEN_SEARCHES = 100_000


def main() -> None:
    """Import the command line, run it, and end the process."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    if not sys.warnoptions:
        # Warnings of libraries are for programmers, and standard error has one JSON object at most with -F json.
        warnings.simplefilter("ignore")
    code: object = None

    def end_at_once() -> None:
        from contextlib import suppress  # not before the signal is set

        if isinstance(code, int):
            for stream in (sys.stdout, sys.stderr):
                # The error was reported already.
                with suppress(OSError):
                    stream.flush()
            os._exit(code)

    # Without this, Python would finalize every module, which takes a tenth of the time of a short command. Exit
    # functions run in reverse order, so all threads and the functions of libraries have ended by then. mypy does this,
    # too.
    atexit.register(end_at_once)
    from sostrades_cli.cli.main import main as run  # after the signal is set

    try:
        run()
    except SystemExit as ended:
        code = ended.code
        raise


if __name__ == "__main__":
    main()
