"""Test commands killed in the middle of a change, and the next command."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

pytestmark = pytest.mark.slow
PATIENCE_S = 60.0
STEP_S = 0.02
GAMMA = "dice.Macro.gamma"


@dataclass
class Stub:
    """A stub of this test, and the shell of its user."""

    shell: Shell
    url: str

    def arms(self, kind: str, seconds: float = 0.0) -> None:
        """Arm a fault for the next change."""
        fault = {"kind": kind, "method": "POST", "path": "parameters$", "seconds": seconds}
        httpx.post(f"{self.url}/stub/faults", json=fault).raise_for_status()

    def reached(self) -> bool:
        """Return whether the fault has been reached: the change has arrived, and is blocked."""
        return bool(httpx.get(f"{self.url}/stub/faults").json() == [])

    def carried_out(self) -> bool:
        """Return whether the stub has finished a change, even if nobody reads the answer."""
        requests = httpx.get(f"{self.url}/stub/requests").json()["last"]
        return any(request["method"] == "POST" and request["path"].endswith("/parameters") for request in requests)

    def kills(self, *words: str) -> None:
        """Start a command and kill it by its id while the stub blocks its change."""
        process: subprocess.Popen[str] = self.shell.starts(*words)
        try:
            waited(self.reached)
            assert process.poll() is None
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=PATIENCE_S)
        assert process.returncode == -signal.SIGKILL

    def says(self, line: str) -> str:
        """Run a command that succeeds, and return its output."""
        done = self.shell.runs(f"sostrades {line}")
        assert (done.returncode, done.stderr if "json" in line else "") == (0, ""), done.stderr
        return done.stdout

    def journal(self) -> list[tuple[str, str]]:
        """Return command and outcome of each entry of study 21."""
        entries: list[dict[str, Any]] = json.loads(self.says("param history 21 -F json"))
        return [(entry["command"], entry["outcome"]) for entry in entries]

    @property
    def state(self) -> Path:
        """Return the folder of the journal."""
        return self.shell.folder.parent / "state"


def waited(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, with a generous time limit."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(STEP_S)


@pytest.fixture(params=["documented", "5.3"])
def stub(shell: Shell, request: pytest.FixtureRequest) -> Iterator[Stub]:
    """Serve a stub of each kind for one test."""
    world = build_world("demo", server=request.param, speed=20.0)
    with running(world) as url:
        # A killed process leaves its scratch folder: here it goes with the test.
        environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
        environ["TMPDIR"] = str(shell.folder.parent)
        yield Stub(replace(shell, environ=environ, url=url, key=world.key), url)


def test_change_killed_before_it_was_made_can_be_repeated(stub: Stub) -> None:
    stub.arms("hang")
    stub.kills("param", "set", "21", f"{GAMMA}=0.9")
    assert stub.journal() == [("set", "begun")]
    assert stub.says(f"param get 21 {GAMMA}") == "0.3\n"
    stub.says("param undo 21")
    stub.says(f"param set 21 {GAMMA}=0.9")
    assert stub.says(f"param get 21 {GAMMA}") == "0.9\n"
    stub.says("param undo 21")
    assert stub.says(f"param get 21 {GAMMA}") == "0.3\n"
    journal = stub.journal()
    assert (journal[0], journal[-2:]) == (("set", "begun"), [("set", "done"), ("undo", "done")])


def test_change_made_after_its_process_was_killed_can_be_undone(stub: Stub) -> None:
    stub.arms("slow", seconds=0.4)
    stub.kills("param", "set", "21", f"{GAMMA}=0.9", "Macro.note=☃")
    waited(stub.carried_out)
    assert stub.journal() == [("set", "begun")]
    assert stub.says(f"param get 21 {GAMMA}") == "0.9\n"
    stub.says("param undo 21")
    assert stub.says(f"param get 21 {GAMMA}") == "0.3\n"
    assert stub.says("param get 21 dice.Macro.note") == "café ☃ naïve\n"
    files = [path for path in stub.state.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert not any(stub.shell.key.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize("stub", ["documented"], indirect=True)
def test_killed_upload_can_be_undone(stub: Stub) -> None:
    """Both tables are on disk before the upload."""
    before = stub.says("param download 21 dice.Macro.events")
    sent = "name,active,comment,amount\nRome,True,x,1.5\n"
    (stub.shell.folder / "e.csv").write_text(sent)
    stub.arms("slow", seconds=0.4)
    stub.kills("param", "set", "21", "Macro.events=@e.csv")
    waited(stub.carried_out)
    kept = {path.read_text(encoding="utf-8") for path in stub.state.rglob("*.csv")}
    assert kept == {before, sent}
    assert stub.says("param download 21 dice.Macro.events") != before
    stub.says("param undo 21")
    assert stub.says("param download 21 dice.Macro.events") == before


def test_killed_undo_can_be_repeated(stub: Stub) -> None:
    stub.says(f"param set 21 {GAMMA}=0.9")
    stub.arms("hang")
    stub.kills("param", "undo", "21")
    assert stub.journal() == [("set", "done"), ("undo", "begun")]
    assert stub.says(f"param get 21 {GAMMA}") == "0.9\n"
    stub.says("param undo 21 --to 1")
    assert stub.says(f"param get 21 {GAMMA}") == "0.3\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_during_a_download_leaves_no_file(stub: Stub, tmp_path: Path, number: int, code: int) -> None:
    temp_folder, target = tmp_path / "scratch", tmp_path / "tables"
    temp_folder.mkdir()
    httpx.post(f"{stub.url}/stub/faults", json={"kind": "hang", "path": "download$"}).raise_for_status()
    shell = replace(stub.shell, environ={**stub.shell.environ, "TMPDIR": str(temp_folder)})
    process = shell.starts("param", "download", "21", "dice.Macro.events", "dice.Macro.population", "-d", str(target))
    waited(stub.reached)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, "Traceback" in err) == (code, False)
    assert [*temp_folder.iterdir(), *target.rglob("*.part")] == []
