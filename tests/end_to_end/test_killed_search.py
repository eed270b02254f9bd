"""Test a search in its own process that is killed or interrupted while a trial runs."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World

pytestmark = pytest.mark.slow
PATIENCE_S = 60.0
SPACE = '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.scenario" = {}\n'
WORDS = (
    "calc",
    "optimize",
    "21",
    "space.toml",
    "--minimize",
    "Damage.total_damage",
    "--trials",
    "6",
    "-o",
    "best.toml",
)


@dataclass
class Desk:
    """A stub of this test and its user."""

    world: World
    shell: Shell

    @property
    def started(self) -> int:
        """Return how many runs were started."""
        with self.world.lock:
            return sum(request.path.endswith("/execute/21") for request in self.world.requests)

    @property
    def gamma(self) -> Any:
        """Return the value of the server."""
        with self.world.lock:
            self.world.studies[21].settle()
            return self.world.studies[21].values["Macro.gamma"]

    def starts(self, *more: str) -> subprocess.Popen[str]:
        """Start a search, and return when its third trial runs."""
        process: subprocess.Popen[str] = self.shell.starts(*WORDS, "--interval", "0.1", *more)
        waited(lambda: self.started == 3, process)
        return process

    def ends(self, *more: str) -> dict[str, str]:
        """Search to the end, and return the results."""
        done = self.shell.runs(f"sostrades {' '.join((*WORDS, '--interval', '0.1', *more))}")
        assert done.returncode == 0, done.stderr
        files = ("best.toml", "best.d/trials.csv")
        return {name: (self.shell.folder / name).read_text(encoding="utf-8") for name in files}


def waited(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until a condition holds, with a generous time limit."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.fixture
def desk(shell: Shell) -> Iterator[Desk]:
    """Serve a stub for one test."""
    world = build_world("demo", speed=20.0)
    (shell.folder / "space.toml").write_text(SPACE)
    with running(world) as url:
        environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
        # A killed process leaves its temporary folder: here it goes with the test.
        environ["TMPDIR"] = str(shell.folder.parent)
        yield Desk(world, replace(shell, environ=environ, url=url, key=world.key))


def test_killed_search_continues_with_the_trials_of_an_uninterrupted_one(desk: Desk) -> None:
    """No trial that ended runs again, and the study has its original values at the end."""
    whole = desk.ends("--seed", "3")
    (desk.shell.folder / "best.toml").unlink()
    (desk.shell.folder / "best.d").rename(desk.shell.folder / "whole.d")
    desk.world.requests.clear()
    process = desk.starts("--seed", "3")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE_S)
    assert desk.ends("--resume") == whole
    assert (desk.started, desk.gamma) == (6 + 1, 0.3)
    history: list[dict[str, str]] = json.loads(desk.shell.runs("sostrades param history 21 -F json").stdout)
    assert [(entry["command"], entry["outcome"]) for entry in history] == [("optimize", "restored")] * 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_restores_the_original_values(desk: Desk, number: int, code: int) -> None:
    """The error says how to continue."""
    process = desk.starts()
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, desk.gamma, "--resume" in err, "Traceback" in err) == (code, 0.3, True, False)
    assert not (desk.shell.folder / "best.toml").exists()
    desk.ends("--resume")
    assert desk.started == 6 + 1
