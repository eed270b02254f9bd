"""`sostrades postproc load`."""

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
def test_the_servers_json_is_printed_exactly(user_of: Callable[..., User], server: str) -> None:
    """Standard output holds the body of the answer, byte for byte, and standard error nothing."""
    user = user_of(server)
    done = user.types("postproc", "load", "21")
    assert (done.code, done.err) == (0, "")
    assert done.out == user.types("api", "GET", ROUTE).out
    assert json.loads(done.out)["dice.Macro"][0]["layout"]["title"]["text"]


@pytest.mark.parametrize("server", SERVERS)
def test_a_file_holds_the_same(user_of: Callable[..., User], server: str) -> None:
    """`-o FILE` holds what standard output would, and standard output is empty."""
    user = user_of(server)
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert (done.code, done.out) == (0, "")
    assert (user.folder / "c.json").read_text() == user.types("postproc", "load", "21").out


@pytest.mark.parametrize("server", SERVERS)
def test_a_study_that_never_ran_has_empty_charts(user_of: Callable[..., User], server: str) -> None:
    """Lists without charts are a good answer."""
    done = user_of(server).types("postproc", "load", "22")
    assert (done.code, json.loads(done.out)["crash.Macro"]) == (0, [])


def test_the_charts_of_a_large_study_come_whole(user: User) -> None:
    """Megabytes pass through, to a pipe and to a file alike."""
    printed = user.types("postproc", "load", "23").out
    user.types("postproc", "load", "23", "-o", str(user.folder / "c.json"))
    assert len(printed) > 1_000_000
    assert sum(map(len, json.loads(printed).values())) > 300
    assert (user.folder / "c.json").read_text() == printed


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_not_one_json_object_becomes_no_file(user: User, body: str) -> None:
    """Anything but one whole JSON object is exit 7, and no file is left, not even a part."""
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=body))
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert (done.code, done.out) == (7, "")
    assert list(user.folder.glob("*c.json*")) == []
    assert "log in" not in done.err


@pytest.mark.parametrize("name", ["login page", "array", "text", "null", "nothing"])
def test_what_cannot_be_an_object_is_not_printed(user: User, name: str) -> None:
    """What begins as no object is exit 7 before anything reaches standard output."""
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=NO_OBJECT[name]))
    done = user.types("postproc", "load", "21", "-F", "json")
    [error] = done.err.splitlines()
    assert (done.code, done.out, json.loads(error)["code"]) == (7, "", 7)


def test_a_cut_object_on_standard_output_is_exit_7(user: User) -> None:
    """A pipe may have got a part, but the exit code says that it is one."""
    user.world.faults.arm(Fault("body", count=9, path="post-processing", body=NO_OBJECT["cut object"]))
    assert user.types("postproc", "load", "21").code == 7


@pytest.mark.parametrize("kind", ["cut", "drop", "hang", "status"])
def test_a_broken_transfer_to_a_file_is_repeated(user: User, kind: str) -> None:
    """A transfer that breaks is asked for again, and the file is whole."""
    user.world.faults.arm(Fault(kind, count=2, path="post-processing"))
    done = user.types("postproc", "load", "21", "-o", str(user.folder / "c.json"))
    assert done.code == 0
    assert done.err.count("retrying") == 2
    assert (user.folder / "c.json").read_text() == user.types("postproc", "load", "21").out


def test_a_cut_transfer_to_standard_output_is_an_error(user: User) -> None:
    """Printed pieces cannot be taken back: a cut answer is no success, and is not begun again in the middle."""
    user.world.faults.arm(Fault("cut", path="post-processing"))
    done = user.types("postproc", "load", "21")
    assert done.code in {6, 7}
    assert user.requests == [f"GET {ROUTE}"]


def test_an_existing_file_is_refused_before_the_charts_are_computed(user: User) -> None:
    """An existing file is exit 2 without a request and stays as it is; `--overwrite` replaces it."""
    target = user.folder / "c.json"
    target.write_text("mine")
    assert user.types("postproc", "load", "21", "-o", str(target)).code == 2
    assert (user.requests, target.read_text()) == ([], "mine")
    assert user.types("postproc", "load", "21", "-o", str(target), "--overwrite").code == 0
    assert json.loads(target.read_text())


def test_a_missing_folder_is_refused_before_anything_is_asked(user: User) -> None:
    """A file in a folder that is not there is exit 2 without a request."""
    assert user.types("postproc", "load", "21", "-o", str(user.folder / "no" / "c.json")).code == 2
    assert user.requests == []


def test_a_slow_answer_is_waited_for(user: User) -> None:
    """Charts that take more than a minute to compute come; after 300 s of silence they are given up."""
    user.world.faults.arm(Fault("slow", path="post-processing", seconds=90))
    assert user.types("postproc", "load", "21").code == 0
    user.world.faults.arm(Fault("slow", count=9, path="post-processing", seconds=400))
    assert user.types("postproc", "load", "21").code == 6


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5, without a file."""
    user = user_of(server)
    done = user.types("postproc", "load", study, "-o", str(user.folder / "c.json"))
    assert (done.code, list(user.folder.glob("*c.json*"))) == (code, [])


@pytest.mark.parametrize("form", ["table", "tsv", "csv", "ndjson"])
def test_other_formats_are_refused(user: User, form: str) -> None:
    """The result is JSON; another format is exit 2 without a request."""
    assert user.types("postproc", "load", "21", "-F", form).code == 2
    assert user.requests == []


def test_a_terminal_gets_no_control_characters(user: User) -> None:
    """Raw control characters in the server's answer are visible text on a terminal."""
    user.world.faults.arm(Fault("body", path="post-processing", body='{"a\u009b31m": []}'))
    assert "\u009b" not in user.types("postproc", "load", "21", tty=True).out
