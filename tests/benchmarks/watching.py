"""What it takes to watch a run for hours: ten thousand looks, without waiting between them."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root, this_runtime
from sostrades_cli.clock import SystemClock
from tests.benchmarks.bench import ROOT
from tests.benchmarks.measuring import PYTHON, cost
from tests.benchmarks.row import bound
from tests.benchmarks.studies import make_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.row import Row

LOOKS, WARM = 10_000, 1_000


def watching(bench: Bench) -> Iterator[Row]:
    """Watch a run that does not end, over a real socket, in a process whose clock does not wait."""
    make_study(bench.studies, 29, status="RUNNING")
    reported = bench.folder / "watched.json"
    command = [PYTHON, "-m", "tests.benchmarks.watching", str(reported)]
    cost(command, {**bench.environ, "PYTHONPATH": str(ROOT)}, bench.folder)
    result = json.loads(reported.read_text())
    yield bound(f"calc watch, {LOOKS:,} polls: cpu for each", result["each_s"] * 1000, 5, "ms of cpu")
    yield bound("the same: growth of memory after the first thousand", result["grown_mib"], 1, "MiB")


class _Hurried(SystemClock):
    """A clock whose waits take no time, and which looks at memory as polls go by."""

    def __init__(self) -> None:
        self.slept_s = 0.0
        self.waits = 0
        self.resident_mib: list[float] = []

    def monotonic(self) -> float:
        return time.monotonic() + self.slept_s

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds
        self.waits += 1
        if self.waits in {WARM, LOOKS}:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.resident_mib.append(pages * 4096 / 2**20)


def main() -> None:
    """Watch, and write what it took."""
    clock = _Hurried()
    sink: TextIO = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    world = this_runtime()._replace(stdout=sink, clock=clock)
    words = ["calc", "watch", "29", "--interval", "1", "--timeout", f"{2 * LOOKS}s"]
    before = time.process_time()
    code = framework.run(root, Invocation(world, words))
    each_s = (time.process_time() - before) / clock.waits
    first, last = clock.resident_mib
    Path(sys.argv[1]).write_text(json.dumps({"code": code, "each_s": each_s, "grown_mib": last - first}))


if __name__ == "__main__":
    main()
