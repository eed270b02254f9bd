"""What it takes to load a study and to show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks import rivals
from tests.benchmarks.measuring import PROGRAM, PYTHON, best
from tests.benchmarks.row import ratio
from tests.benchmarks.studies import FULL, make_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.row import Row

# The clock of a busy machine differs by more than the two do.
REQUESTS_TIMES, WALL_TIMES = 1.0, 1.1


def loading(bench: Bench) -> Iterator[Row]:
    """Compare the load of a full study with the script."""
    make_study(bench.studies, 23, parameters=FULL, tables=490)
    commands = {
        "ours": [PROGRAM, "study", "load", "23", "-F", "json"],
        "theirs": [PYTHON, "-c", rivals.LOAD],
    }
    # The first run fills the cache. Compared are the runs after it.
    best({"first": commands["ours"]}, bench.environ, bench.folder, 1)
    costs = best(commands, bench.environ, bench.folder, 5 * bench.rounds)
    ours, theirs = costs["ours"], costs["theirs"]
    yield ratio(
        f"study load, {FULL:,} parameters, json: cpu, against requests", ours.cpu_s, theirs.cpu_s, REQUESTS_TIMES, "ms"
    )
    yield ratio("the same: wall", ours.wall_s, theirs.wall_s, WALL_TIMES, "ms")
