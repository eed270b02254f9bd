"""Measure memory and processor time for the structure of studies of the size of WITNESS, in separate processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = str(Path(sys.executable).parent / "sostrades")
MOST_MB = 250
MOST_CPU_S = 2.0
# Runs a command and tells what it took: peak memory in kB, processor time in seconds.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump({"code": done.returncode, "kb": used.ru_maxrss, "cpu_s": used.ru_utime + used.ru_stime}, sys.stdout)
"""
# A study like WITNESS, with a read-only file of 11 MB, and one with all its charts, 26 MB.
WITNESS, WHOLE = "33", "32"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve large studies and return the environment for them."""
    world = build_world("witness", server="documented", speed=20.0)
    home = tmp_path_factory.mktemp("home")
    folders = {f"SOSTRADES_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    with running(world) as url:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        yield {**kept, "HOME": str(home), "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key, **folders}


def measured(environ: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Run the program and return its costs."""
    command = [sys.executable, "-c", MEASURE, PROGRAM, *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=True)
    costs: dict[str, Any] = json.loads(done.stdout)
    return costs


@pytest.mark.slow
@pytest.mark.parametrize("study", [WITNESS, WHOLE])
@pytest.mark.parametrize("state", ["first", "cached"])
def test_commands_take_little_time_and_memory(
    environ: dict[str, str], tmp_path: Path, study: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {
        "study tree": ("study", "tree", study, "--params"),
        "study graph": ("study", "graph", study, "-o", str(tmp_path / "page.html")),
        "study order": ("study", "order", study),
        "param trace": ("param", "trace", study, "year_start" if study == WITNESS else "Energy.float 1 %&"),
    }
    measured(environ, "study", "order", study)
    for name, command in commands.items():
        if state == "first":
            cached = Path(environ["SOSTRADES_CACHE_DIR"]) / "structures"
            for file in cached.rglob("*.json"):
                file.unlink()
        took = measured(environ, *command)
        with capsys.disabled():
            costs = f"{took['kb'] / 1000:.0f} MB, {took['cpu_s']:.2f} s of cpu"
            print(f"\n{name} {study} ({state}): {costs}", end="")  # noqa: T201 - the figures
        assert took["code"] == 0
        assert took["kb"] < MOST_MB * 1000
        assert took["cpu_s"] < MOST_CPU_S
