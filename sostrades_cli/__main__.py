"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import os
import signal
import sys

# Until the program handles Ctrl-C itself, the process ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Import the command line and run it, or answer a shell that asks for a completion."""
    if "_SOSTRADES_COMPLETE" in os.environ:
        from sostrades_cli.completion.entry_point import answer  # noqa: PLC0415 - start-up: without the command line

        answer(os.environ, sys.stdout)
        return
    from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

    run()


if __name__ == "__main__":
    main()
