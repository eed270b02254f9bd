"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import gc
import signal

# Until the program handles Ctrl-C itself, the process ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# A command makes many objects and hardly any cycles. With Python's default of 700, the search for cycles takes a fifth
# of the time of `param list` on a study of 2,241 parameters.
OBJECTS_BETWEEN_SEARCHES = 100_000


def main() -> None:
    """Import the command line and run it."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

    try:
        run()
    finally:
        # Python searches all modules for cycles when it exits, a fifth of the time of a short command.
        gc.freeze()


if __name__ == "__main__":
    main()
