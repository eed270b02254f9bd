"""What it takes to start, which a script does for each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks import rivals
from tests.benchmarks.measuring import PROGRAM, PYTHON, best
from tests.benchmarks.row import ratio
from tests.benchmarks.studies import make_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.row import Row

TURNS = 20
CLICK_TIMES, COMPLETION_TIMES, REQUESTS_TIMES = 1.5, 2.0, 1.15
COMPLETION = "completion of a parameter name (bash)"


def starting(bench: Bench) -> Iterator[Row]:
    """Compare what needs no server with `import click`, what asks once with the script that does so."""
    make_study(bench.studies, 21, parameters=300)
    best({"load": [PROGRAM, "study", "load", "21"]}, bench.environ, bench.folder, 1)
    # As click's script for bash does: one word a line.
    asked = {"_SOSTRADES_COMPLETE": "bash_complete", "COMP_WORDS": "sostrades\nparam\nget\n21\n", "COMP_CWORD": "4"}
    commands = {
        "click": [PYTHON, "-c", "import click"],
        "--version": [PROGRAM, "--version"],
        "--help": [PROGRAM, "--help"],
        "study --help": [PROGRAM, "study", "--help"],
        COMPLETION: ["env", *(f"{name}={value}" for name, value in asked.items()), PROGRAM],
        "requests": [PYTHON, "-c", rivals.URL],
        "url": [PROGRAM, "study", "url", "21"],
    }
    costs = best(commands, bench.environ, bench.folder, max(3, TURNS * bench.rounds // 3))
    requests, url = costs.pop("requests"), costs.pop("url")
    click = costs.pop("click")
    for name, cost in costs.items():
        limit = COMPLETION_TIMES if name == COMPLETION else CLICK_TIMES
        yield ratio(f"{name}: cpu, against `import click`", cost.cpu_s, click.cpu_s, limit, "ms")
    yield ratio("study url 21: cpu, against requests", url.cpu_s, requests.cpu_s, REQUESTS_TIMES, "ms")
    yield ratio("study url 21: wall, against requests", url.wall_s, requests.wall_s, REQUESTS_TIMES, "ms")
