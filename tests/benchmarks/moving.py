"""What it takes to fetch and to send files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks import rivals
from tests.benchmarks.canned import SENT
from tests.benchmarks.measuring import PROGRAM, PYTHON, BenchmarkFailed, Cost, cost
from tests.benchmarks.row import Row, bound, ratio, shown
from tests.benchmarks.studies import FULL, MIB, make_study, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.bench import Bench

GIB = 1024 * MIB
MOST_JOBS = 8
KEY = "canned.Node 0.dataframe_0"
LINEAR = 1.25


def moving(bench: Bench) -> Iterator[Row]:
    """Many tables, one big one, and one that is sent."""
    yield from _many(bench)
    size = GIB // 10 if bench.small else GIB
    yield from _rows_of_size(bench, size)
    yield from _sent(bench, size)


def _many(bench: Bench) -> Iterator[Row]:
    tables = 49 if bench.small else 490
    make_study(
        bench.studies, 23, parameters=tables if bench.small else FULL, tables=tables, table_bytes=2000, download_s=0.05
    )
    with bench.temp_folder("loop") as folder:
        theirs = cost([PYTHON, "-c", rivals.DOWNLOADS, str(folder)], bench.environ, bench.folder)
        fetched = len(list(folder.iterdir()))
    bench.counts()
    with bench.temp_folder("many") as folder:
        command = [PROGRAM, "param", "download", "23", "--all", "--jobs", str(MOST_JOBS), "-d", str(folder), "-q"]
        ours = cost(command, bench.environ, bench.folder)
        # The manifest is one more.
        if len(list(folder.iterdir())) != fetched + 1:
            raise BenchmarkFailed("not the same files")
    most = bench.counts()["most"]
    name = f"param download --all --jobs {MOST_JOBS}, {fetched} tables of 50 ms each: wall"
    times = theirs.wall_s / ours.wall_s
    yield Row(
        name,
        shown(ours.wall_s, "s"),
        shown(theirs.wall_s, "s"),
        f"{times:.1f} times faster",
        "at least 6 times",
        times >= 6,
    )
    yield Row("the same: requests at once", str(most), "1", "", f"never more than {MOST_JOBS}", most <= MOST_JOBS)


def _rows_of_size(bench: Bench, size: int) -> Iterator[Row]:
    make_study(bench.studies, 25, parameters=10, tables=1, table_bytes=size)
    with bench.temp_folder("big") as folder:
        costs: dict[str, list[Cost]] = {"ours": [], "theirs": []}
        for _ in range(bench.rounds):
            for name, command in _fetching(bench, folder / "table.csv").items():
                costs[name].append(cost(command, bench.environ, folder))
                if (folder / "table.csv").stat().st_size < size:
                    raise BenchmarkFailed("not the whole table")
                (folder / "table.csv").unlink()
    ours, theirs = (min(c.wall_s for c in costs[name]) for name in ("ours", "theirs"))
    yield ratio(f"param download of one table, {size // MIB:,} MiB: wall, against curl -o", ours, theirs, 1.3, "s")
    yield bound("the same: peak memory", max(c.peak_mib for c in costs["ours"]), 80, "MiB")


def _fetching(bench: Bench, file: Path) -> dict[str, list[str]]:
    url = f"{bench.url}/api/v0/study-case/25/parameter/download"
    head = ["-H", f"Authorization: Bearer {bench.environ['SOSTRADES_API_KEY']}", "-H", "Content-Type: application/json"]
    return {
        "ours": [PROGRAM, "param", "download", "25", KEY, "-o", str(file), "-q"],
        "theirs": ["curl", "-sS", "-f", *head, "-d", f'{{"parameter_key": "{KEY}"}}', "-o", str(file), url],
    }


def _sent(bench: Bench, size: int) -> Iterator[Row]:
    """Send a table of the whole size, then a quarter of it: what comes before and after must be linear."""
    with bench.temp_folder("sent") as folder:
        whole, quarter = folder / "whole.csv", folder / "quarter.csv"
        write_table(whole, size, factor=2.0)
        write_table(quarter, size // 4, factor=3.0)
        curl = _curled(bench, whole)
        phases = [_set(bench, study, file) for study, file in ((26, quarter), (27, whole))]
    small, large = phases
    name = f"param set KEY=@FILE of {size // MIB:,} MiB"
    yield ratio(f"{name}: sending alone, against curl -F", large["sending"], curl, 1.5, "s")
    for phase in ("check", "read-back"):
        growth = large[phase] / small[phase] / 4
        words = f"{growth:.2f} times linear"
        yield Row(
            f"the same: {phase}, a quarter of it in `theirs`",
            shown(large[phase], "s"),
            shown(small[phase], "s"),
            words,
            f"at most {LINEAR}",
            growth <= LINEAR,
        )
    yield bound("the same: peak memory of all of it", large["peak_mib"], 120, "MiB")


def _curled(bench: Bench, file: Path) -> float:
    """Send a file with curl, as a form; return the seconds from its first byte to its last."""
    make_study(bench.studies, 28, parameters=10, tables=1, table_bytes=2000)
    url = f"{bench.url}/api/v0/study-case/28/parameters"
    head = ["-H", f"Authorization: Bearer {bench.environ['SOSTRADES_API_KEY']}", "-H", "Expect:"]
    result = []
    for _ in range(bench.rounds):
        bench.counts()
        cost(["curl", "-sS", "-f", *head, "-F", f"{KEY}=@{file}", url], bench.environ, bench.folder)
        first, last = bench.counts()["form"]
        result.append(last - first)
    return min(result)


def _set(bench: Bench, study: int, file: Path) -> dict[str, float]:
    """Set a table, and return the seconds of each phase: before the form's first byte, the form, all after it."""
    make_study(bench.studies, study, parameters=10, tables=1, table_bytes=2000)
    bench.counts()
    began = time.monotonic()
    used = cost([PROGRAM, "param", "set", str(study), f"{KEY}=@{file}", "--yes", "-q"], bench.environ, bench.folder)
    ended = time.monotonic()
    counts: dict[str, Any] = bench.counts()
    first, last = counts["form"]
    (bench.studies / str(study) / SENT).unlink()
    return {"check": first - began, "sending": last - first, "read-back": ended - last, "peak_mib": used.peak_mib}
