"""``python -m tests.benchmarks``: the table of speeds, against what a user would otherwise do."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.bench import serving
from tests.benchmarks.growing import growing
from tests.benchmarks.loading import loading
from tests.benchmarks.moving import moving
from tests.benchmarks.row import HEADS
from tests.benchmarks.starting import starting
from tests.benchmarks.sweeping import sweeping
from tests.benchmarks.tables import tables
from tests.benchmarks.watching import watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.row import Row

SUBJECTS: Final[dict[str, Callable[[Bench], Iterator[Row]]]] = {
    "starting": starting,
    "loading": loading,
    "moving": moving,
    "tables": tables,
    "watching": watching,
    "growing": growing,
    "sweeping": sweeping,
}


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table as Markdown, and end with 1 if a goal is not met."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", help=f"of {', '.join(SUBJECTS)}; all unless said")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn; the least counts")
    parser.add_argument("--small", action="store_true", help="a tenth of the big sizes: does it work at all?")
    asked = parser.parse_args(arguments)
    chosen = [(name, SUBJECTS[name]) for name in asked.subjects or SUBJECTS]
    rows: list[Row] = []
    for name, measure in chosen:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder), rounds=asked.rounds, small=asked.small) as b,
        ):
            for row in measure(b):
                rows.append(row)
                print(f"{name}: {' | '.join(filter(None, row.cells))}", file=sys.stderr, flush=True)  # noqa: T201
    print("\n".join(_table(rows)))  # noqa: T201 - a program of its own
    return int(any(row.met is False for row in rows))


def _table(rows: Sequence[Row]) -> Iterator[str]:
    lines = [HEADS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    for number, line in enumerate(lines):
        yield f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        if number == 0:
            yield f"|{'|'.join('-' * (width + 2) for width in widths)}|"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
