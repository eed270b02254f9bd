"""Test questions at the terminal, and reading the command of the editor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from conftest import Terminal

from sostrades_cli.cli.main import this_runtime
from sostrades_cli.cli.prompt import ask, editor_command
from sostrades_cli.errors import Termination, UsageError, UserInterrupt
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.library.process import this_process


class InterruptedTerminal(Terminal):
    """A terminal where the user answers each question with a signal."""

    def __init__(self, signal: BaseException) -> None:
        super().__init__(tty=True)
        self._signal = signal

    def readline(self, _: int = -1) -> str:  # type: ignore[override]
        """Answer."""
        raise self._signal


@pytest.mark.parametrize(("signal", "code"), [(KeyboardInterrupt(), 130), (Termination(), 143)])
def test_interrupted_question_says_that_nothing_was_sent(signal: BaseException, code: int) -> None:
    runtime = this_process()._replace(
        stdin=InterruptedTerminal(signal), stderr=Terminal(tty=True), discard_typed=lambda: None
    )
    with pytest.raises(Exception, match="nothing was sent") as raised:
        ask(runtime, "Change it? [y/N] ")
    assert exit_code_of(raised.value) == code  # type: ignore[arg-type]
    assert isinstance(raised.value, UserInterrupt) is (code == 130)


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, None),
        ({"VISUAL": " ", "EDITOR": "\t"}, None),
        ({"VISUAL": " ", "EDITOR": "nano"}, "nano"),
        ({"VISUAL": "code --wait", "EDITOR": "nano"}, "code --wait"),
    ],
)
def test_blank_variable_is_not_an_editor(environ: dict[str, str], command: str | None) -> None:
    assert editor_command(environ) == command


@pytest.mark.parametrize("name", ["VISUAL", "EDITOR"])
def test_unreadable_editor_is_a_usage_error_with_the_variable(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        editor_command({name: "'x"})


def test_line_typed_before_the_question_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    keyboard, terminal = pty.openpty()
    with os.fdopen(terminal, encoding="utf-8") as stdin, os.fdopen(keyboard, "r+b", buffering=0) as keys:
        monkeypatch.setattr(sys, "stdin", stdin)
        runtime = this_runtime()

        class Stderr:
            def write(self, _: str) -> None:
                keys.write(b"n\n")  # typed after the question is shown

            def flush(self) -> None:
                pass

        keys.write(b"y\n")
        assert ask(runtime._replace(stderr=Stderr()), "Change it? ") == "n\n"  # type: ignore[arg-type]


def test_closed_terminal_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        this_runtime().discard_typed()
