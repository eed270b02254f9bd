"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import gc
import os
import signal
import sys

# Until the program is there to answer Ctrl-C itself, it ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Imports make many objects and hardly any cycles: to look for these as often as usual takes a tenth of a start.
FIRST_GENERATION = 300_000


def main() -> None:
    """Import the command line, and run it; a shell that asks for a completion waits for less."""
    gc.set_threshold(FIRST_GENERATION)
    try:
        if "_SOSTRADES_COMPLETE" in os.environ:
            from sostrades_cli.completion.entry_point import answer  # noqa: PLC0415 - start-up: without the command line

            answer(os.environ, sys.stdout)
            return
        from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

        run()
    finally:
        # The process ends: what it holds goes with it, and need not be searched for cycles.
        gc.freeze()


if __name__ == "__main__":
    main()
