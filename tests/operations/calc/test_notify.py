"""Test notifications about the end of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.calc.notify import NotifyOptions, announced
from sostrades_cli.run_events import Event
from sostrades_cli.system import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass
class Witness:
    """Records programs, bells and notes."""

    code: int = 0
    error: Exception | None = None
    ran: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    programs: tuple[str, ...] = ("notify-send",)

    def run(self, arguments: Sequence[str], variables: Mapping[str, str]) -> int:
        """Record a program."""
        self.ran.append((list(arguments), dict(variables)))
        if self.error is not None:
            raise self.error
        return self.code

    def options(self, *, notify: bool = False, command: str | None = None) -> NotifyOptions:
        """Return options that record what happens."""
        return NotifyOptions(notify, command, self.run, self.rung.append, self.notes.append)

    def passed_events(self, *events: Event, notify: bool = False, command: str | None = None) -> list[Event]:
        """Pass events through and return the result."""
        find = {name: f"/usr/bin/{name}" for name in self.programs}.get
        return list(announced(iter(events), self.options(notify=notify, command=command), find))


def event(name: str, study: int = 21, status: str = "FINISHED", **facts: object) -> Event:
    """Return an event."""
    return Event(name, datetime(2026, 11, 22, tzinfo=UTC), study, status, {}, "----", "----", 1.0, {}, dict(facts))


END = event("finished", outcome="FINISHED", exit_code=0, elapsed_s=19.4)
FAILED = event("finished", status="FAILED", outcome="FAILED", exit_code=3, elapsed_s=8.0, cause="ValueError: x\nline 2")


def test_events_are_unchanged() -> None:
    witness = Witness()
    events = [event("started"), event("poll"), event("outage")]
    assert witness.passed_events(*events, notify=True, command="true") == events
    assert (witness.ran, witness.rung, witness.notes) == ([], [], [])


def test_bell_rings_at_each_end() -> None:
    witness = Witness()
    witness.passed_events(END, FAILED, notify=True)
    assert witness.rung == ["\a", "\a"]


def test_nothing_happens_without_options() -> None:
    witness = Witness()
    witness.passed_events(END)
    assert (witness.ran, witness.rung) == ([], [])


def test_command_gets_the_outcome_in_its_environment() -> None:
    witness = Witness()
    witness.passed_events(event("started"), END, FAILED, command="sh -c 'echo a b'")
    [(words, good), (_, bad)] = witness.ran
    assert words == ["sh", "-c", "echo a b"]
    assert good == {
        "SOSTRADES_STUDY": "21",
        "SOSTRADES_OUTCOME": "FINISHED",
        "SOSTRADES_EXIT_CODE": "0",
        "SOSTRADES_ELAPSED_S": "19.4",
        "SOSTRADES_CAUSE": "",
    }
    assert (bad["SOSTRADES_EXIT_CODE"], bad["SOSTRADES_CAUSE"]) == ("3", "ValueError: x\nline 2")


def test_failed_command_is_a_note() -> None:
    witness = Witness(code=9)
    assert witness.passed_events(END, command="false") == [END]
    [note] = witness.notes
    assert "false" in note
    assert "9" in note


@pytest.mark.parametrize("error", [OSError(8, "Exec format error"), ValueError("embedded null byte")], ids=repr)
def test_command_that_cannot_be_run_is_a_note(error: Exception) -> None:
    witness = Witness(error=error)
    assert witness.passed_events(END, command="true") == [END]
    assert len(witness.notes) == 1


@pytest.mark.parametrize(("program", "words"), [("notify-send", 2), ("osascript", 7)])
def test_desktop_message_is_shown_by_the_program_of_the_system(program: str, words: int) -> None:
    witness = Witness(programs=(program,))
    witness.passed_events(FAILED, notify=True)
    [(arguments, _)] = witness.ran
    assert arguments[0] == program
    assert arguments[words:] == ["sostrades", "study 21: FAILED"]
    assert (witness.rung, witness.notes) == (["\a"], [])


def test_missing_notifier_is_one_note_before_the_first_event() -> None:
    witness = Witness(programs=())
    witness.passed_events(END, FAILED, notify=True)
    assert (len(witness.notes), witness.rung, witness.ran) == (1, ["\a", "\a"], [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'C:\tools\report.exe --to "C:\My files\x"', [r"C:\tools\report.exe", "--to", r"C:\My files\x"]),
        (r"report O'Brien\x", ["report", r"O'Brien\x"]),
        ('report ""', ["report", ""]),
    ],
)
def test_words_of_a_windows_command_keep_backslashes_and_apostrophes(line: str, words: list[str]) -> None:
    assert words_of(line, windows=True) == words


def test_posix_words_follow_the_shell() -> None:
    assert words_of(r"a\ b 'c d' #e", windows=False) == ["a b", "c d", "#e"]


@pytest.mark.parametrize("windows", [False, True])
def test_unbalanced_quote_is_rejected_on_each_system(windows: bool) -> None:
    with pytest.raises(UsageError) as caught:
        Witness().options(command='true "').arguments(windows=windows)
    assert caught.value.hint


@pytest.mark.parametrize("command", ["no-such-program-anywhere", "'", "/no/such/file -x", "/etc/passwd"])
def test_invalid_command_is_a_usage_error(command: str) -> None:
    with pytest.raises(UsageError) as caught:
        Witness().options(command=command).arguments()
    assert caught.value.hint
