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
    for position, size in enumerate(sizes):
        make_study(bench.studies, 100 + position, parameters=size, tables=size // 5)
    for words in (["-q"], ["-q", "-F", "json"]):
        lines = [["study", "load", str(100 + item), "--timeout", "300", *words] for item in range(len(sizes))]
        yield from _grown(bench, f"study load {' '.join(words)}".replace(" -q", ""), "parameters", sizes, lines)
    counts = [10, 100, FULL_CHARTS]
    for position, count in enumerate(counts):
        make_study(bench.studies, 200 + position, charts=count)
    lines = [["postproc", "list", str(200 + item), "-q"] for item in range(len(counts))]
    yield from _grown(bench, "postproc list", "charts", counts, lines)
    with bench.temp_folder("charts") as folder:
        lines = [
            ["postproc", "export", str(200 + item), "-d", str(folder / str(item)), "--as", "csv", "-q", "--overwrite"]
            for item in range(len(counts))
        ]
        yield from _grown(bench, "postproc export --as csv", "charts", counts, lines)


def _grown(bench: Bench, label: str, unit: str, sizes: Sequence[int], lines: Sequence[Sequence[str]]) -> Iterator[Row]:
    start_s = cost([PROGRAM, "study", "load", "--help"], bench.environ, bench.folder).cpu_s
    costs = []
    for line in lines:
        # The first run remembers what it saw, once.
        cost([PROGRAM, *line], bench.environ, bench.folder)
        costs.append(cost([PROGRAM, *line], bench.environ, bench.folder))
    for size, result in zip(sizes, costs, strict=True):
        figure = f"{(result.wall_s - start_s) / size * 1e6:.0f} µs each, {result.peak_mib:.0f} MiB"
        yield Row(f"{label}, {size:,} {unit}: wall", shown(result.wall_s, "s"), "", figure, "")
    (few, many), (low, high) = sizes[-2:], (item.cpu_s - start_s for item in costs[-2:])
    power = math.log(high / low) / math.log(many / few)
    yield Row(
        f"{label}: growth", "", "", f"{unit} to the power of {power:.2f}", f"at most {MOST_POWER}", power <= MOST_POWER
    )
