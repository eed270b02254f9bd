"""What a process costs: processor time, wall-clock time, peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON: Final = sys.executable
PROGRAM: Final = str(Path(sys.executable).parent / "sostrades")


class BenchmarkFailed(Exception):
    """A command did not do what is measured."""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of processor and of wall clock, the peak of its memory in MiB."""

    cpu_s: float
    wall_s: float
    peak_mib: float


# A small process starts what is measured: the memory of whoever starts a process counts as that process's own peak.
_STARTER: Final = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, code, used = os.wait4(process.pid, 0)
wall_s = time.perf_counter() - began
json.dump([os.waitstatus_to_exitcode(code), used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024], sys.stdout)
"""


def cost(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> Cost:
    """Run a command, throw its output away, and return what it took."""
    starter = [PYTHON, "-I", "-S", "-c", _STARTER, *command]
    done = subprocess.run(starter, env=environ, cwd=folder, capture_output=True, check=True)
    code, cpu_s, wall_s, peak_mib = json.loads(done.stdout)
    if code:
        raise BenchmarkFailed(f"{' '.join(command)[:200]} ended with {code}: {done.stderr.decode()[-500:]}")
    return Cost(cpu_s, wall_s, peak_mib)


def best(
    commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], folder: Path, rounds: int
) -> dict[str, Cost]:
    """Run commands in turn, so that what else the machine does hits all alike; return the least that each took."""
    result: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            result[name].append(cost(command, environ, folder))
    return {name: _least(costs) for name, costs in result.items()}


def _least(costs: Sequence[Cost]) -> Cost:
    return Cost(min(c.cpu_s for c in costs), min(c.wall_s for c in costs), min(c.peak_mib for c in costs))
