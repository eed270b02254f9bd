"""The cost of setting a table of 100 MB: check, encode, send and verify, against two reads with pandas 2.2.2."""

from __future__ import annotations

import math
import subprocess
from typing import TYPE_CHECKING, Final

from tests.benchmarks.canned import SENT, SHOWN, TABLE
from tests.benchmarks.measuring import PROGRAM, Cost, cost
from tests.benchmarks.moving import KEY
from tests.benchmarks.row import Row, bound, ratio
from tests.benchmarks.studies import MIB, make_study
from tests.pinned.environment import pinned_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.benchmarks.bench import Bench

MOST_TIMES: Final = 4
MOST_MIB: Final = 300
ROWS: Final = 20_000
PANDAS: Final = """
import sys, time, pandas
began = time.process_time()
for _ in range(2):
    pandas.read_csv(sys.argv[1], float_precision="round_trip")
print(time.process_time() - began)
"""


def _short(number: int) -> list[str]:
    return [str(number), f"{1000 * math.sin(number):.6f}", f"{math.cos(number):.9f}"]


def _full(number: int) -> list[str]:
    return [str(number), repr(1000 * math.sin(number)), repr(math.cos(number))]


def _text(number: int) -> list[str]:
    date = f"{2010 + number % 80}-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return [date, f"region {number % 7}", f"item number {number} of a list", f"{1000 * math.sin(number):.3f}"]


KINDS: Final[dict[str, tuple[Callable[[int], list[str]], list[str]]]] = {
    "short decimals": (_short, ["years", "amount", "rest"]),
    "full precision": (_full, ["years", "amount", "rest"]),
    "texts and dates": (_text, ["date", "region", "item", "amount"]),
}


def tables(bench: Bench) -> Iterator[Row]:
    """Set a table of each kind in place of a small one, and in place of one of its size."""
    size = (10 if bench.small else 100) * MIB
    python = str(pinned_python())
    for number, (kind, (row, header)) in enumerate(KINDS.items()):
        with bench.temp_folder(f"kind {number}") as folder:
            file, shown, stored = folder / "table.csv", folder / "shown.csv", folder / "held.csv"
            given = [header, *map(row, range(ROWS))]
            times = size // sum(len(",".join(cells)) + 1 for cells in given) + 1
            _write(file, given, times)
            _write(shown, [list(map(_shown, cells)) for cells in given], times)
            _write(stored, [header, *(list(map(_shown, row(item + 1))) for item in range(ROWS))], times)
            theirs: list[float] = []
            costs: dict[str, list[Cost]] = {"small": [], "large": []}
            for item in range(bench.rounds):
                study = 40 + 2 * (bench.rounds * number + item)
                theirs.append(_reading_s(python, file))
                costs["small"].append(_set(bench, study, file, shown))
                costs["large"].append(_set(bench, study + 1, file, shown, stored))
            name = f"param set KEY=@FILE of {size // MIB} MiB, {kind}"
            yield from _rows(name, costs["small"], min(theirs))
            yield from _rows("the same, in place of as large a table", costs["large"], min(theirs))


def _reading_s(python: str, file: Path) -> float:
    """Return the processor time that pandas takes to read a file twice, without the import."""
    done = subprocess.run([python, "-c", PANDAS, str(file)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def _rows(name: str, ours: Sequence[Cost], theirs_s: float) -> Iterator[Row]:
    least = min(our.cpu_s for our in ours)
    yield ratio(f"{name}: cpu, against two reads with pandas 2.2.2", least, theirs_s, MOST_TIMES, "s")
    yield bound("the same: peak memory", max(our.peak_mib for our in ours), MOST_MIB, "MiB")


def _set(bench: Bench, study: int, file: Path, shown: Path, current: Path | None = None) -> Cost:
    """Set a table whose download is ``shown``, in a study that holds a small one or ``current``."""
    make_study(bench.studies, study, parameters=10, tables=1, table_bytes=2000)
    folder = bench.studies / str(study)
    (folder / SHOWN).symlink_to(shown)
    if current is not None:
        (folder / TABLE).unlink()
        (folder / TABLE).symlink_to(current)
    command = [PROGRAM, "param", "set", str(study), f"{KEY}=@{file}", "--yes", "--force", "-q"]
    used = cost(command, bench.environ, bench.folder)
    (folder / SENT).unlink()
    return used


def _shown(cell: str) -> str:
    """Return a cell as the server writes it."""
    return repr(float(cell)) if "." in cell else cell


def _write(path: Path, rows: Sequence[Sequence[str]], times: int) -> None:
    """Write a table, its rows several times."""
    header, *lines = [f"{','.join(row)}\n" for row in rows]
    block = "".join(lines)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(header)
        for _ in range(times):
            file.write(block)
