"""Run the fault matrix with ``python -m tests.faults [COMMAND ...]`` and print it. Exit with 1 if a case fails."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from faults.matrix import Matrix, played_of
from faults.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMANDS = list(dict.fromkeys(" ".join(scenario.path) for scenario in SCENARIOS))


def main(arguments: Sequence[str]) -> int:
    """Run the selected commands on all cores, print the matrix, and return 1 if a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help="such as 'study load'; all unless said")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.commands if name not in COMMANDS]:
        parser.error(f"no such command in the matrix: {', '.join(unknown)}; it has {', '.join(COMMANDS)}")
    whole = Matrix()
    for name, part in _parts(asked.commands or COMMANDS):
        print(f"{name}: {sum(part.passed.values())} of {sum(part.total.values())} hold", file=sys.stderr, flush=True)  # noqa: T201
        whole.take(part)
    print(whole.table())  # noqa: T201 - a program of its own
    for line in whole.broken:
        print(line)  # noqa: T201
    return int(bool(whole.broken))


def _parts(commands: Sequence[str]) -> Iterator[tuple[str, Matrix]]:
    """Yield the results of each command in order, as soon as they are ready."""
    # A fork would take along locks of threads that are not there any more.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        yield from zip(commands, pool.map(played_of, commands), strict=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
