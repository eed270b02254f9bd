"""Measure memory and processor time for the charts of a full study in a separate process."""

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
# Runs a command and tells what it took: peak memory in kB, processor time in seconds.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
json.dump({"code": done.returncode, "kb": used.ru_maxrss, "cpu_s": used.ru_utime + used.ru_stime}, sys.stdout)
"""


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
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("state", ["finished", "changed"])
def test_charts_of_a_full_study_fit_into_memory(
    environ: dict[str, str], tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1,407 charts, 18.9 MB of JSON, take less than 250 MB from any source."""
    if state == "changed":
        assert measured(environ, "param", "set", "32", "Energy.float 1 %&=5", "--yes")["code"] == 0
    commands = {
        "list": ("list", "32"),
        "show": ("show", "32", "5"),
        "html --offline": ("html", "32", "--offline", "-o", str(tmp_path / "page.html")),
        "export --as csv": ("export", "32", "-d", str(tmp_path / "charts"), "--as", "csv"),
    }
    for name, command in commands.items():
        took = measured(environ, "postproc", *command)
        with capsys.disabled():
            costs = f"{took['kb'] / 1000:.0f} MB, {took['cpu_s']:.1f} s of cpu"
            print(f"\npostproc {name}, 1407 charts of a {state} study: {costs}", end="")  # noqa: T201 - the figures
        assert took["code"] == 0
        assert took["kb"] < MOST_MB * 1000


@pytest.mark.slow
def test_list_takes_less_than_three_seconds_of_cpu_time(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`postproc list 23` lists 344 charts."""
    took = measured(environ, "postproc", "list", "23")
    with capsys.disabled():
        print(f"\npostproc list 23: {took['cpu_s']:.2f} s of cpu, {took['kb'] / 1000:.0f} MB")  # noqa: T201 - the figures
    assert (took["code"], took["cpu_s"] < 3) == (0, True)
