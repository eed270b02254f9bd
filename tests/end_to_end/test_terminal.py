"""Test the real program in a pseudo-terminal, whose screen is read back."""

from __future__ import annotations

import os
import re
import shutil
import signal
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest
from terminal_screen import TerminalScreen

from server_stub.faults import Fault
from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
SIZES = [(80, 24), (200, 50)]
TRIES = 3  # a busy machine may delay one of them
WAIT_S = 60.0  # no machine needs as long
PROMPT = "Space: next page, q: quit"


@dataclass
class Screen:
    """The program in a pseudo-terminal, and its screen."""

    process: pexpect.spawn[bytes]
    screen: TerminalScreen
    frames: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    @property
    def lines(self) -> list[str]:
        """Return the lines on the screen that are not blank."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def until(self, reached: Callable[[list[str]], bool], within_s: float = WAIT_S) -> None:
        """Read until the screen satisfies a condition."""
        end = time.monotonic() + within_s
        while not reached(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            self._read()

    def types(self, line: str) -> None:
        """Type a line at the prompt of a shell."""
        self.until(lambda lines: bool(lines) and lines[-1].endswith("$"))
        self.process.send(f"{line}\r")

    def ends(self, within_s: float = WAIT_S) -> int:
        """Read until the program ends, and return its exit code as a shell reports it."""
        end = time.monotonic() + within_s
        while self._read():
            assert time.monotonic() < end, "\n".join(self.lines)
        self.process.wait()
        number = self.process.signalstatus
        return int(self.process.exitstatus or 0) if number is None else 128 + int(number)

    def _read(self) -> bool:
        try:
            self._stream.feed(self.process.read_nonblocking(65536, timeout=0.05))
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.frames.append(self.lines)
        return True

    @property
    def scrolled(self) -> int:
        """Return how many lines have left the screen at its top."""
        return len(self.screen.history.top)


@dataclass
class Desk:
    """A served world, and a way to open terminals for it."""

    world: World
    environ: dict[str, str]
    folder: Path

    def opens(self, *arguments: str, size: tuple[int, int] = (80, 24), term: str = "xterm-256color") -> Screen:
        """Start the program in a pseudo-terminal. One of the size 0 by 0 is read as 80 by 24."""
        return self._opens("sostrades", list(arguments), size, term)

    def shell(self) -> Screen:
        """Start a shell with job control in a pseudo-terminal."""
        return self._opens("bash", ["--norc", "--noprofile", "-i"], (80, 24), "xterm-256color")

    def _opens(self, program: str, arguments: list[str], size: tuple[int, int], term: str) -> Screen:
        width, height = size
        # Without a pager, unless a test is about it.
        environ = {
            "SOSTRADES_PAGER": "cat",
            **self.environ,
            "TERM": term,
            "COLUMNS": "",
            "LINES": "",
            "PS1": "$ ",
            "BASH_SILENCE_DEPRECATION_WARNING": "1",
        }
        process = pexpect.spawn(
            program,
            arguments,
            env={name: value for name, value in environ.items() if value},
            cwd=str(self.folder),
            dimensions=(height, width),
        )
        return Screen(process, TerminalScreen(width or 80, height or 24, history=10_000))


def desk_at(speed: float, shell: Shell) -> Iterator[Desk]:
    """Serve a world of this test."""
    world = build_world("demo", speed=speed)
    with running(world) as url:
        yield Desk(world, {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}, shell.folder)


@pytest.fixture
def fast(shell: Shell) -> Iterator[Desk]:
    """Return a desk where study 23 runs for three seconds."""
    yield from desk_at(20.0, shell)


@pytest.fixture
def slow(shell: Shell) -> Iterator[Desk]:
    """Return a desk where study 23 runs for a minute, and 26 forever."""
    yield from desk_at(1.0, shell)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_run_of_86_disciplines_fits_the_screen(fast: Desk, size: tuple[int, int]) -> None:
    """The view shows counts without scrolling, then one summary."""
    terminal = fast.opens("calc", "run", "23", size=size)
    terminal.until(lambda lines: any(re.search(r"\d+ of \d+ disciplines", line) for line in lines))
    assert terminal.screen.cursor.hidden
    assert terminal.ends() == 0
    assert any("waiting" in line for lines in terminal.frames for line in lines)
    assert terminal.scrolled == 0
    assert max(len(lines) for lines in terminal.frames) <= size[1]
    summary, next_step = terminal.lines
    assert "study 23" in summary
    assert "FINISHED" in summary
    assert "sostrades param list 23 --outputs" in next_step
    assert not terminal.screen.cursor.hidden


@pytest.mark.slow
def test_resized_view_fits_the_window(slow: Desk) -> None:
    terminal = slow.opens("calc", "watch", "26", size=(120, 40))
    terminal.until(lambda lines: any("RUNNING" in line for line in lines))
    terminal.process.setwinsize(10, 60)
    terminal.screen.resize(10, 60)
    terminal.frames.clear()
    terminal.until(lambda lines: len(terminal.frames) > 4 and any("study 26" in line for line in lines))
    assert max(len(lines) for lines in terminal.frames[2:]) <= 10
    terminal.process.sendintr()
    assert terminal.ends() == 130


@pytest.mark.slow
def test_resizing_leaves_the_main_screen_as_it_was(slow: Desk) -> None:
    terminal = slow.shell()
    terminal.types("echo before")
    terminal.types("sostrades calc watch 26")
    terminal.until(lambda lines: any("RUNNING" in line for line in lines))
    for height, width in ((10, 40), (24, 80)):
        terminal.process.setwinsize(height, width)
        terminal.screen.resize(height, width)
        terminal.frames.clear()
        terminal.until(lambda _: len(terminal.frames) > 4)
        # No line is left of the view in the other window.
        assert sum("study 26" in line for line in terminal.lines) == 1
        assert max(map(len, terminal.lines)) <= width
    terminal.process.sendintr()
    terminal.until(lambda lines: any("interrupted" in line for line in lines))
    assert terminal.lines[1] == "before"
    assert sum("RUNNING" in line for line in terminal.lines) == 1
    assert terminal.scrolled == 0


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 3])
def test_suspension_restores_the_terminal_and_fg_repaints_in_place(slow: Desk, times: int) -> None:
    terminal = slow.shell()
    terminal.types("echo before")
    terminal.types("sostrades calc watch 26")
    for number in range(times):
        terminal.until(lambda lines: any("study 26" in line and "RUNNING" in line for line in lines))
        assert terminal.screen.is_alternate
        assert terminal.screen.cursor.hidden
        terminal.process.send("\x1a")
        terminal.until(lambda lines, stops=number: sum("Stopped" in line for line in lines) > stops)
        assert not terminal.screen.is_alternate
        assert not terminal.screen.cursor.hidden
        assert terminal.lines[1] == "before"
        assert "RUNNING" not in "\n".join(terminal.lines)
        terminal.types("echo $((40 + 2))")
        terminal.until(lambda lines: "42" in lines)
        terminal.types("fg")
    terminal.until(lambda lines: any("study 26" in line and "RUNNING" in line for line in lines))
    terminal.process.sendintr()
    terminal.until(lambda lines: any("interrupted" in line for line in lines))
    assert not terminal.screen.cursor.hidden
    # The view itself was never on the main screen.
    assert sum("RUNNING" in line for line in terminal.lines) == 1


@pytest.mark.slow
def test_watch_in_the_background_does_not_draw(slow: Desk) -> None:
    terminal = slow.shell()
    terminal.types("sostrades calc watch 26 --interval 0.2")
    terminal.until(lambda lines: any("RUNNING" in line for line in lines))
    terminal.process.send("\x1a")
    terminal.until(lambda lines: any("Stopped" in line for line in lines))
    terminal.types("bg")
    slow.world.requests.clear()
    terminal.until(lambda _: len(slow.world.requests) > 5)
    assert not terminal.screen.is_alternate
    assert "RUNNING" not in "\n".join(terminal.lines)
    terminal.types("fg")
    terminal.until(lambda lines: any("study 26" in line and "RUNNING" in line for line in lines))
    terminal.process.sendintr()
    terminal.until(lambda lines: any("interrupted" in line for line in lines))


@pytest.mark.parametrize(
    ("key", "code", "studies"),
    [
        ("ctrl-c", 130, ("26",)),
        pytest.param("term", 143, ("26",), marks=pytest.mark.slow),
        pytest.param("ctrl-c", 130, ("26", "23"), marks=pytest.mark.slow),
        pytest.param("term", 143, ("26", "23"), marks=pytest.mark.slow),
    ],
)
def test_leaving_restores_the_terminal_and_prints_one_line(
    slow: Desk, key: str, code: int, studies: tuple[str, ...]
) -> None:
    slow.world.studies[23].execute()
    terminal = slow.opens("calc", "watch", *studies)
    terminal.until(lambda lines: any("RUNNING" in line or "PENDING" in line for line in lines))
    _leave(terminal, key)
    assert terminal.ends() == code
    assert not terminal.screen.cursor.hidden
    text = "\n".join(line for line in terminal.lines if line != "^C")
    assert "Traceback" not in text
    assert "waiting" not in text
    assert text.count("sostrades calc watch") == 1
    assert f"sostrades calc watch {' '.join(studies)}" in text
    assert slow.world.studies[23].status in {"PENDING", "RUNNING"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hang", "slow"])
@pytest.mark.parametrize("key", ["ctrl-c", "term"])
def test_leaving_during_a_hanging_request_takes_less_than_a_second(slow: Desk, key: str, kind: str) -> None:
    def seconds() -> float:
        terminal = slow.opens("calc", "watch", "26")
        terminal.until(lambda lines: any("RUNNING" in line for line in lines))
        slow.world.faults.arm(Fault(kind, count=10, path="status", seconds=20.0))
        return _seconds_to_leave(slow, terminal, key, hanging=1)

    assert any(seconds() < 1.0 for _ in range(TRIES))


@pytest.mark.slow
@pytest.mark.parametrize("key", ["ctrl-c", "term"])
def test_leaving_during_several_hanging_requests_takes_less_than_a_second(slow: Desk, key: str) -> None:
    def seconds() -> float:
        slow.world.faults.arm(Fault("hang", count=10, path="status"))
        return _seconds_to_leave(slow, slow.opens("calc", "watch", "26", "23", "21"), key, hanging=3)

    assert any(seconds() < 1.0 for _ in range(TRIES))


@pytest.mark.slow
def test_left_out_arguments_are_picked_from_a_list(fast: Desk) -> None:
    assert fast.opens("param", "list", "21", "--no-color").ends() == 0
    terminal = fast.opens("param", "get")
    terminal.until(lambda lines: any("21  dice" in line for line in lines))
    terminal.process.send("\r")
    terminal.until(lambda lines: any("Carbon.intensity" in line for line in lines))
    terminal.process.send("mga")
    terminal.until(lambda lines: any(line.startswith(">   Macro.gamma") for line in lines))
    terminal.process.send("\r")
    assert terminal.ends() == 0
    assert terminal.lines == ["sostrades param get 21 Macro.gamma", "0.3"]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["\x03", "\x1b"], ids=["ctrl-c", "escape"])
def test_leaving_the_list_clears_it(fast: Desk, key: str) -> None:
    assert fast.opens("study", "url", "21").ends() == 0
    terminal = fast.opens("study", "load")
    terminal.until(lambda lines: any("21" in line for line in lines))
    terminal.process.send(key)
    assert terminal.ends() == 130
    assert "Traceback" not in "".join(terminal.lines)
    assert not any("Esc cancels" in line for line in terminal.lines)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("config", "list"), ("study", "load", "21"), ("calc", "status", "21")], ids=str)
def test_terminal_without_a_size_shows_a_table(fast: Desk, arguments: tuple[str, ...]) -> None:
    unsized, usual = (fast.opens(*arguments, size=size) for size in ((0, 0), (80, 24)))
    assert (unsized.ends(), usual.ends()) == (0, 0)
    assert unsized.lines == usual.lines != []


@pytest.mark.slow
def test_run_is_watched_on_a_terminal_without_a_size(fast: Desk) -> None:
    terminal = fast.opens("calc", "run", "21", size=(0, 0))
    assert terminal.ends() == 0
    assert any("FINISHED" in line for line in terminal.lines)


@pytest.mark.slow
def test_table_on_a_dumb_terminal_has_the_width_of_the_window(fast: Desk) -> None:
    dumb, able = (fast.opens("study", "load", "23", size=(160, 50), term=term) for term in ("dumb", "xterm"))
    assert (dumb.ends(), able.ends()) == (0, 0)
    assert dumb.lines == able.lines
    assert max(map(len, dumb.lines)) > 80


@pytest.mark.slow
def test_dumb_terminal_gets_one_line_per_change(fast: Desk) -> None:
    """It cannot move its cursor, so a live view is impossible."""
    terminal = fast.opens("calc", "run", "23", term="dumb")
    assert terminal.ends() == 0
    assert any("RUNNING" in line for line in terminal.lines)
    assert "FINISHED" in terminal.lines[-1]


@pytest.mark.slow
def test_failed_run_leaves_its_summary_and_its_cause(fast: Desk) -> None:
    terminal = fast.opens("calc", "run", "22", size=(200, 50))
    assert terminal.ends() == 3
    assert "study 22" in terminal.lines[0]
    assert sum("FAILED" in line and "study 22" in line and line.startswith("✗") for line in terminal.lines) == 1
    assert any("deliberate failure" in line for line in terminal.lines)
    assert not terminal.screen.cursor.hidden


def _leave(terminal: Screen, key: str) -> None:
    if key == "ctrl-c":
        terminal.process.sendintr()
    else:
        os.kill(int(terminal.process.pid or 0), signal.SIGTERM)


def _seconds_to_leave(desk: Desk, terminal: Screen, key: str, *, hanging: int) -> float:
    """Leave once so many requests hang, and return the duration. At the end no fault is armed."""
    terminal.until(lambda _: 10 - sum(left for _, left in desk.world.faults.armed()) >= hanging)
    began = time.monotonic()
    _leave(terminal, key)
    assert terminal.ends() == (130 if key == "ctrl-c" else 143)
    took_s = time.monotonic() - began
    desk.world.faults.clear()
    assert not terminal.screen.cursor.hidden
    assert "Traceback" not in "\n".join(terminal.lines)
    return took_s


# The pager ---------------------------------------------------------------------------------------------

needs_less = pytest.mark.skipif(shutil.which("less") is None, reason="the program less is not installed")


@pytest.fixture
def desk_with_pager(shell: Shell) -> Iterator[Desk]:
    """Return a desk with the default pager."""
    for made in desk_at(20.0, shell):
        yield Desk(made.world, {**made.environ, "SOSTRADES_PAGER": "less -FRX"}, made.folder)


def in_pager(desk: Desk, *arguments: str) -> Screen:
    """Start a command with a long result, and wait for the prompt of the pager."""
    terminal = desk.opens(*arguments)
    terminal.until(lambda lines: bool(lines) and lines[-1] == PROMPT)
    return terminal


@pytest.mark.slow
@needs_less
def test_long_table_is_left_with_q_after_ctrl_c(desk_with_pager: Desk) -> None:
    """The first page has the title and the header. Ctrl-C is for the pager, and leaving early is no error."""
    terminal = in_pager(desk_with_pager, "study", "load", "23")
    assert "study 23" in terminal.lines[0]
    assert terminal.lines[1].split() == ["parameter", "type", "unit", "value"]
    assert len(terminal.lines) == 24
    terminal.process.sendintr()
    terminal.process.send(b" ")
    first = terminal.lines[2]
    terminal.until(lambda lines: lines[-1] == PROMPT and first not in lines)
    terminal.process.send(b"q")
    assert terminal.ends() == 0


@pytest.mark.slow
@needs_less
def test_large_documentation_is_left_before_it_is_rendered(desk_with_pager: Desk) -> None:
    model = desk_with_pager.world.studies[21].model
    text = "".join(f"## Section {number}\n\nThe stock $x_{{{number}}}$ grows.\n\n" for number in range(20_000))
    desk_with_pager.world.ontology.catalogue.register(
        replace(model, document=lambda name: text if name.endswith("Macro") else "")
    )
    terminal = in_pager(desk_with_pager, "study", "docs", "21")
    assert "Section 0" in terminal.lines
    terminal.process.send(b" ")
    terminal.until(lambda lines: lines[-1] == PROMPT and "Section 0" not in lines)
    terminal.process.send(b"q")
    assert terminal.ends() == 0


@pytest.mark.slow
def test_table_that_fits_is_printed(desk_with_pager: Desk) -> None:
    terminal = desk_with_pager.opens("study", "load", "21", size=(80, 60))
    assert terminal.ends() == 0
    assert "study 21" in terminal.lines[0]


@pytest.mark.slow
@needs_less
def test_no_pager_prints_a_long_table(desk_with_pager: Desk) -> None:
    terminal = desk_with_pager.opens("study", "load", "23", "--no-pager")
    assert terminal.ends() == 0
    assert terminal.scrolled > 1000


@pytest.mark.slow
@needs_less
def test_program_that_is_terminated_ends_its_pager(desk_with_pager: Desk) -> None:
    terminal = in_pager(desk_with_pager, "study", "load", "23")
    os.kill(int(terminal.process.pid or 0), signal.SIGTERM)
    assert terminal.ends() == 143
    assert "Traceback" not in "\n".join(terminal.lines)
