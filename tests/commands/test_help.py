"""Test `sostrades help` for commands and topics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from completion.shells import offered

import sostrades_cli
from sostrades_cli.cli.help_topics import ENVIRONMENT
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import User

# Set for a command of the user, or by the shell during completion.
NOT_READ = {"SOSTRADES_OUTCOME", "SOSTRADES_EXIT_CODE", "SOSTRADES_ELAPSED_S", "SOSTRADES_CAUSE", "SOSTRADES_STUDY"}


def test_topic_has_every_exit_code(user: User) -> None:
    shown = user.types("help", "exit-codes").out
    result = dict(re.findall(r"^  (\d+)\s+(.*(?:\n {6,}.*)*)", shown, re.MULTILINE))
    assert {int(code): " ".join(meaning.split()).lower() for code, meaning in result.items()} == {
        int(code): f"{code.meaning}.".lower() for code in ExitCode
    }


def test_topic_has_every_variable_that_the_code_reads(user: User) -> None:
    sources = "".join(file.read_text() for file in Path(sostrades_cli.__file__).parent.rglob("*.py"))
    variables = {name for name in re.findall(r'"(SOSTRADES_[A-Z_]+)"', sources) if name not in NOT_READ}
    assert {name for name in ENVIRONMENT if name.startswith("SOSTRADES_")} == variables
    shown = user.types("help", "environment").out
    assert all(name in shown for name in ENVIRONMENT)


def test_help_without_arguments_is_the_help_of_the_program(user: User) -> None:
    assert user.types("help") == user.types("--help")
    shown = user.types("help").out
    for topic in ("arguments", "options", "exit-codes", "environment"):
        assert topic in shown
        assert user.types("help", topic).code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("stduy", "sostrades help study"),
        ("exit-code", "sostrades help exit-codes"),
        ("study laod", "sostrades help study load"),
        ("study load 21", "sostrades help study load"),
        ("run", "sostrades help calc run"),
        ("param redo", "sostrades help param undo"),
        ("qqqqqq", "sostrades help"),
    ],
)
def test_unknown_subject_is_a_usage_error_with_a_suggestion(user: User, words: str, hint: str) -> None:
    done = user.types("help", *words.split())
    assert (done.code, done.out, done.kind) == (2, "", "usage")
    assert done.error is not None
    assert done.error.hint == hint


def test_help_works_without_valid_settings(user: User) -> None:
    assert user.types("help", "study", SOSTRADES_HOST="no address", SOSTRADES_FORMAT="xml").code == 0


def test_help_is_written_to_a_file(user: User, tmp_path: Path) -> None:
    file = tmp_path / "help.txt"
    assert user.types("help", "options", "-o", str(file)).code == 0
    assert file.read_text() == user.types("help", "options").out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sostrades help st", ["study", "stub"]),
        ("sostrades help exi", ["exit-codes"]),
        ("sostrades help study lo", ["load", "logs"]),
    ],
)
def test_subjects_are_completed(user: User, line: str, expected: list[str]) -> None:
    assert offered(user.environ, line) == expected
