"""The spinner: what it shows, when, and that nothing of it stays on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyte
import pytest
from conftest import Terminal

from sostrades_cli.errors import UserInterrupt
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.spinner import Spinner

if TYPE_CHECKING:
    from collections.abc import Callable


class Ticks:
    """A clock, and the repeated calls of a spinner, which only the test advances."""

    def __init__(self) -> None:
        self.tenths = 1000
        self.steps: list[Callable[[], bool]] = []

    def now_s(self) -> float:
        """Return the seconds of the clock."""
        return self.tenths / 10

    def repeat(self, step: Callable[[], bool]) -> None:
        """Take over a function to call ten times a second."""
        self.steps.append(step)

    def pass_(self, seconds: float) -> None:
        """Let time pass, with ten calls a second."""
        for _ in range(round(seconds * 10)):
            self.tenths += 1
            self.steps = [step for step in self.steps if step()]


class Desk:
    """A terminal with a spinner and messages, and a screen that shows what a user sees."""

    def __init__(self, *, columns: int = 80, stream: Terminal | None = None) -> None:
        self.ticks = Ticks()
        self.columns = columns
        self.stream = stream or Terminal(tty=True)
        self.spinner = Spinner(self.stream, self.ticks.now_s, self.ticks.repeat, lambda: self.columns)
        self.notes = Messages(
            self.stream, notes_enabled=True, verbose=False, color=False, as_json=False, spinner=self.spinner
        )

    @property
    def screen(self) -> list[str]:
        """Return the lines on the screen."""
        screen = pyte.Screen(self.columns, 24)
        pyte.Stream(screen).feed(self.stream.written.replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display if line.strip()]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_short_wait_shows_nothing(desk: Desk) -> None:
    with desk.notes.waiting("Loading study 23"):
        desk.ticks.pass_(0.2)
    assert desk.stream.written == ""


def test_longer_wait_shows_text_and_seconds(desk: Desk) -> None:
    with desk.notes.waiting("Loading study 23"):
        desk.ticks.pass_(0.5)
        assert [line[2:] for line in desk.screen] == ["Loading study 23…"]
        desk.ticks.pass_(11.7)
        assert [line[2:] for line in desk.screen] == ["Loading study 23… 12 s"]
        desk.ticks.pass_(60)
        assert [line[2:] for line in desk.screen] == ["Loading study 23… 1:12"]
    assert desk.screen == []


def test_spinner_moves(desk: Desk) -> None:
    frames = set()
    with desk.notes.waiting("Loading study 23"):
        for _ in range(15):
            desk.ticks.pass_(0.1)
            frames |= {line[0] for line in desk.screen}
    assert len(frames) > 5


def test_short_requests_in_a_row_are_one_wait(desk: Desk) -> None:
    for _ in range(10):
        with desk.notes.waiting("Reading a table"):
            desk.ticks.pass_(0.1)
    with desk.notes.waiting("Reading a table"):
        assert [line[2:] for line in desk.screen] == ["Reading a table… 1 s"]
    assert desk.screen == []


def test_poll_after_a_pause_shows_nothing(desk: Desk) -> None:
    """Lines of a log appear between polls."""
    for _ in range(10):
        with desk.notes.waiting("Reading the log"):
            desk.ticks.pass_(0.1)
        desk.ticks.pass_(1)
    assert desk.stream.written == ""


def test_outer_wait_is_shown(desk: Desk) -> None:
    with desk.notes.waiting("Verifying study 21"):
        desk.ticks.pass_(1)
        with desk.notes.waiting("Loading study 21"):
            desk.ticks.pass_(2)
            assert [line[2:] for line in desk.screen] == ["Verifying study 21… 3 s"]


def test_next_step_has_its_own_seconds(desk: Desk) -> None:
    with desk.notes.waiting("Changing study 21"):
        desk.ticks.pass_(5)
    with desk.notes.waiting("Verifying study 21"):
        desk.ticks.pass_(2.1)
        assert [line[2:] for line in desk.screen] == ["Verifying study 21… 2 s"]


def test_message_is_written_on_a_clean_line(desk: Desk) -> None:
    with desk.notes.waiting("Loading study 23"):
        desk.ticks.pass_(1)
        desk.notes.notify("the connection broke, retrying in 2 s")
        assert desk.screen == ["the connection broke, retrying in 2 s"]
        desk.ticks.pass_(0.1)
        assert desk.screen[1].endswith("Loading study 23… 1 s")
    assert desk.screen == ["the connection broke, retrying in 2 s"]


def test_error_ends_the_spinner_even_if_a_thread_still_waits(desk: Desk) -> None:
    with desk.notes.waiting("Reading a"):
        desk.ticks.pass_(1)
        desk.notes.error(UserInterrupt("interrupted"))
        desk.ticks.pass_(5)
        assert desk.screen == ["interrupted"]
    assert desk.ticks.steps == []


def test_progress_bar_hides_the_spinner(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with desk.notes.progress("study 21", 3) as step, desk.notes.waiting("Reading a"):
        step()
        desk.ticks.pass_(5)
    assert "Reading" not in desk.stream.written
    assert "study 21" in desk.stream.written


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_line_fits_the_window(columns: int) -> None:
    desk = Desk(columns=columns)
    with desk.notes.waiting("Reading dice.東京." + "long." * 30):
        desk.ticks.pass_(12)
        assert len(desk.screen) == 1
        assert "……" not in desk.screen[0]
        assert desk.screen[0].endswith("… 12 s")
    assert desk.screen == []


def test_hostile_text_is_escaped_and_the_key_is_redacted() -> None:
    desk = Desk()
    desk.notes.secrets.add("0123456789abcdef")
    with desk.notes.waiting("Reading \x1b[2J\nx 0123456789abcdef"):
        desk.ticks.pass_(1)
        assert r"\x1b[2J\n" in desk.screen[0]
    assert "0123456789abcdef" not in desk.stream.written


def test_terminal_without_unicode_gets_ascii() -> None:
    stream = Terminal(tty=True)
    stream.reconfigure(encoding="ascii", errors="backslashreplace")
    desk = Desk(stream=stream)
    with desk.notes.waiting("Loading study 23"):
        desk.ticks.pass_(2)
        assert desk.screen[0][1:] == " Loading study 23... 2 s"


class ClosedTerminal(Terminal):
    """A terminal whose window was closed."""

    def write(self, _: str) -> int:
        """Fail."""
        raise BrokenPipeError


def test_closed_terminal_is_ignored() -> None:
    desk = Desk(stream=ClosedTerminal(tty=True))
    with desk.notes.waiting("Loading study 23"):
        desk.ticks.pass_(1)


def test_repeated_calls_end_with_the_wait(desk: Desk) -> None:
    """No thread stays behind, and the next wait starts another one."""
    with desk.notes.waiting("a"):
        assert len(desk.ticks.steps) == 1
    desk.ticks.pass_(0.1)
    assert desk.ticks.steps == []
    with desk.notes.waiting("b"):
        assert len(desk.ticks.steps) == 1
