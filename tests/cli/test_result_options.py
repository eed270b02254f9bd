"""Test the checks of the options for the result, which are made before the first request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

SWEEP = ("calc", "sweep", "21", "cases.csv", "--collect", "Damage.total_damage", "-o", "results.csv")


@pytest.fixture(autouse=True)
def folder(user: User, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a table of cases."""
    monkeypatch.chdir(user.folder)
    (user.folder / "cases.csv").write_text("case,Macro.gamma\nlow,0.1\n")
    return user.folder


def assert_refused(user: User, done: Outcome, kind: str = "usage") -> None:
    assert (done.code, done.kind, done.out, user.requests) == (2, kind, "", []), done.err


@pytest.mark.parametrize(
    "words",
    [
        ("param", "list", "21", "--raw"),
        (*SWEEP, "--query", "length(@)"),
        ("param", "list", "21", "--query", "length("),
        ("param", "set", "21", "Macro.gamma=0.4", "--query", "length(@)", "-o", "changes.xlsx"),
        (*SWEEP, "-F", "ndjson"),
    ],
)
def test_unusable_option_is_refused(user: User, words: tuple[str, ...]) -> None:
    assert_refused(user, user.types(*words))


def test_hint_on_a_format_names_those_of_the_command(user: User) -> None:
    done = user.types(*SWEEP, "-F", "ndjson")
    assert done.error is not None
    assert [name in str(done.error.hint) for name in ("csv", "json", "md")] == [True] * 3


def test_query_of_a_command_that_changes_nothing_can_be_a_workbook(user: User, folder: Path) -> None:
    assert user.types("param", "list", "21", "--query", "[:2]", "-o", "two.xlsx").code == 0
    assert (folder / "two.xlsx").exists()


def test_format_of_a_dry_run_is_not_that_of_the_file(user: User, folder: Path) -> None:
    assert user.types(*SWEEP, "--dry-run", "-F", "json").code == 0
    assert not (folder / "results.csv").exists()
    user.world.requests.clear()
    assert_refused(user, user.types(*SWEEP, "-F", "json"))


def test_only_a_resumed_command_may_find_its_file(user: User, folder: Path) -> None:
    assert user.types(*SWEEP).code == 0
    assert user.types(*SWEEP, "--resume").code == 0
    (folder / "results.csv").write_text("mine")
    user.world.requests.clear()
    done = user.types(*SWEEP)
    assert (done.code, user.requests, (folder / "results.csv").read_text()) == (2, [], "mine")


@pytest.mark.parametrize(("text", "is_file"), [("@@a.json", False), ("@a.json", True)])
def test_text_that_begins_with_an_at_sign_is_no_file(user: User, folder: Path, text: str, is_file: bool) -> None:
    for name in ("a.json", "@a.json"):
        (folder / name).write_text("0.4")
    output = "a.json" if is_file else "@a.json"
    user.types("param", "set", "21", f"Macro.gamma={text}", "-o", output, "--overwrite")
    assert bool(user.requests) is not is_file


def test_missing_library_is_reported_before_the_first_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    assert_refused(user, user.types("param", "list", "21", "-o", "list.xlsx"), "extra_missing")


def test_raw_answer_needs_no_library(user: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    assert user.types("api", "GET", "/api/v0/calculation/status/21", "-o", "a.xlsx").code == 0
    assert (folder / "a.xlsx").exists()
