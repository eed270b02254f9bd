"""Messages on standard error: notes, progress, and the form of an error."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from conftest import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli import errors
from sostrades_cli.errors import ServerWords, SostradesError
from sostrades_cli.output.messages import Messages, error_object

FULL = errors.PermissionDenied(
    "no right on study 25",
    detail="first line\nsecond line",
    hint="ask its owner for access",
    study=25,
    server=ServerWords(403, "You do not have the necessary rights"),
)
HOSTILE = "a\x1b[31m\rb\x9bc\u202ed"


def notes(stream: Any, **options: Any) -> Messages:
    """Return verbose messages in text, without colour."""
    fields = {"notes_enabled": True, "verbose": True, "color": False, "as_json": False} | options
    return Messages(stream, **fields)


def said(error: SostradesError, **options: Any) -> str:
    """Return what is written of an error."""
    err = Terminal()
    notes(err, **options).error(error)
    return err.written


def test_error_has_message_detail_server_text_and_hint() -> None:
    assert said(FULL) == (
        "error: no right on study 25\n"
        "  first line\n"
        "  second line\n"
        "  the server: You do not have the necessary rights (403)\n"
        "  try: ask its owner for access\n"
    )


def test_error_without_details_is_one_line() -> None:
    assert said(errors.Refused("refused")) == "error: refused\n"


def test_interruption_is_not_labelled_an_error() -> None:
    assert said(errors.UserInterrupt("interrupted")) == "interrupted\n"
    stopped = errors.Terminated("terminated", hint="sostrades calc watch 21")
    assert said(stopped) == "terminated\n  try: sostrades calc watch 21\n"


def test_json_error_is_one_object_on_one_line() -> None:
    written = said(FULL, as_json=True)
    assert written.count("\n") == 1
    assert json.loads(written) == {
        "error": "no right on study 25",
        "code": 4,
        "kind": "permission_denied",
        "study": 25,
        "hint": "ask its owner for access",
        "server": {"status": 403, "description": "You do not have the necessary rights"},
        "detail": "first line\nsecond line",
    }


def test_unknown_fields_are_null_in_json() -> None:
    assert json.loads(said(errors.UsageError("no"), as_json=True)) == {
        "error": "no",
        "code": 2,
        "kind": "usage",
        "study": None,
        "hint": None,
        "server": None,
    }


LONG = errors.PermissionDenied(
    "you do not have permission to access study 25, which belongs to the group of somebody else on this server",
    detail="a first line that is long enough to need more than one line of a narrow terminal\nanother",
    hint="ask the owner for access, or use another key: `sostrades auth login --as-user ada@example.org` stores one",
    server=ServerWords(403, "You do not have the necessary rights to access this study case, says the server"),
)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_error_wraps_at_words_below_its_beginning(columns: int) -> None:
    lines = said(LONG, columns=columns).splitlines()
    command = "`sostrades auth login --as-user ada@example.org`"
    assert all(len(line) <= columns for line in lines if command not in line)
    assert [line for line in lines if command in line]
    assert " ".join(" ".join(lines).split()) == " ".join(said(LONG).split())
    starts = [re.match(" *", line)[0] for line in lines]  # type: ignore[index] # it matches every line
    continued = lines[1 : lines.index(next(line for line in lines if line.startswith("  a first line")))]
    assert all(line.startswith(" " * len("error: ")) for line in continued)
    assert set(map(len, starts)) <= {0, 2, 4, 7}


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_hint_that_is_a_command_stays_on_one_line(columns: int) -> None:
    hint = f"sostrades param set 21 --from {'x' * columns}.csv --yes"
    assert said(errors.Refused("no", hint=hint), columns=columns).splitlines() == ["error: no", f"  try: {hint}"]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_notes_wrap_at_words(columns: int) -> None:
    err = Terminal()
    written = notes(err, columns=columns)
    written.inform("word " * 50)
    written.warning("word " * 50)
    lines = err.written.splitlines()
    assert max(map(len, lines)) <= columns
    assert err.written.split().count("word") == 100
    assert [line[:6] for line in lines if line.startswith("note:")] == ["note: "]


def test_nothing_is_wrapped_in_a_pipe_or_in_json() -> None:
    assert max(map(len, said(LONG).splitlines())) > 100
    assert said(LONG, as_json=True, columns=40).count("\n") == 1


def test_redacted_key_does_not_widen_a_line() -> None:
    key = "0123456789abcdef0123456789abcdef"
    written = said(errors.Refused(f"{'word ' * 5}{key} {'word ' * 9}"), columns=40, secrets={key})
    assert key not in written
    assert max(map(len, written.splitlines())) <= 40


def test_wide_characters_count_twice() -> None:
    lines = said(errors.Refused("東京 " * 30), columns=40).splitlines()
    assert len(lines) > 4
    assert max(sum(1 + (ord(letter) > 255) for letter in line) for line in lines) <= 40


def test_causes_of_a_summary_are_objects_in_json() -> None:
    causes = [errors.NoStudy("no study 98", study=98), FULL]
    written = said(errors.NoStudy("2 of 2 studies failed", causes=causes), as_json=True)
    assert [(cause["study"], cause["kind"], cause["code"]) for cause in json.loads(written)["causes"]] == [
        (98, "no_study", 5),
        (25, "permission_denied", 4),
    ]


@settings(deadline=None, max_examples=20)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_json_error_is_exact_and_text_is_escaped(text: str) -> None:
    error = errors.Refused(text, hint=text, server=ServerWords(400, text))
    written = said(error, as_json=True)
    assert (written.count("\n"), json.loads(written)) == (1, error_object(error))
    plain = said(error)
    assert plain.count("\n") == 3
    assert not set(plain) & {chr(code) for code in [*range(10), *range(11, 32), *range(127, 160)]}


def test_detail_is_indented() -> None:
    """A line of it cannot look like an error."""
    lines = said(errors.ServerFault("x", detail="a\nerror: forged\r\x1b[2Kerror: forged")).splitlines()
    assert [line for line in lines if line.startswith("error:")] == ["error: x"]
    assert r"\r\x1b[2K" in lines[2]


def test_notes_are_escaped_lines() -> None:
    err = Terminal()
    shown = r"a\x1b[31m\rb\x9bc\u202ed"
    written = notes(err)
    written.inform(HOSTILE)
    written.warning(HOSTILE)
    written.trace(HOSTILE)
    assert err.written == f"{shown}\nnote: {shown}\n{shown}\n"


def test_quiet_shows_only_errors() -> None:
    err = Terminal()
    written = notes(err, notes_enabled=False, verbose=False)
    written.inform("x")
    written.warning("x")
    assert err.written == ""
    written.error(errors.Refused("no"))
    assert err.written == "error: no\n"


def test_colour_does_not_change_the_text() -> None:
    coloured = said(FULL, color=True)
    assert "\x1b[31merror:\x1b[0m no right" in coloured
    for code in ("\x1b[31m", "\x1b[1m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == said(FULL)
    assert "\x1b" not in said(FULL)


def test_json_has_no_colour() -> None:
    assert json.loads(said(FULL, color=True, as_json=True)) == error_object(FULL)


class Closed(io.StringIO):
    """A closed standard error."""

    def write(self, _: str) -> int:
        """Fail like a closed pipe."""
        raise BrokenPipeError


def test_closed_standard_error_is_ignored() -> None:
    written = notes(Closed())
    written.inform("x")
    written.error(FULL)
    assert written.stream.closed is False


@pytest.mark.parametrize(("tty", "notes_enabled"), [(False, True), (True, False), (False, False)])
def test_progress_needs_a_terminal(tty: bool, notes_enabled: bool) -> None:
    err = Terminal(tty=tty)
    with notes(err, notes_enabled=notes_enabled).progress("study 21", 3) as step:
        step()
    assert err.written == ""


def test_bar_is_yellow_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours mean the same as in tables: yellow is active, green is done, and red would be a failure."""
    monkeypatch.setenv("TERM", "xterm")
    active, ended = Terminal(tty=True), Terminal(tty=True)
    with notes(active, color=True).progress("study 21", 3) as step:
        step()
    with notes(ended, color=True).progress("study 21", 3) as step:
        for _ in range(3):
            step()
    assert ("\x1b[33m━" in active.written, "\x1b[32m━" in ended.written) == (True, True)
    assert "\x1b[91m" not in active.written + ended.written


def test_bar_is_removed_at_its_end() -> None:
    err = Terminal(tty=True)
    with notes(err).progress("study 21", 3) as step:
        for _ in range(3):
            step()
    assert "study 21" in err.written
    assert err.written.endswith("\x1b[2K")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("no '/srv/data/study_case/3/sc3.log' here", "no 'sc3.log' here"),
        ("a\tb", "a b"),
        ("see http://gui.example/study/3/page", "see http://gui.example/study/3/page"),
        ("1/2 of kg/m^3/s", "1/2 of kg/m^3/s"),
        ("dice.Macro/x", "dice.Macro/x"),
    ],
)
def test_folders_of_the_server_are_not_shown(words: str, shown: str) -> None:
    """JSON has the exact text."""
    error = errors.Refused("refused", server=ServerWords(400, words))
    assert f"  the server: {shown} (400)\n" in said(error)
    assert json.loads(said(error, as_json=True))["server"]["description"] == words


def test_server_text_with_only_file_names_is_for_json() -> None:
    error = errors.NeverRan("no log", server=ServerWords(500, "[Errno 2]", shown=False))
    assert said(error) == "error: no log\n"
    assert json.loads(said(error, as_json=True))["server"] == {"status": 500, "description": "[Errno 2]"}


class View:
    """A live view that records what is done with it."""

    def __init__(self, steps: list[str]) -> None:
        self.steps = steps

    def show(self) -> None:
        """Show the view again."""
        self.steps.append("shown")

    def hide(self) -> None:
        """Restore the terminal."""
        self.steps.append("hidden")


def test_live_view_is_hidden_while_others_use_the_terminal() -> None:
    messages, steps = notes(Terminal(tty=True)), list[str]()
    messages.screens.append(View(steps))
    with messages.off_terminal():
        steps.append("used")
    assert steps == ["hidden", "used", "shown"]


def test_postponed_lines_are_written_at_the_end() -> None:
    terminal = Terminal(tty=True)
    messages = notes(terminal)
    with messages.postponing() as lines:
        messages.inform("first")
        assert (lines, terminal.written) == (["first"], "")
    messages.inform("second")
    assert terminal.written == "first\nsecond\n"


def test_postponed_lines_are_written_after_an_interruption() -> None:
    terminal = Terminal(tty=True)
    messages = notes(terminal)

    def interrupted() -> None:
        with messages.postponing():
            messages.inform("first")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert terminal.written == "first\n"


def test_lines_in_a_log_file_are_not_postponed() -> None:
    file = Terminal()
    messages = notes(file)
    with messages.postponing():
        messages.inform("first")
        assert file.written == "first\n"
