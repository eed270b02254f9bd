"""Test studies that the server fails to load, and studies whose inputs it withholds."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_SERVERS, slow
from operations.study.test_own_name import FLAT, added

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.solver_settings import coupling_settings
from server_stub.worlds.demo import finished
from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

# As the server says it of a process that wraps others.
WRAPPED = Model(
    "wrapped",
    ("",),
    (*coupling_settings(), Parameter("x", "float", 1.0), Parameter("y_1", "float", None, io_type="out")),
    lambda values: {"y_1": values["x"] * 2, "residuals_history": None},
    load_error="'ProxyCoupling' object has no attribute 'coupling_structure'",
)


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize("run", [False, True])
def test_failed_load_is_exit_7(user_of: Callable[..., User], server: str, run: bool) -> None:
    """A finished run does not help, because it leaves no read-only file."""
    user = user_of(server)
    study = str(added(user, "wrapped", WRAPPED, finished if run else None))
    for command in (("study", "load"), ("param", "list"), ("study", "export")):
        done = user.types(*command, study, *([str(user.folder / "out")] if "export" in command else []))
        assert (done.code, done.out) == (7, "")
        assert "coupling_structure" in done.err
        assert f"param get {study} FULL.NAME" in done.err
    error = json.loads(user.types("study", "load", study, "-F", "json").err)
    assert error["kind"] == "study_load_fault"


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_single_values_are_read_by_full_name(user_of: Callable[..., User], server: str) -> None:
    """Short names need a load."""
    user = user_of(server)
    study = str(added(user, "wrapped", WRAPPED, finished))
    assert user.types("param", "get", study, "wrapped.y_1").out == "2.0\n"
    assert user.types("param", "download", study, "wrapped.y_1").out == "value\n2.0\n"
    assert user.prints("param", "show", study, "wrapped.y_1")["value"] == 2.0
    assert user.types("param", "download", study, "wrapped.y_1", "-d", str(user.folder / "d")).code == 0
    for command in ("get", "show", "download"):
        assert user.types("param", command, study, "y_1").code == 5
    assert user.types("calc", "status", study).code == 0
    assert user.types("postproc", "list", study).code == 0


@pytest.mark.parametrize("server", ["documented", "5.3"])
def test_load_with_a_server_exception_is_a_server_fault(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    for text, code in (("Custom json encoder error : float32", 7), ("'NoneType' object is not iterable", 7)):
        study = str(added(user, "odd", Model("odd", ("",), WRAPPED.parameters, load_error=text)))
        assert user.types("study", "load", study).code == code
    body = json.dumps({"statusCode": 400, "name": "Bad Request", "description": "no"})
    user.world.faults.arm(Fault("status", path="study-case/21", status=400, body=body, content_type="application/json"))
    assert user.types("study", "load", "21").code == 8


def test_name_that_cannot_be_looked_up_is_not_reported_as_missing(user53: User) -> None:
    done = user53.types("param", "get", "22", "gamma")
    assert done.code == 5
    assert "no parameter" not in done.err
    assert "param list" not in done.err
    assert "full name" in done.err


# A commenter ----------------------------------------------------------------------------------------


def commenter(user: User) -> dict[str, str]:
    """Return the environment of a commenter whose cache is empty."""
    shutil.rmtree(user.environ["SOSTRADES_CACHE_DIR"], ignore_errors=True)
    return {"SOSTRADES_API_KEY": KEYS["commenter"]}


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_commenter_reads_everything_in_read_only_mode(
    user_of: Callable[..., User], server: str, tmp_path: Path
) -> None:
    user = user_of(server)
    study = str(added(user, "flat", FLAT, finished))
    who = commenter(user)
    assert user.types("param", "get", study, "Macro.gamma", **who).out == "0.5\n"
    assert "flat.Macro.gamma" in json.loads(user.types("study", "load", study, "-F", "json", **who).out)
    rows = json.loads(user.types("param", "list", study, "-F", "json", **who).out)
    assert {row["parameter"] for row in rows} == {"flat.gamma", "flat.Macro.gamma"}
    assert user.types("study", "export", study, str(tmp_path / "out"), **who).code == 0
    assert '"Macro.gamma" = 0.5' in (tmp_path / "out" / "parameters.toml").read_text()


def test_export_for_a_commenter_is_partial_and_exit_4(user: User, tmp_path: Path) -> None:
    study = str(added(user, "flat", FLAT))
    done = user.types("study", "export", study, str(tmp_path / "out"), **commenter(user))
    assert done.code == 4
    text = (tmp_path / "out" / "parameters.toml").read_text()
    assert "max_mda_iter" in text
    assert "Macro.gamma" not in text


def test_diff_for_a_commenter_is_refused(user: User) -> None:
    study = str(added(user, "flat", FLAT))
    assert user.types("study", "diff", study, "21", **commenter(user)).code == 4


@pytest.mark.parametrize("key", ["Macro.gamma", "max_mda_iter"])
@pytest.mark.parametrize("run", [False, True])
def test_change_by_a_commenter_is_exit_4(user: User, key: str, *, run: bool) -> None:
    study = added(user, "flat", FLAT, finished if run else None)
    before = dict(user.world.studies[study].values)
    assert user.types("param", "set", str(study), f"{key}=7", **commenter(user)).code == 4
    assert user.world.studies[study].values == before


@pytest.mark.parametrize("key", ["y_1", "no_such", "x" * 500])
def test_unknown_name_without_a_dot_is_not_set(user53: User, key: str) -> None:
    user53.world.requests.clear()
    done = user53.types("param", "set", "22", f"{key}=1.5")
    assert (done.code, done.kind) == (5, "not_found")
    assert not any(request.startswith("POST") for request in user53.requests)
    assert "x" * 200 not in done.err
