"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import gc
import signal

# Until the program is there to answer Ctrl-C itself, it ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Imports make many objects and hardly any cycles: to look for these as often as usual takes a tenth of a start.
FIRST_GENERATION = 300_000


def main() -> None:
    """Import the command line and run it."""
    gc.set_threshold(FIRST_GENERATION)
    try:
        from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

        run()
    finally:
        # The process ends: what it holds goes with it, and need not be searched for cycles.
        gc.freeze()


if __name__ == "__main__":
    main()
