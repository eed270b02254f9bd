"""The program's first lines: ``sostrades`` and ``python -m sostrades_cli``."""

import signal

# Until the program handles Ctrl-C itself, the process ends at once, without a traceback of half an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """Import the command line and run it."""
    from sostrades_cli.cli.main import main as run  # noqa: PLC0415 - after the signal is set

    run()


if __name__ == "__main__":
    main()
