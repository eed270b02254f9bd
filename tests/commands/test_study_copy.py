"""Test `sostrades study copy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from broken_network import BreakingNetwork
from conftest import QUICK_SERVERS, SERVERS, slow

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.values import Table
from server_stub.world import Right
from sostrades_cli.errors import Hangup, Termination

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
    """Add the finished study 40, whose values differ from the defaults."""
    owner = user.world.users["owner@email.com"]
    study = user.world.add_study(40, "small", SMALL, {owner: Right.OWNER})
    study.values.update({f"A.{name}": value for name, value in values.items()})
    study.start_run(study.pace.now() - 3600.0)
    study.settle()
    study.unload()
    return study


def stored_values(user: User, number: int) -> dict[str, object]:
    """Return the values of a study."""
    study = user.world.studies[number]
    study.settle()
    return study.values


@pytest.mark.parametrize("server", SERVERS)
def test_copy_has_the_values_of_its_source(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    source = small(user, f=9.5, text="b", list=[3.0, 4.0])
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (0, "41\n")
    assert [stored_values(user, 41)[f"A.{name}"] for name in ("f", "text", "list")] == [9.5, "b", [3.0, 4.0]]
    assert user.world.studies[41].name == "second"
    assert user.requests.count(COPY) == 1
    assert source.status == "FINISHED"
    assert "POST /api/v0/study-case/40/parameters" not in user.requests


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_json_has_source_and_copy(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    small(user, f=9.5)
    done = user.types("study", "copy", "40", "second", "-F", "json")
    result = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (result["study"], result["source"], result["name"], result["different"]) == (41, 40, "second", [])


def test_tables_are_copied_if_uploads_work(user: User) -> None:
    small(user, table=SECOND)
    assert user.types("study", "copy", "40", "second").code == 0
    assert stored_values(user, 41)["A.table"] == SECOND


@pytest.mark.parametrize("server", [slow("5.0"), "5.3"])
def test_table_that_cannot_be_uploaded_is_exit_8(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    small(user, table=SECOND, f=9.5)
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (8, "41\n")
    assert "A.table" in done.err
    assert stored_values(user, 41)["A.f"] == 9.5


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_user_key_cannot_copy(user_of: Callable[..., User], server: str) -> None:
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
def test_copy_with_a_lost_answer_is_not_repeated(user: User, fault: Fault) -> None:
    small(user)
    user.world.faults.arm(fault)
    done = user.types("study", "copy", "40", "second")
    assert done.code in {6, 7}
    assert "may have been copied" in done.err
    assert user.requests.count(COPY) == 1


@pytest.mark.parametrize("body", ["<html>Please log in</html>", "{}", slow("true"), '"41"', "null", slow("1.5")])
def test_answer_without_a_study_number_is_exit_7(user: User, body: str) -> None:
    small(user)
    user.world.faults.arm(Fault("body", method="POST", path="copy", body=body))
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (7, "")
    assert user.requests.count(COPY) == 1


def test_copy_with_failed_values_is_reported_by_number(user: User) -> None:
    small(user, f=9.5)
    user.world.faults.arm(Fault("status", count=9, method="POST", path="41/parameters", status=400))
    done = user.types("study", "copy", "40", "second")
    assert done.code != 0
    assert done.out == "41\n"
    assert "created study 41" in done.err


@pytest.mark.parametrize(("signal", "code"), [(KeyboardInterrupt, 130), (Termination, 143), (Hangup, 129)])
def test_interrupted_copy_is_reported_by_number(user: User, signal: type[BaseException], code: int) -> None:
    small(user, f=9.5)
    user.transport = BreakingNetwork(user, signal, "41/parameters", 1)
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (code, "41\n")
    assert done.error is not None
    assert (done.error.study, "sostrades study diff 40 41" in str(done.error.hint)) == (41, True)


def test_interrupted_request_for_a_copy_hints_at_the_web_page(user: User) -> None:
    small(user, f=9.5)
    user.transport = BreakingNetwork(user, KeyboardInterrupt, "/copy", 1, after=True)
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (130, "")
    assert done.error is not None
    assert "sostrades study url 40" in str(done.error.hint)


def test_input_missing_in_the_load_is_copied(user: User) -> None:
    assert user.types("param", "set", "21", "dice.Macro.locked=1").code == 0
    number = int(user.types("study", "copy", "21", "second").out)
    user.world.clock.sleep(5)
    copied = user.world.studies[number]
    copied.settle()
    assert copied.values["Macro.locked"] == user.world.studies[21].values["Macro.locked"] == 1.0


def test_value_refused_by_a_proxy_is_not_sent_again(user: User) -> None:
    """Only the refusal of the server allows another attempt."""
    small(user, f=9.5)
    user.world.faults.arm(Fault("status", method="POST", path="41/parameters", status=413))
    done = user.types("study", "copy", "40", "second")
    assert (done.code, done.out) == (8, "41\n")
    assert user.requests.count("POST /api/v0/study-case/41/parameters") == 1


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    user = user_of(server)
    before = set(user.world.studies)
    assert user.types("study", "copy", study, "second").code == code
    assert set(user.world.studies) == before


def test_unreadable_study_is_not_copied(user53: User) -> None:
    before = set(user53.world.studies)
    assert user53.types("study", "copy", "22", "second").code == 7
    assert set(user53.world.studies) == before


@pytest.mark.parametrize("name", ["", " ", "a.b", "a b", "[c]", "☃", "a" * 65, "small"])
def test_invalid_or_taken_name_is_a_usage_error(user: User, name: str) -> None:
    small(user)
    done = user.types("study", "copy", "40", name)
    assert (done.code, done.out) == (2, "")
    assert COPY not in user.requests


def test_cached_name_of_another_study_is_taken(user: User) -> None:
    small(user)
    assert user.types("study", "load", "21", "-q").code == 0
    assert user.types("study", "copy", "40", "dice").code == 2
    assert COPY not in user.requests


def test_unreadable_parameter_is_noted_without_failing(user: User) -> None:
    done = user.types("study", "copy", "21", "again", "-F", "json")
    result = json.loads(done.out)
    assert (done.code, result["different"]) == (0, [])
    assert result["not_compared"] == ["again.Macro.matrix"]


def test_untouched_copy_can_be_run(anyone: User) -> None:
    small(anyone)
    assert anyone.types("study", "copy", "40", "second").code == 0
    assert anyone.types("calc", "run", "41").code == 0


def test_terminal_shows_the_copy_in_a_sentence_and_a_pipe_its_number(user: User) -> None:
    shown = user.types("study", "copy", "27", "first", tty=True)
    assert (shown.code, "study 34 is a copy of study 27" in shown.out) == (0, True)
    assert "is a copy" not in shown.err
    assert user.types("study", "copy", "27", "second").out == "35\n"
