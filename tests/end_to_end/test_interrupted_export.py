"""Test exports and applies that are killed half way, and the next attempt."""

from __future__ import annotations

import json
import re
import signal
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

pytestmark = pytest.mark.slow
PATIENCE_S = 60.0
STEP_S = 0.02
DOWNLOAD = {"method": "POST", "path": "download$"}
CHANGE = {"method": "POST", "path": "parameters$"}
LOAD = {"method": "GET", "path": r"study-case/21(/\d+)?$"}


def waited(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, with a generous time limit."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(STEP_S)


@dataclass
class Stub:
    """A stub of this test, and the shell of its user."""

    shell: Shell
    url: str

    def arms(self, *faults: dict[str, Any]) -> None:
        """Arm faults. Each applies to the first requests that match it, in order."""
        httpx.post(f"{self.url}/stub/faults", json=list(faults)).raise_for_status()

    def disarms(self) -> None:
        """Disarm all faults."""
        httpx.delete(f"{self.url}/stub/faults").raise_for_status()

    def all_met(self) -> bool:
        """Return whether every fault has been applied."""
        return bool(httpx.get(f"{self.url}/stub/faults").json() == [])

    def request_count(self) -> int:
        """Return the number of answered requests."""
        return int(httpx.get(f"{self.url}/stub/requests").json()["count"])

    def count_requests(self, method: str, path: str) -> int:
        """Return how many of the last requests went to a path, a regular expression as in a fault."""
        last = httpx.get(f"{self.url}/stub/requests").json()["last"]
        return sum(item["method"] == method and re.search(path, item["path"]) is not None for item in last)

    def clear_requests(self) -> None:
        """Clear the recorded requests."""
        httpx.delete(f"{self.url}/stub/requests").raise_for_status()

    def kills(self, *words: str, when: Callable[[], bool]) -> None:
        """Start a command and kill it by its id as soon as a condition holds."""
        process = self.shell.starts(*words)
        try:
            waited(lambda: when() or process.poll() is not None)
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGKILL

    def runs(self, line: str, code: int = 0) -> str:
        """Run a command to its end, and return the output of both streams."""
        done = self.shell.runs(f"sostrades {line}")
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def differing(self, folder: str) -> list[str]:
        """Return the parameters that differ between study 21 and a folder."""
        rows = json.loads(self.shell.runs(f"sostrades study diff 21 ./{folder} -F json").stdout)
        return [row["key"] for row in rows]

    def edits(self, old: str, new: str, file: str = "parameters.toml") -> None:
        """Replace a text that occurs once in a file of the folder ``mine``."""
        path = self.shell.folder / "mine" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def stub(shell: Shell, request: pytest.FixtureRequest) -> Iterator[Stub]:
    """Serve a stub for one test, of the documented server by default."""
    world = build_world("demo", server=getattr(request, "param", "documented"), speed=50.0)
    world.download_seconds = 0.002
    with running(world) as url:
        # A killed process leaves its scratch folder: here it goes with the test.
        environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
        environ["TMPDIR"] = str(shell.folder.parent)
        yield Stub(replace(shell, environ=environ, url=url, key=world.key), url)


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of an export by name, except the manifest, which contains the time."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("stub", ["documented", "5.3"], indirect=True)
def test_killed_export_is_continued(stub: Stub) -> None:
    """It requests only the rest, and the result equals an uninterrupted export."""
    stub.runs("study export 23 whole")
    whole = stub.request_count()
    stub.clear_requests()
    begun = False

    def in_the_middle() -> bool:
        nonlocal begun
        if not begun and stub.request_count() > 100:
            begun = True
            stub.arms({"kind": "hang", "count": 4, **DOWNLOAD})
        return begun and stub.all_met()

    stub.kills("study", "export", "23", "mine", when=in_the_middle)
    folder = stub.shell.folder / "mine"
    there = len(list(folder.rglob("*.csv")))
    assert 50 < there < 480
    assert not (folder / "manifest.json").exists()
    stub.runs("study diff 23 ./mine", code=2)
    stub.disarms()
    stub.clear_requests()
    assert f"{there} tables" in stub.runs("study export 23 mine")
    assert stub.request_count() < whole - there + 10
    assert content(folder) == content(stub.shell.folder / "whole")
    stub.runs("study diff ./mine ./whole --exit-code")


def test_repeatedly_killed_export_is_completed(stub: Stub) -> None:
    stub.runs("study export 21 whole")
    saved = [0]
    for after in (2, 2, 3):
        stub.arms({"kind": "slow", "count": after, "seconds": 0.0, **DOWNLOAD}, {"kind": "hang", **DOWNLOAD})
        stub.kills("study", "export", "21", "mine", "--jobs", "1", when=stub.all_met)
        saved.append(len(list((stub.shell.folder / "mine").rglob("*.csv"))))
    assert saved == sorted(saved)
    assert saved[-1] > saved[1] > 0
    stub.runs("study export 21 mine")
    assert content(stub.shell.folder / "mine") == content(stub.shell.folder / "whole")


@pytest.mark.parametrize("stub", ["documented", "5.3"], indirect=True)
def test_apply_killed_before_its_change_can_be_repeated(stub: Stub) -> None:
    stub.runs("study export 21 mine")
    stub.edits('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    stub.edits('"coal" = 0.4', '"coal" = 0.45')
    stub.arms({"kind": "hang", **CHANGE})
    stub.kills("study", "apply", "mine", "21", when=stub.all_met)
    assert stub.differing("mine") == ["Macro.gamma", "Macro.shares"]
    assert stub.runs("param get 21 dice.Macro.gamma").startswith("0.3\n")
    stub.runs("study apply mine 21")
    assert stub.differing("mine") == []


def test_apply_killed_between_its_two_requests_can_be_repeated(stub: Stub) -> None:
    """Tables are new and values are old."""
    stub.runs("study export 21 mine")
    stub.edits('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    stub.edits("7870.5", "8000.25", "data/Macro.population.csv")
    at_once = {"kind": "slow", "seconds": 0.0, **CHANGE}  # the question whether files are taken, and the files
    stub.arms(at_once, at_once, {"kind": "hang", **CHANGE})
    stub.kills("study", "apply", "mine", "21", when=stub.all_met)
    assert stub.differing("mine") == ["Macro.gamma"]
    stub.runs("study apply mine 21")
    assert stub.differing("mine") == []
    stub.edits("8000.25", "9000.25", "data/Macro.population.csv")
    stub.runs("study apply mine 21")


def test_apply_killed_after_its_change_has_nothing_to_send(stub: Stub) -> None:
    stub.runs("study export 21 mine")
    stub.edits('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    stub.clear_requests()
    stub.runs("study apply mine 21 --dry-run")
    looks = [{"kind": "slow", "seconds": 0.0, **LOAD}] * stub.count_requests(**LOAD)
    assert looks
    # As many looks as a dry run takes come before the change; the next one would have proven it.
    stub.arms(*looks, {"kind": "hang", **LOAD})
    stub.kills("study", "apply", "mine", "21", when=stub.all_met)
    assert stub.differing("mine") == []
    stub.clear_requests()
    stub.runs("study apply mine 21")
    assert stub.count_requests(**CHANGE) == 0
    stub.edits('"Macro.gamma" = 0.4', '"Macro.gamma" = 0.5')
    stub.runs("study apply mine 21")
    assert stub.runs("param get 21 dice.Macro.gamma").startswith("0.5\n")
