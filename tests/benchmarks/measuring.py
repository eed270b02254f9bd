"""What a process costs: processor time, wall-clock time, peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
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


def cost(command: Sequence[str], environ: Mapping[str, str], folder: Path, into: str = os.devnull) -> Cost:
    """Run a command, its output into a file, and return what it took."""
    began = time.perf_counter()
    with Path(into).open("wb") as output:
        process = subprocess.Popen(command, env=environ, cwd=folder, stdout=output, stderr=subprocess.PIPE)
        errors = process.stderr.read() if process.stderr else b""
        _, code, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise BenchmarkFailed(f"{' '.join(command)[:200]} ended with {process.returncode}: {errors.decode()[-500:]}")
    return Cost(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024)


def best(
    commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], folder: Path, rounds: int
) -> dict[str, Cost]:
    """Run commands in turn, so that what else the machine does hits all alike; return the least that each took."""
    found: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(cost(command, environ, folder))
    return {name: _least(costs) for name, costs in found.items()}


def _least(costs: Sequence[Cost]) -> Cost:
    return Cost(min(c.cpu_s for c in costs), min(c.wall_s for c in costs), min(c.peak_mib for c in costs))
