"""The spinner of commands at a terminal: what they wait for, and that nothing of it stays."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pyte
import pytest
from conftest import StubTransport, mostly_slow

from server_stub.faults import Fault
from sostrades_cli.operations.study_locks import change_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

    from sostrades_cli.operations.context import Context

WAITS = re.compile(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] (.*?)…")


class Watched(httpx.BaseTransport):
    """The stub, at which the spinner moves at the end of each request: the clock has advanced by its time."""

    def __init__(self, user: User) -> None:
        self.steps: list[Callable[[], bool]] = []
        self._inner = StubTransport(user.world)
        self._clock = user.world.clock
        user.transport, user.repeat = self, self.steps.append

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer after at least half a second."""
        self._clock.sleep(0.5)
        try:
            return self._inner.handle_request(request)
        finally:
            self.steps[:] = [step for step in self.steps if step()]


def waits(done: Outcome) -> list[str]:
    """Return what the spinner showed, each text once."""
    return list(dict.fromkeys(WAITS.findall(done.err)))


def screen(done: Outcome) -> list[str]:
    """Return the lines that standard error leaves on a terminal."""
    terminal = pyte.Screen(200, 60)
    pyte.Stream(terminal).feed(done.err.replace("\n", "\r\n"))
    return [line.rstrip() for line in terminal.display if line.strip()]


def types(user: User, *arguments: str, **more: Any) -> Outcome:
    """Run a command at a terminal that is 200 columns wide."""
    return user.types(*arguments, tty=True, TERM="xterm", COLUMNS="200", NO_COLOR="1", **more)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    mostly_slow(
        [
            (["study", "load", "22"], ["Loading study 22"]),
            (["study", "load", "21", "-F", "json"], ["Loading study 21"]),
            (
                ["param", "set", "21", "gamma=0.25"],
                ["Loading study 21", "Changing study 21", "Verifying the values of study 21"],
            ),
            (["param", "get", "21", "Macro.output"], ["Reading dice.Macro.output"]),
            (["calc", "status", "21"], ["Reading the status of study 21"]),
            (["calc", "run", "21", "--detach"], ["Starting the run of study 21"]),
            (["postproc", "list", "22"], ["Reading the charts of study 22"]),
            (["study", "copy", "21", "other"], ["Copying study 21"]),
            (["study", "logs", "21"], ["Reading the log of study 21"]),
            (["study", "diff", "21", "22"], ["Reading the inputs of study 21", "Reading the inputs of study 22"]),
            (["study", "url", "21"], ["Reading the link of study 21"]),
            (["api", "GET", "/api/v0/calculation/status/21"], ["GET /api/v0/calculation/status/21"]),
            (["doctor", "21"], ["Waiting for http://127.0.0.1:5004", "Checking the key", "Loading study 21"]),
        ],
        3,
    ),
    ids=lambda value: "-".join(value[:2]),
)
def test_wait_is_shown_and_leaves_no_trace(user: User, arguments: list[str], shown: list[str]) -> None:
    Watched(user)
    done = types(user, *arguments)
    left = screen(done)
    assert set(shown) <= set(waits(done))
    assert done.code == 0, left
    assert "…" not in "".join(line for line in left if re.match(WAITS, line))
    assert not any(frame in line for frame in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" for line in left)


def test_check_of_a_file_is_shown(user: User) -> None:
    file = user.folder / "population.csv"
    file.write_text("years,population\n2020,7.5\n2021,7.6\n")
    Watched(user)
    done = types(user, "param", "set", "21", f"Macro.population=@{file}", "--yes")
    assert (done.code, f"Checking {file}" in waits(done)) == (0, True), done.err


def test_start_of_the_browser_is_shown(user: User) -> None:
    pytest.importorskip("kaleido")
    Watched(user)
    done = types(user, "postproc", "export", "21", str(user.folder / "out"), "--as", "png", BROWSER_PATH="/bin/false")
    assert (done.code, waits(done)[-1]) == (2, "Starting the browser")


def test_all_of_a_design_is_shown(user: User) -> None:
    (user.folder / "space.toml").write_text('"Macro.gamma" = {range = [0.1, 0.5]}\n')
    Watched(user)
    words = ("--method", "grid", "-n", "3", "-o", str(user.folder / "cases.csv"))
    done = types(user, "calc", "design", "21", str(user.folder / "space.toml"), *words)
    assert (done.code, waits(done)[-2:]) == (0, ["Sampling the space", f"Writing {user.folder / 'cases.csv'}"])


@pytest.mark.parametrize(("levels", "lines"), [(3, 0), (41, 1)])
def test_pipe_gets_a_line_before_a_large_design(user: User, levels: int, lines: int) -> None:
    names = ("Macro.gamma", "Macro.savings_rate", "Carbon.intensity")
    space = "".join(f'"{name}" = {{range = [0.1, 0.5]}}\n' for name in names)
    (user.folder / "space.toml").write_text(space)
    words = ("--method", "grid", "-n", str(levels), "-o", str(user.folder / "cases.csv"))
    done = user.types("calc", "design", "21", str(user.folder / "space.toml"), *words)
    assert (done.code, done.err.count("making ")) == (0, lines), done.err


def test_pipe_gets_a_line_for_the_check_of_a_large_file(user: User) -> None:
    file = user.folder / "population.csv"
    file.write_bytes(b"\xff" * 5_000_001)
    done = user.types("param", "set", "21", f"Macro.population=@{file}")
    assert (done.code, done.err.count("checking ")) == (2, 1)


def test_load_counts_the_seconds(user: User) -> None:
    Watched(user)
    done = types(user, "study", "load", "24", "--timeout", "70")
    assert done.code == 124
    seconds = re.findall(r"Loading study 24… (\S+)", done.err)
    assert seconds[-1] == "1:10"
    assert "still loading, waiting" not in done.err
    assert screen(done)[0].startswith("error: ")


def test_pipe_gets_a_line_for_each_half_minute_of_a_load(user: User) -> None:
    done = user.types("study", "load", "24", "--timeout", "70")
    assert len(re.findall("still loading, waiting", done.err)) == 2
    assert "\x1b" not in done.err


def test_quiet_shows_no_spinner(user: User) -> None:
    Watched(user)
    assert types(user, "study", "load", "21", "-q").err == ""


def test_dumb_terminal_shows_no_spinner(user: User) -> None:
    Watched(user)
    done = user.types("study", "load", "21", tty=True, TERM="dumb")
    assert "\r" not in done.err


def test_pipe_shows_no_spinner(user: User) -> None:
    Watched(user)
    assert user.types("study", "load", "21").err == ""


def test_retry_is_a_line_beside_the_spinner(user: User) -> None:
    Watched(user)
    user.world.faults.arm(Fault("status", count=2, status=503, path="status"))
    done = types(user, "calc", "status", "21")
    assert done.code == 0
    assert [line for line in screen(done) if "retrying" in line] == screen(done)
    assert len(screen(done)) == 2


def test_traced_requests_have_separate_lines(user: User) -> None:
    Watched(user)
    done = types(user, "param", "set", "21", "gamma=0.25", "-v")
    assert waits(done)
    traced = [line for line in screen(done) if " -> 200 in " in line]
    assert len(traced) > 2
    assert all(line.startswith(("GET ", "POST ")) for line in traced)


def test_question_is_on_a_clean_line(user: User) -> None:
    Watched(user)
    done = types(user, "param", "set", "21", "gamma=0.25", "Macro.periods=12", stdin=b"y\n")
    question = done.err.index("[y/N]")
    last_wait = [match.end() for match in WAITS.finditer(done.err) if match.start() < question][-1]
    assert "\r\x1b[K" in done.err[last_wait:question]


def test_prompt_for_the_key_has_no_spinner(user: User) -> None:
    Watched(user)
    done = user.types("auth", "login", tty=True, secret=user.world.key, TERM="xterm", SOSTRADES_API_KEY="")
    assert done.code == 0
    assert waits(done) == ["Checking the key"]


def test_lock_of_another_command_is_shown(user: User, server_of: Callable[[User], Context]) -> None:
    steps: list[Callable[[], bool]] = []
    waiting = threading.Event()

    def repeat(step: Callable[[], bool]) -> None:
        steps.append(step)
        waiting.set()

    user.repeat = repeat
    results: list[Outcome] = []
    with change_lock(server_of(user), 21):
        thread = threading.Thread(target=lambda: results.append(types(user, "param", "set", "21", "gamma=0.25")))
        thread.start()
        assert waiting.wait(10)
        user.world.clock.sleep(5)
        steps[0]()
    thread.join(20)
    assert results[0].code == 0
    assert re.search(r"Waiting for process \d+ on this computer, which is changing study 21… 5 s", results[0].err)
    assert "waiting until it is done" not in results[0].err
