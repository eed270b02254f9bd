"""Test `sostrades postproc load`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

ROUTE = "/api/v0/post-processing/21"
NO_OBJECT = {
    "login page": "<html><body>Please log in</body></html>",
    "array": "[]",
    "text": '"pong"',
    "null": "null",
    "nothing": "",
    "blanks": "  \n",
    "cut object": '{"dice": [{"data": [1, 2',
    "two objects": '{"a": []} {"b": []}',
    "trailing text": '{"a": []} and more',
    "not json": "{'a': []}",
}


@pytest.mark.parametrize("server", SERVERS)
def test_json_of_the_server_is_printed_exactly(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("postproc", "load", "21")
    assert (done.code, done.err) == (0, "")
    assert done.out == user.types("api", "GET", ROUTE).out
    assert json.loads(done.out)["dice.Macro"][0]["layout"]["title"]["text"]


@pytest.mark.parametrize("server", SERVERS)
def test_output_option_writes_the_same_bytes(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "c.json").read_text() == user.types("postproc", "load", "21").out.removesuffix("\n")


@pytest.mark.parametrize("server", SERVERS)
def test_study_that_never_ran_has_empty_charts(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("postproc", "load", "22")
    assert (done.code, json.loads(done.out)["crash.Macro"]) == (0, [])


@pytest.mark.slow
def test_charts_of_a_large_study_are_complete(user: User) -> None:
    printed = user.types("postproc", "load", "23").out
    user.types("postproc", "load", "23", "-o", str(user.folder / "c.json"))
    assert len(printed) > 1_000_000
    assert sum(map(len, json.loads(printed).values())) > 300
    assert (user.folder / "c.json").read_text() == printed.removesuffix("\n")


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_invalid_json_becomes_no_file(user: User, body: str) -> None:
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=body))
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert (done.code, done.out) == (7, "")
    assert list(user.folder.glob("*c.json*")) == []
    assert "log in" not in done.err


@pytest.mark.parametrize("name", ["login page", "array", "text", "null", "nothing"])
def test_non_object_is_not_printed(user: User, name: str) -> None:
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=NO_OBJECT[name]))
    done = user.types("postproc", "load", "21", "-F", "json")
    [error] = done.err.splitlines()
    assert (done.code, done.out, json.loads(error)["code"]) == (7, "", 7)


def test_truncated_object_on_stdout_is_exit_7(user: User) -> None:
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=NO_OBJECT["cut object"]))
    assert user.types("postproc", "load", "21").code == 7


@pytest.mark.parametrize("kind", ["cut", "drop", "hang", "status"])
def test_broken_transfer_to_a_file_is_retried(user: User, kind: str) -> None:
    user.world.faults.arm(Fault(kind, count=2, path="post-processing"))
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert done.code == 0
    assert done.err.count("retrying") == 2
    assert (user.folder / "c.json").read_text() == user.types("postproc", "load", "21").out.removesuffix("\n")


def test_broken_transfer_to_stdout_is_an_error(user: User) -> None:
    """Printed bytes cannot be taken back."""
    user.world.faults.arm(Fault("cut", path="post-processing"))
    done = user.types("postproc", "load", "21")
    assert done.code in {6, 7}
    assert user.requests.count(f"GET {ROUTE}") == 1


def test_existing_file_is_rejected_without_overwrite(user: User) -> None:
    target = user.folder / "c.json"
    target.write_text("mine")
    assert user.types("postproc", "load", "21", "-o", str(target)).code == 2
    assert (user.requests, target.read_text()) == ([], "mine")
    assert user.types("postproc", "load", "21", "-o", str(target), "--overwrite").code == 0
    assert json.loads(target.read_text())


def test_missing_folder_is_rejected_before_any_request(user: User) -> None:
    assert user.types("postproc", "load", "21", "-o", str(user.folder / "no" / "c.json")).code == 2
    assert user.requests == []


def test_slow_answer_is_awaited_for_300_seconds(user: User) -> None:
    user.world.faults.arm(Fault("slow", path="post-processing", seconds=90))
    assert user.types("postproc", "load", "21").code == 0
    user.world.faults.arm(Fault("slow", count=9, path="post-processing", seconds=400))
    assert user.types("postproc", "load", "21").code == 6


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    user = user_of(server)
    done = user.types("postproc", "load", study, "-o", str(user.folder / "c.json"))
    assert (done.code, list(user.folder.glob("*c.json*"))) == (code, [])


@pytest.mark.parametrize("form", ["table", "tsv", "csv", "ndjson"])
def test_other_formats_are_rejected(user: User, form: str) -> None:
    assert user.types("postproc", "load", "21", "-F", form).code == 2
    assert user.requests == []


def test_control_characters_are_escaped_on_a_terminal(user: User) -> None:
    user.world.faults.arm(Fault("body", path="post-processing", body='{"a\u009b31m": []}'))
    assert "\u009b" not in user.types("postproc", "load", "21", tty=True).out
