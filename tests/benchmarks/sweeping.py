"""What a sweep costs for each case, and whether that grows with the number of cases."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measuring import PROGRAM, cost
from tests.benchmarks.row import Row, bound, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.bench import Bench

# The runs and loads of the stub last a few milliseconds.
SPEED = 200
MOST_MS = 40
# As for studies: 1 is linear.
MOST_POWER = 1.15


@contextlib.contextmanager
def _stub(bench: Bench) -> Iterator[dict[str, Any]]:
    """Start a stub in a process of its own."""
    words = [PROGRAM, "stub", "--speed", str(SPEED)]
    process = subprocess.Popen(words, env=bench.environ, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def sweeping(bench: Bench) -> Iterator[Row]:
    """Sweep a study of the stub with 100 to 1,000 cases."""
    counts = [50, 100] if bench.small else [100, 1_000]
    costs = []
    with _stub(bench) as stub, bench.temp_folder("sweeps") as folder:
        environ = {**bench.environ, "SOSTRADES_HOST": stub["url"], "SOSTRADES_API_KEY": stub["key"]}
        start_s = cost([PROGRAM, "calc", "sweep", "--help"], environ, folder).cpu_s
        for count in counts:
            cases = "".join(f"{0.1 + number / 10_000}\n" for number in range(count))
            (folder / f"{count}.csv").write_text(f"Macro.gamma\n{cases}")
            words = ["21", f"{count}.csv", "--collect", "Damage.total_damage", "-o", f"results{count}.csv", "-q"]
            costs.append(cost([PROGRAM, "calc", "sweep", *words], environ, folder))
    few, many = counts
    low, high = (item.cpu_s - start_s for item in costs)
    yield bound(f"calc sweep, {many:,} cases: cpu for each", high / many * 1000, MOST_MS, "ms of cpu")
    yield Row(f"calc sweep, {many:,} cases: memory", shown(costs[-1].peak_mib, "MiB"), "", "", "")
    power = math.log(high / low) / math.log(many / few)
    figure = f"cases to the power of {power:.2f}"
    yield Row("calc sweep: growth", "", "", figure, f"at most {MOST_POWER}", power <= MOST_POWER)
