"""Entry point of ``sostrades`` and ``python -m sostrades_cli``."""

import gc
import signal

# Until the program handles Ctrl-C, the process ends at once, without a traceback from within an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Import the command line and run it."""
    from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

    try:
        run()
    finally:
        # At exit Python searches all modules for reference cycles: a fifth of the time of a short command.
        gc.freeze()


if __name__ == "__main__":
    main()
