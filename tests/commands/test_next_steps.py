"""Test the facts and hints of errors: a hint works as it is typed, and an error names what it is about."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the one above this folder


def hint_of(user: User, *arguments: str, **variables: str) -> str:
    """Return the hint of a command that fails."""
    done = user.types(*arguments, **variables)
    assert done.error is not None
    return done.error.hint or ""


def command_in(hint: str) -> list[str]:
    """Return the arguments of the command in a hint."""
    result = re.search(r"`?sostrades ([^`]*)`?", hint)
    assert result is not None
    return shlex.split(result.group(1))


def test_hint_about_an_unlike_table_works_as_typed(user: User) -> None:
    file = user.folder / "with blank.csv"
    file.write_text("a,b\n1,2\n")
    command = command_in(hint_of(user, "param", "set", "21", f"population=@{file}"))
    assert user.types(*command).code == 0


def test_hint_quotes_the_name_of_a_profile(user: User) -> None:
    hint = hint_of(user, "calc", "status", "21", "--profile", "a b")
    assert command_in(hint)[2:4] == ["--profile", "a b"]


def test_hint_quotes_the_name_of_a_folder(user: User) -> None:
    hint = hint_of(user, "study", "diff", "21", str(user.folder / "no such folder"))
    assert command_in(hint)[-1] == str(user.folder / "no such folder")


def test_refused_raw_request_names_the_study_of_its_path(user: User) -> None:
    done = user.types("api", "POST", "/api/v0/calculation/execute/26")
    assert (done.code, done.kind) == (8, "run_active")
    assert done.error is not None
    assert (done.error.study, done.error.hint) == (26, "sostrades calc watch 26")


def test_unknown_path_is_in_the_error(user: User) -> None:
    done = user.types("api", "GET", "/api/v0/nowhere")
    assert (done.code, done.kind, "/api/v0/nowhere" in done.err) == (7, "no_route", True)


def test_all_unknown_keys_are_reported(user: User) -> None:
    done = user.types("param", "set", "21", "gama=1", "savings_rat=1", "periods=11", "-F", "json")
    error = json.loads(done.err)
    assert (done.code, error["kind"]) == (5, "not_found")
    assert [cause["kind"] for cause in error["causes"]] == ["not_found"] * 2
    assert ("Macro.gamma" in error["detail"], "savings_rate" in error["detail"]) == (True, True)


def test_part_of_many_names_leads_to_a_list_of_them(user: User) -> None:
    assert command_in(hint_of(user, "param", "get", "21", "Macro")) == ["param", "list", "21", "--match", "Macro"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("param", "set", "21", "gamma=0.5", "--exit-code"),
        ("param", "reset", "21", "gamma", "--exit-code"),
        ("study", "logs", "21", "--timeout", "1s"),
    ],
)
def test_option_without_the_option_that_it_needs_is_rejected(user: User, arguments: tuple[str, ...]) -> None:
    done = user.types(*arguments)
    assert (done.code, done.kind, done.out) == (2, "usage", "")


def test_wrong_type_in_a_query_does_not_print_the_data(user: User) -> None:
    done = user.types("study", "load", "21", "--query", "abs(@)")
    assert (done.code, "abs()" in done.err, "dice.Macro.gamma" in done.err) == (2, True, False)


def test_invalid_address_names_its_source(user: User) -> None:
    done = user.types("calc", "status", "21", SOSTRADES_HOST="ftp://x")
    assert (done.code, done.kind, "SOSTRADES_HOST" in done.err) == (2, "invalid_setting", True)


def test_key_given_as_a_setting_leads_to_the_login(user: User) -> None:
    assert command_in(hint_of(user, "config", "set", "api_key", "x")) == ["auth", "login"]


def test_error_about_an_exported_folder_suggests_no_alias(user: User) -> None:
    folder = str(user.folder / "e")
    assert user.types("study", "export", "21", folder).code == 0
    done = user.types("study", "show", folder)
    assert (done.code, done.kind, "alias set" in done.err) == (2, "usage", False)


def test_empty_history_has_a_note(user: User) -> None:
    done = user.types("param", "history", "21")
    assert (done.code, "21" in done.err) == (0, True)


def test_argument_with_choices_has_a_name_in_errors(user: User) -> None:
    done = user.types("api", "PATCH", "/api/v0/x")
    assert (done.code, done.kind, "|" in done.err) == (2, "usage", False)


def test_sweep_of_a_running_study_changes_nothing(user: User) -> None:
    cases, results = user.folder / "cases.csv", user.folder / "r.csv"
    cases.write_text("case,Macro.gamma\nlow,0.1\n")
    done = user.types("calc", "sweep", "26", str(cases), "--collect", "Damage.total_damage", "-o", str(results))
    assert (done.code, done.kind, "--force" in done.err) == (8, "run_active", False)
    assert done.error is not None
    assert (done.error.hint, results.with_suffix(".d").exists()) == (
        "follow the run with `sostrades calc watch 26`",
        False,
    )


@pytest.mark.parametrize(
    "words", ["study show 22", slow("study tree 22"), slow("param list 22 --outputs"), "calc status 22"]
)
def test_failed_run_is_not_to_be_repeated_before_its_cause_is_known(user: User, words: str) -> None:
    assert user.types("calc", "run", "22").code == 3
    done = user.types(*words.split())
    assert done.code == 0
    assert "`sostrades study logs 22`" in done.err
    assert "calc run" not in done.err


def test_status_of_a_failed_run_keeps_its_result(user: User) -> None:
    assert user.types("calc", "run", "22").code == 3
    assert "study logs" not in user.types("calc", "status", "22").out
    done = user.types("calc", "status", "22", "-F", "json")
    assert (done.err, json.loads(done.out)["study_case_id"]) == ("", 22)


def test_study_that_cannot_be_loaded_has_its_cached_names(user53: User) -> None:
    assert "param list" not in hint_of(user53, "study", "load", "22")
    assert user53.types("study", "load", "21").code == 0
    assert user53.types("param", "set", "21", "gamma=0.25", "--yes").code == 0
    assert "`sostrades param list 21`" in hint_of(user53, "study", "load", "21")
    assert user53.types("param", "list", "21").code == 0
