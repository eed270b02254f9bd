"""``python -m server_stub``: serve a world until it is interrupted."""

import argparse
import signal
import sys
from types import FrameType

from server_stub.behaviours import BEHAVIOURS
from server_stub.ontology.service import ABSENT, DOWN, ON
from server_stub.server import serve
from server_stub.worlds import SERVED, build_world

_SIGNAL_EXIT = 128


def main(arguments: list[str] | None = None) -> int:
    """Parse the options and serve the world."""
    parser = argparse.ArgumentParser(prog="python -m server_stub", description="A stub of the SoSTrades API v0.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 [default: a free port]")
    parser.add_argument("--server", choices=sorted(BEHAVIOURS), default="documented")
    parser.add_argument("--world", choices=SERVED, default="demo")
    parser.add_argument("--speed", type=_speed, default=1.0, help="speed of runs, updates and loads")
    parser.add_argument("--ontology", choices=(ON, ABSENT, DOWN), default=ON, help="state of the ontology service")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    world = build_world(options.world, server=options.server, speed=options.speed, ontology=options.ontology)
    try:
        serve(world, options.port, _announce)
    except KeyboardInterrupt:
        return _SIGNAL_EXIT + signal.SIGINT
    return 0


def _speed(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be a number above 0")
    return value


def _announce(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_SIGNAL_EXIT + number)


if __name__ == "__main__":
    sys.exit(main())
