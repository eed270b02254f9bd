"""How costs grow with a study: ten times as much should take ten times as long, and no more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import PROGRAM, cost
from tests.benchmarks.row import Row, shown
from tests.benchmarks.studies import FULL_CHARTS, make_study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.bench import Bench

# Of the power with which the cost grows, without that of the start: 1 is linear.
MOST_POWER = 1.15


def growing(bench: Bench) -> Iterator[Row]:
    """Load studies of 1,000 to 50,000 parameters, list and export 10 charts to all of a full study."""
    sizes = [1_000, 5_000, 20_000] if bench.small else [1_000, 5_000, 50_000]
    for place, size in enumerate(sizes):
        make_study(bench.studies, 100 + place, parameters=size, tables=size // 5)
    for words in (["-q"], ["-q", "-F", "json"]):
        lines = [["study", "load", str(100 + place), "--timeout", "300", *words] for place in range(len(sizes))]
        yield from _grown(bench, f"study load {' '.join(words)}".replace(" -q", ""), "parameters", sizes, lines)
    counts = [10, 100, FULL_CHARTS]
    for place, count in enumerate(counts):
        make_study(bench.studies, 200 + place, charts=count)
    lines = [["postproc", "list", str(200 + place), "-q"] for place in range(len(counts))]
    yield from _grown(bench, "postproc list", "charts", counts, lines)
    with bench.temp_folder("charts") as folder:
        lines = [
            ["postproc", "export", str(200 + place), "-d", str(folder / str(place)), "--as", "csv", "-q", "--overwrite"]
            for place in range(len(counts))
        ]
        yield from _grown(bench, "postproc export --as csv", "charts", counts, lines)


def _grown(bench: Bench, what: str, unit: str, sizes: Sequence[int], lines: Sequence[Sequence[str]]) -> Iterator[Row]:
    start_s = cost([PROGRAM, "study", "load", "--help"], bench.environ, bench.folder).cpu_s
    costs = []
    for line in lines:
        # The first run remembers what it saw, once.
        cost([PROGRAM, *line], bench.environ, bench.folder)
        costs.append(cost([PROGRAM, *line], bench.environ, bench.folder))
    for size, found in zip(sizes, costs, strict=True):
        figure = f"{(found.wall_s - start_s) / size * 1e6:.0f} µs each, {found.peak_mib:.0f} MiB"
        yield Row(f"{what}, {size:,} {unit}: wall", shown(found.wall_s, "s"), "", figure, "")
    (few, many), (low, high) = sizes[-2:], (found.cpu_s - start_s for found in costs[-2:])
    power = math.log(high / low) / math.log(many / few)
    yield Row(
        f"{what}: growth", "", "", f"{unit} to the power of {power:.2f}", f"at most {MOST_POWER}", power <= MOST_POWER
    )
