"""Test questions at a real terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sostrades_cli.cli.main import this_runtime
from sostrades_cli.cli.prompt import ask

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")


def test_line_typed_before_the_question_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_closed_terminal_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open(encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        this_runtime().discard_typed()
