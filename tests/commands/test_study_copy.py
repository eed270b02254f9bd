"""`sostrades study copy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.values import Table
from server_stub.world import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from server_stub.study import Study

COPY = "POST /api/v0/study-case/40/copy"
FIRST, SECOND = Table(("x",), ((1.0,),)), Table(("x",), ((2.0,),))
SMALL = Model(
    "small_process",
    ("", "A"),
    (
        Parameter("A.f", "float", 1.5),
        Parameter("A.text", "string", "a"),
        Parameter("A.list", "list", [1.0]),
        Parameter("A.table", "dataframe", FIRST),
        Parameter("A.out", "float", None, io_type="out"),
    ),
    lambda values: {"A.out": 2 * values["A.f"]},
)


def small(user: User, **values: object) -> Study:
    """Enter study 40 with values that differ from the defaults, finished."""
    owner = user.world.users["owner@email.com"]
    study = user.world.add_study(40, "small", SMALL, {owner: Right.OWNER})
    study.values.update({f"A.{name}": value for name, value in values.items()})
    study.start_run(study.pace.now() - 3600.0)
    study.settle()
    study.unload()
    return study


def held(user: User, number: int) -> dict[str, object]:
    """Return the values of a study."""
    study = user.world.studies[number]
    study.settle()
    return study.values


@pytest.mark.parametrize("server", SERVERS)
def test_a_copy_has_the_values_of_its_source(user_of: Callable[..., User], server: str) -> None:
    """The number of the copy is printed, its values are those of the source, and the source is not touched."""
    user = user_of(server)
    source = small(user, f=9.5, text="b", list=[3.0, 4.0])
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (0, "41\n")
    assert [held(user, 41)[f"A.{name}"] for name in ("f", "text", "list")] == [9.5, "b", [3.0, 4.0]]
    assert user.world.studies[41].name == "second"
    assert user.requests.count(COPY) == 1
    assert source.status == "FINISHED"
    assert "POST /api/v0/study-case/40/parameters" not in user.requests


@pytest.mark.parametrize("server", SERVERS)
def test_json_names_source_and_copy(user_of: Callable[..., User], server: str) -> None:
    """`-F json` is one object with both numbers, and standard error stays empty."""
    user = user_of(server)
    small(user, f=9.5)
    done = user.types("study", "copy", "40", "second", "-F", "json")
    result = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (result["study"], result["source"], result["name"], result["different"]) == (41, 40, "second", [])


def test_tables_are_copied_where_files_can_be_sent(user: User) -> None:
    """On a server that takes files the copy has the tables, too."""
    small(user, table=SECOND)
    assert user.types("study", "copy", "40", "second").code == 0
    assert held(user, 41)["A.table"] == SECOND


@pytest.mark.parametrize("server", ["5.0", "5.3"])
def test_a_table_that_cannot_be_sent_is_named(user_of: Callable[..., User], server: str) -> None:
    """Where files cannot be sent, a table that differs makes exit 8, is named, and the copy's number is printed."""
    user = user_of(server)
    small(user, table=SECOND, f=9.5)
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (8, "41\n")
    assert "A.table" in done.err
    assert held(user, 41)["A.f"] == 9.5


@pytest.mark.parametrize("server", SERVERS)
def test_a_users_key_cannot_copy(user_of: Callable[..., User], server: str) -> None:
    """With the key of a user it is exit 8, said in plain words, and nothing was made."""
    user = user_of(server)
    small(user)
    done = user.types("study", "copy", "40", "second", SOSTRADES_API_KEY=user.world.user_key)
    assert (done.code, done.out) == (8, "")
    assert "group" in done.err
    assert 41 not in user.world.studies


@pytest.mark.parametrize(
    "fault",
    [
        Fault("drop", method="POST", path="copy", when="after"),
        Fault("drop", method="POST", path="copy", when="before"),
        Fault("cut", method="POST", path="copy"),
        Fault("status", method="POST", path="copy", status=502, when="after"),
    ],
    ids=["after", "before", "cut", "502"],
)
def test_a_lost_answer_is_not_asked_for_again(user: User, fault: Fault) -> None:
    """When the answer is lost the tool says that the copy may be there, and does not make a second one."""
    small(user)
    user.world.faults.arm(fault)
    done = user.types("study", "copy", "40", "second")
    assert done.code in {6, 7}
    assert "may have been copied" in done.err
    assert user.requests.count(COPY) == 1


@pytest.mark.parametrize("body", ["<html>Please log in</html>", "{}", "true", '"41"', "null", "1.5"])
def test_an_answer_that_is_no_number_is_exit_7(user: User, body: str) -> None:
    """A 200 that does not hold the number of the copy is exit 7, with nothing on standard output."""
    small(user)
    user.world.faults.arm(Fault("body", method="POST", path="copy", body=body))
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (7, "")
    assert user.requests.count(COPY) == 1


def test_a_copy_whose_values_failed_is_still_named(user: User) -> None:
    """When the values cannot be sent the copy is there: its number is printed and the error says what it holds."""
    small(user, f=9.5)
    user.world.faults.arm(Fault("status", count=9, method="POST", path="41/parameters", status=400))
    done = user.types("study", "copy", "40", "second")
    assert done.code != 0
    assert done.out == "41\n"
    assert "created study 41" in done.err


def test_an_input_that_no_load_shows_is_copied(user: User) -> None:
    """Read-only mode told that it is an input, which can be set all the same."""
    assert user.types("param", "set", "21", "dice.Macro.locked=1").code == 0
    number = int(user.types("study", "copy", "21", "second").out)
    user.world.clock.sleep(5)
    copied = user.world.studies[number]
    copied.settle()
    assert copied.values["Macro.locked"] == user.world.studies[21].values["Macro.locked"] == 1.0


def test_what_a_proxy_refuses_is_not_sent_again(user: User) -> None:
    """Only the server's own refusal, of a parameter that is not there yet, lets another one be tried."""
    small(user, f=9.5)
    user.world.faults.arm(Fault("status", method="POST", path="41/parameters", status=413))
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (8, "41\n")
    assert user.requests.count("POST /api/v0/study-case/41/parameters") == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_no_right_and_no_study(user_of: Callable[..., User], server: str, study: str, code: int) -> None:
    """A study without a right is exit 4, one that is not there exit 5; nothing is copied."""
    user = user_of(server)
    before = set(user.world.studies)
    assert user.types("study", "copy", study, "second").code == code
    assert set(user.world.studies) == before


def test_a_study_that_cannot_be_read_is_not_copied(user53: User) -> None:
    """On 5.3 a study that never ran cannot be read: exit 7 before anything is made."""
    before = set(user53.world.studies)
    assert user53.types("study", "copy", "22", "second").code == 7
    assert set(user53.world.studies) == before


@pytest.mark.parametrize("name", ["", " ", "a.b", "a b", "[c]", "☃", "a" * 65, "small"])
def test_a_name_that_the_web_page_refuses_or_that_is_taken_is_a_usage_error(user: User, name: str) -> None:
    small(user)
    done = user.types("study", "copy", "40", name)
    assert (done.code, done.out) == (2, "")
    assert COPY not in user.requests


def test_a_name_that_was_seen_on_the_server_is_taken(user: User) -> None:
    small(user)
    assert user.types("study", "load", "21", "-q").code == 0
    assert user.types("study", "copy", "40", "dice").code == 2
    assert COPY not in user.requests


def test_what_no_answer_shows_is_named_and_does_not_fail(user: User) -> None:
    done = user.types("study", "copy", "21", "again", "-F", "json")
    result = json.loads(done.out)
    assert (done.code, result["different"]) == (0, [])
    assert result["not_compared"] == ["again.Macro.matrix"]


def test_an_untouched_copy_can_be_run(anyone: User) -> None:
    small(anyone)
    assert anyone.types("study", "copy", "40", "second").code == 0
    assert anyone.types("calc", "run", "41").code == 0
