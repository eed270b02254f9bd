"""Test a sweep in its own process that is interrupted, terminated or killed, and one on a terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pexpect
import pyte
import pytest
from terminal_screen import TerminalScreen

from server_stub.faults import Fault
from server_stub.model import Timing
from server_stub.server import running
from server_stub.world import Right
from server_stub.worlds import build_world
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")]
PATIENCE_S = 60.0
STEP_S = 0.02
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
OWN = (0.3, True)
# At speed 20 a run takes a second: enough to be hit in its middle.
SLOW = replace(DICE, timing=Timing(pending=4.0, silent=0.2, work=16.0))


@dataclass
class Desk:
    """A stub of this test and its user. Study 31 is study 21 with longer runs."""

    world: World
    shell: Shell

    def words(self, study: int, *more: str) -> list[str]:
        """Return the command line of a sweep."""
        (self.shell.folder / "cases.csv").write_text(CASES)
        collect = ("--collect", "Damage.total_damage", "--collect", "Damage.damages", "--interval", "0.1")
        return ["calc", "sweep", str(study), "cases.csv", *collect, "-o", "results.csv", *more]

    def starts(self, *more: str) -> subprocess.Popen[str]:
        """Start a sweep of study 31, and return when its second case runs."""
        process: subprocess.Popen[str] = self.shell.starts(*self.words(31, *more))
        waited(lambda: self.cases_begun == 2 and self.status == "RUNNING", process)
        return process

    def runs(self, study: int, *more: str) -> subprocess.CompletedProcess[str]:
        """Sweep a study to the end."""
        return self.shell.runs(f"sostrades {' '.join(self.words(study, *more))}")

    def history(self) -> list[tuple[str, str]]:
        """Return command and outcome of each entry."""
        entries: list[dict[str, Any]] = json.loads(self.shell.runs("sostrades param history 31 -F json").stdout)
        return [(entry["command"], entry["outcome"]) for entry in entries]

    def files(self) -> dict[str, bytes]:
        """Return the results with their tables."""
        folder = self.shell.folder
        result = [folder / "results.csv", *(folder / "results.d").rglob("*.csv")]
        return {str(path.relative_to(folder)): path.read_bytes() for path in result}

    @property
    def results(self) -> Path:
        """Return the results file."""
        return self.shell.folder / "results.csv"

    @property
    def status(self) -> str:
        """Return the status of study 31."""
        with self.world.lock:
            return self.world.studies[31].status

    @property
    def stored(self) -> tuple[Any, Any]:
        """Return the swept values of study 31."""
        with self.world.lock:
            self.world.studies[31].settle()
            result = self.world.studies[31].values
            return result["Macro.gamma"], result["Macro.use_damage"]

    @property
    def cases_begun(self) -> int:
        """Return how many runs of study 31 were started."""
        with self.world.lock:
            return sum(request.path.endswith("/execute/31") for request in self.world.requests)


def waited(condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until a condition holds, with a generous time limit, while a process must continue."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(STEP_S)


def ended(process: subprocess.Popen[str], number: int) -> str:
    """Send a signal, wait for the end, and return the output."""
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < 5
    assert "Traceback" not in err
    return err


@pytest.fixture
def desk(shell: Shell) -> Iterator[Desk]:
    """Serve a stub for one test."""
    world = build_world("demo", speed=20.0)
    world.add_study(31, "slow", SLOW, dict.fromkeys(world.users.values(), Right.OWNER), finished)
    with running(world) as url:
        environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
        # A killed process leaves its scratch folder: here it goes with the test.
        environ["TMPDIR"] = str(shell.folder.parent)
        yield Desk(world, replace(shell, environ=environ, url=url, key=world.key))


def uninterrupted(desk: Desk) -> dict[str, bytes]:
    """Return the results of an uninterrupted sweep, and remove them."""
    assert desk.runs(21).returncode == 0
    result = desk.files()
    desk.results.unlink()
    (desk.shell.folder / "results.d").rename(desk.shell.folder / "whole.d")
    return result


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_restores_the_original_values(desk: Desk, number: int, code: int) -> None:
    """No results are written."""
    process = desk.starts()
    err = ended(process, number)
    assert (process.returncode, desk.results.exists()) == (code, False)
    assert ("1 of 3" in err, "study 31" in err, "--resume" in err) == (True, True, True)
    waited(lambda: desk.stored == OWN)
    assert desk.history() == [("sweep", "restored")]
    record = (desk.shell.folder / "results.d" / "sweep.jsonl").read_text().splitlines()
    assert [json.loads(line)["state"] for line in record if "case" in json.loads(line)][-1] == "ABANDONED"


def test_interrupted_sweep_can_be_resumed(desk: Desk) -> None:
    """The results equal those of an uninterrupted sweep."""
    whole = uninterrupted(desk)
    ended(desk.starts(), signal.SIGINT)
    done = desk.runs(31, "--resume")
    assert (done.returncode, desk.files(), desk.cases_begun) == (0, whole, 4)
    assert (desk.stored, desk.history()) == (OWN, [("sweep", "restored")] * 2)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_second_signal_names_the_undo_command(desk: Desk, number: int, code: int) -> None:
    process = desk.starts()
    desk.world.faults.arm(Fault("hang", method="POST", path="31/parameters$"))
    process.send_signal(number)
    waited(lambda: desk.world.faults.armed() == [], process)
    err = ended(process, number)
    assert (process.returncode, desk.stored, desk.history()) == (code, (0.2, False), [("sweep", "begun")])
    assert "`sostrades param undo 31 --to 1`" in err.splitlines()[-1]
    waited(lambda: desk.status != "RUNNING")
    assert desk.shell.runs("sostrades param undo 31 --to 1").returncode == 0
    assert desk.stored == OWN


def test_killed_sweep_can_be_resumed(desk: Desk) -> None:
    """The original values are restored at the end."""
    whole = uninterrupted(desk)
    process = desk.starts()
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert (desk.stored, desk.history(), desk.results.exists()) == ((0.2, False), [("sweep", "begun")], False)
    done = desk.runs(31, "--resume")
    assert (done.returncode, done.stdout) == (0, "")
    assert (desk.files(), desk.stored, desk.history()) == (whole, OWN, [("sweep", "restored")])


# On a terminal --------------------------------------------------------------------------------------


@dataclass
class Screen:
    """The program in a pseudo-terminal, and its screen."""

    process: pexpect.spawn[bytes]
    screen: TerminalScreen

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    @property
    def lines(self) -> list[str]:
        """Return the lines on the screen that are not blank."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def until(self, text: str) -> None:
        """Read until the screen shows a text."""
        end = time.monotonic() + PATIENCE_S
        while not any(text in line for line in self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            assert self._read(), "\n".join(self.lines)

    def ends(self) -> int:
        """Read until the program ends and return its exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._read():
            assert time.monotonic() < end, "\n".join(self.lines)
        self.process.wait()
        return int(self.process.exitstatus or 0)

    def _read(self) -> bool:
        try:
            self._stream.feed(self.process.read_nonblocking(65536, timeout=0.05))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        return True


@pytest.fixture
def terminal(desk: Desk) -> Screen:
    """Return a terminal in which study 31 is swept."""
    environ = {**desk.shell.environ, "TERM": "xterm-256color"}
    kept = {name: value for name, value in environ.items() if name not in {"COLUMNS", "LINES"}}
    process = pexpect.spawn("sostrades", desk.words(31), env=kept, cwd=str(desk.shell.folder), dimensions=(24, 100))
    return Screen(process, TerminalScreen(100, 24, history=1000))


def test_sweep_on_a_terminal_has_a_view_that_is_removed(desk: Desk, terminal: Screen) -> None:
    terminal.until("1 of 3 cases")
    assert (terminal.screen.is_alternate, terminal.screen.cursor.hidden) == (True, True)
    assert [line.split()[1:3] for line in terminal.lines if "RUNNING" in line] == [["mid", "RUNNING"]]
    assert terminal.ends() == 0
    assert any("results.csv" in line for line in terminal.lines)
    assert [line.split()[0] for line in terminal.lines if "FINISHED" in line] == ["low", "mid", "high"]
    assert not any("of 3 cases" in line for line in terminal.lines)
    assert (terminal.screen.is_alternate, terminal.screen.cursor.hidden) == (False, False)
    assert desk.stored == OWN


def test_ctrl_c_on_a_terminal_leaves_only_the_error(desk: Desk, terminal: Screen) -> None:
    """The error has the number of ended cases."""
    terminal.until("1 of 3 cases")
    waited(lambda: desk.cases_begun == 2 and desk.status == "RUNNING")
    terminal.process.sendintr()
    assert terminal.ends() == 130
    text = " ".join(line for line in terminal.lines if line != "^C")
    assert ("1 of 3" in text, "study 31" in text) == (True, True)
    assert ("Traceback" in text, "RUNNING" in text, terminal.screen.cursor.hidden) == (False, False, False)
    assert desk.stored == OWN


# When the terminal is closed ------------------------------------------------------------------------


def test_closed_terminal_restores_the_original_values(desk: Desk, terminal: Screen) -> None:
    """Nothing can be written any more."""
    terminal.until("1 of 3 cases")
    waited(lambda: desk.cases_begun == 2 and desk.status == "RUNNING")
    terminal.process.close(force=False)
    waited(lambda: not terminal.process.isalive())
    assert (terminal.process.exitstatus, desk.stored, desk.results.exists()) == (129, OWN, False)
    assert desk.history() == [("sweep", "restored")]


def test_second_sighup_does_not_stop_the_restore(desk: Desk) -> None:
    """A shell forwards SIGHUP to a program that already got it."""
    process = desk.starts()
    desk.world.faults.arm(Fault("slow", method="POST", path="31/parameters$", seconds=0.5))
    process.send_signal(signal.SIGHUP)
    waited(lambda: desk.world.faults.armed() == [], process)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, desk.stored, desk.history()) == (129, OWN, [("sweep", "restored")])


def test_sweep_continues_under_nohup(desk: Desk) -> None:
    process = subprocess.Popen(
        ["nohup", "sostrades", *desk.words(31)],
        env=desk.shell.environ,
        cwd=desk.shell.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    waited(lambda: desk.cases_begun == 2, process)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, desk.results.exists(), desk.stored) == (0, True, OWN)
