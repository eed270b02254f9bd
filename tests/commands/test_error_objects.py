"""Test the error object of `-F json`: its fields, its study, and the causes of a summary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import mostly_slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the one above this folder

FIELDS = {"error", "code", "kind", "study", "hint", "server"}
FURTHER = {"detail", "causes"}
COMMANDS = [
    ("study load 99", "no_study", 99),
    ("study load 25", "permission_denied", 25),
    ("study copy 21 a/b", "usage", 21),
    ("study export 99 folder", "no_study", 99),
    ("study diff 21 nowhere", "invalid_file", 21),
    ("param list 99", "no_study", 99),
    ("param show 21 gama", "not_found", 21),
    ("param get 21 gama", "not_found", 21),
    ("param set 21 gamma", "usage", 21),
    ("param set 21 gamma=abc", "invalid_value", 21),
    ("param set 21 gamma=0.2 --unit kg", "invalid_value", 21),
    ("param set 21 population=5", "invalid_value", 21),
    ("param set 21 population=@nowhere.csv", "usage", 21),
    ("param reset 21 gama", "not_found", 21),
    ("param undo 21", "nothing_to_undo", 21),
    ("calc run 24", "refused", 24),
    ("calc status 99", "no_study", 99),
    ("calc watch 22", "never_ran", 22),
    ("postproc show 21 nothing", "not_found", 21),
    ("postproc export 21 -d charts --as pdf", "usage", None),
    ("calc status 21 --host corp.example", "invalid_setting", None),
    ("config set hots x", "invalid_setting", None),
]


def error_of(user: User, line: str) -> dict[str, Any]:
    """Return the error object of a command line."""
    done = user.types(*line.split(), "-F", "json")
    assert done.err.count("\n") == 1, done.err
    error: dict[str, Any] = json.loads(done.err)
    assert FIELDS <= error.keys() <= FIELDS | FURTHER
    assert error["code"] == done.code
    return error


@pytest.mark.parametrize(("line", "kind", "study"), mostly_slow(COMMANDS, 3))
def test_error_object_has_kind_study_and_hint(user: User, line: str, kind: str, study: int | None) -> None:
    error = error_of(user, line)
    assert (error["kind"], error["study"]) == (kind, study)
    assert error["hint"]


@pytest.mark.parametrize(("line", "form"), [("-F json calc", ""), ("calc -F json", ""), ("calc", "json")])
def test_group_without_a_command_has_an_error_object(user: User, line: str, form: str) -> None:
    done = user.types(*line.split(), SOSTRADES_FORMAT=form)
    assert (done.code, json.loads(done.err)["kind"]) == (2, "usage")


def test_placeholder_of_the_study_is_filled_in(user: User) -> None:
    assert "`sostrades param download 21 " in error_of(user, "param set 21 population=5")["hint"]


def test_all_invalid_values_are_reported_at_once(user: User) -> None:
    error = error_of(user, "param set 21 gamma=abc periods=x targets=[1.0] scenario=snowy")
    assert (error["kind"], error["study"]) == ("invalid_value", 21)
    assert [cause["kind"] for cause in error["causes"]] == ["invalid_value"] * 3
    assert [name for name in ("gamma", "periods", "scenario") if name not in error["detail"]] == []
    assert not any("POST" in request for request in user.requests)


def test_causes_of_a_command_with_one_study_have_its_number(user: User) -> None:
    error = error_of(user, "param set 21 gama=1 scenario=foggy message=x")
    assert [cause["study"] for cause in error["causes"]] == [21] * 3
    assert not [cause["hint"] for cause in error["causes"] if "STUDY" in (cause["hint"] or "")]


def test_placeholder_of_the_study_is_filled_in_for_several_errors(user: User) -> None:
    error = error_of(user, "param set 21 population=5 targets:=null")
    assert ("param download 21 " in error["detail"], "param reset 21 " in error["detail"]) == (True, True)
    assert "STUDY" not in error["detail"]


def test_single_invalid_value_has_no_causes(user: User) -> None:
    assert "causes" not in error_of(user, "param set 21 gamma=abc periods=3")


@pytest.mark.parametrize("line", ["calc status 98 99", "calc watch 98 99"])
def test_several_failed_studies_are_the_causes(user: User, line: str) -> None:
    done = user.types(*line.split(), "-F", "json" if "status" in line else "ndjson")
    error = json.loads(done.err)
    assert (error["study"], error["code"]) == (None, 5)
    assert [(cause["study"], cause["kind"]) for cause in error["causes"]] == [(98, "no_study"), (99, "no_study")]


def test_several_failed_downloads_are_the_causes(user: User) -> None:
    user.world.faults.arm(Fault("status", status=500, path="download", count=99))
    error = error_of(user, f"param download 21 population weights -d {user.folder / 'tables'}")
    assert [cause["kind"] for cause in error["causes"]] == ["server_fault"] * 2
