"""Test that outputs of a finished run are found, listed, shown and downloaded, whatever the cache contains."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, WITH_READ_ONLY_MODE, slow
from operations.study.test_own_name import added

from server_stub.model import Model, Parameter
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Array, Table, Value
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

    from server_stub.study import Study

COMPLEX = "(14.326621574318912+0j)"


def _compute(values: Any) -> dict[str, Value]:
    return {
        "Loop.obj": Array([COMPLEX]),
        "Loop.share": values["Loop.x"] / 4,
        "Loop.parts": {"a": 1.0},
        "Loop.path": Table(("years", "y"), ((2020, 1.0), (2021, 2.0))),
        "Loop.y_1": Array([2.0]),
        "Loop.through": 7.0,
        "Loop.name": COMPLEX,
    }


def _output(name: str, kind: str, **more: Any) -> Parameter:
    return Parameter(f"Loop.{name}", kind, None, None, io_type="out", listed=False, writer="Loop.One", **more)


# Like Sellar: nothing at the root, a start value, and outputs that live in the namespace of the coupling.
LOOP = Model(
    "loop",
    ("Loop", "Loop.One"),
    (
        *(replace(setting, name=f"Loop.{setting.name}") for setting in coupling_settings()),
        Parameter("Loop.x", "float", 1.0, "kg", readers=("Loop.One",)),
        Parameter("Loop.y_1", "array", None, None, coupling=True, optional=True, writer="Loop.One"),
        *discipline_settings("Loop.One"),
        _output("through", "float", coupling=True, readers=("Loop",)),
        _output("obj", "array"),
        _output("share", "float"),
        _output("parts", "dict"),
        _output("path", "dataframe"),
        _output("name", "string"),
    ),
    lambda values: _compute(values) | {"Loop.residuals_history": None},
    node_types={"Loop": "ProxyCoupling"},
)
OUTPUTS = {"obj", "share", "parts", "path", "name"}


def _started(study: Study) -> None:
    study.values["Loop.y_1"] = Array([1.0])
    finished(study)


def sellar(user: User) -> str:
    """Add a finished study whose read-only file names outputs only under their disciplines."""
    return str(added(user, "sellar", LOOP, _started))


def forget(user: User) -> None:
    """Empty the cache."""
    shutil.rmtree(user.environ["SOSTRADES_CACHE_DIR"], ignore_errors=True)


def changed_user(user: User, study: str) -> None:
    """Change the study, which removes its read-only file."""
    assert user.types("param", "set", study, "x=2.0").code == 0


@pytest.mark.parametrize("server", WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("obj", f"value\n{COMPLEX}\n"),
        slow("Loop.obj", f"value\n{COMPLEX}\n"),
        slow("sellar.Loop.obj", f"value\n{COMPLEX}\n"),
        slow("share", "0.25\n"),
        slow("parts", '{"a": 1.0}\n'),
        ("path", "years,y\n2020,1.0\n2021,2.0\n"),
        slow("name", f"{COMPLEX}\n"),
        slow("through", "7.0\n"),
    ],
)
def test_output_is_read_with_an_empty_cache(user_of: Callable[..., User], server: str, key: str, text: str) -> None:
    user = user_of(server)
    study = sellar(user)
    for _ in ("an empty cache", "a full one"):
        done = user.types("param", "get", study, key)
        assert (done.code, done.out) == (0, text), done.err


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_format_does_not_depend_on_the_cache(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    study = sellar(user)
    for before in (None, ("param", "list"), ("study", "load"), ("param", "show")):
        forget(user)
        if before:
            user.types(*before, study, *(["obj"] if before[1] == "show" else []))
        assert user.prints("param", "get", study, "obj") == [{"value": COMPLEX}]
        assert user.prints("param", "get", study, "name") == COMPLEX


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_list_shows_outputs_with_values(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    study = sellar(user)
    rows = {row["parameter"].removeprefix("sellar.Loop."): row for row in user.prints("param", "list", study)}
    assert {name for name, row in rows.items() if row["kind"] == "output"} == OUTPUTS
    assert {name for name, row in rows.items() if row["kind"] == "input"} == {"x"}
    assert {name for name, row in rows.items() if row["kind"] == "coupling"} == {"y_1", "through"}
    assert (rows["share"]["value"], rows["path"]["value"]) == (0.25, "://dataframe")
    assert user.types("param", "list", study).out.splitlines()[0] == "parameter\tkind\ttype\tunit\tvalue"


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_list_can_be_limited_to_outputs_or_inputs(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    study = sellar(user)

    def listed(*options: str) -> set[str]:
        result = user.prints("param", "list", study, *options)
        return {row["parameter"].removeprefix("sellar.Loop.") for row in result}

    assert listed("--outputs") == OUTPUTS | {"through"}
    assert listed("--inputs") == {"x", "y_1"}
    assert listed() == listed("--outputs") | listed("--inputs")
    assert listed("--outputs", "--match", "ob") == {"obj"}


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_outputs_of_an_earlier_run_are_marked(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    study = sellar(user)
    user.types("param", "list", study)
    changed_user(user, study)
    done = user.types("param", "list", study, "--outputs", tty=True)
    assert "calc run" in done.err
    assert {row["value"] for row in user.prints("param", "list", study, "--outputs")} == {None}
    read = user.types("param", "get", study, "obj")
    assert (read.code, read.out) == (0, f"value\n{COMPLEX}\n")
    assert "out of date" in read.err
    assert "out of date" in user.types("param", "download", study, "obj").err


def test_scripts_can_detect_outputs_of_an_earlier_run(user: User, tmp_path: Path) -> None:
    study = sellar(user)
    assert not user.prints("param", "show", study, "obj")["outdated"]
    changed_user(user, study)
    for words in (
        ("param", "get", study, "obj"),
        ("param", "get", study, "obj", "share"),
        ("param", "show", study, "obj"),
    ):
        done = user.types(*words, "-F", "json")
        assert (done.code, "out of date" in done.err) == (0, True)
        assert user.types(*words, "-F", "json", "-q").err == ""
        assert user.types(*words[:3], "x", "-F", "json").err == ""
    shown = [json.loads(user.types("param", "show", study, key, "-F", "json").out)["outdated"] for key in ("obj", "x")]
    assert shown == [True, False]
    assert "earlier run" in user.types("param", "show", study, "obj", "-q").out
    done = user.types("param", "download", study, "obj", "share", "x", "-d", str(tmp_path / "files"), "-F", "json")
    assert (done.code, "out of date" in done.err) == (0, True)
    entries = json.loads((tmp_path / "files" / "manifest.json").read_text(encoding="utf-8"))["parameters"]
    marks = {entry["key"].rpartition(".")[2]: entry.get("outdated") for entry in entries}
    assert marks == {"obj": True, "share": True, "x": None}


def test_values_of_an_earlier_run_are_marked_without_a_cache(user: User) -> None:
    study = sellar(user)
    changed_user(user, study)
    for words in (("get",), ("show",), ("download",)):
        forget(user)
        assert user.types("param", "list", study).code == 0
        done = user.types("param", *words, study, "sellar.Loop.obj")
        assert (done.code, "out of date" in done.err) == (0, True)


def test_outputs_before_any_run_are_unknown(user: User) -> None:
    study = str(added(user, "sellar", LOOP))
    done = user.types("param", "list", study, "--outputs", tty=True)
    assert done.code == 0
    assert f"calc run {study}" in done.err
    assert user.types("param", "get", study, "obj").code == 5
    assert user.types("param", "get", study, "sellar.Loop.obj").code == 8


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_all_reading_commands_find_outputs(user_of: Callable[..., User], server: str, tmp_path: Path) -> None:
    """Their node differs from the one in the read-only file."""
    user = user_of(server)
    study = sellar(user)
    assert user.prints("param", "show", study, "obj")["kind"] == "output"
    forget(user)
    assert user.types("param", "download", study, "obj").out == f"value\n{COMPLEX}\n"
    forget(user)
    assert user.types("param", "download", study, "obj", "share", "-d", str(tmp_path / "d")).code == 0
    forget(user)
    assert user.types("study", "export", study, str(tmp_path / "e"), "--outputs").code == 0
    entries = json.loads((tmp_path / "e" / "manifest.json").read_text())["parameters"]
    outputs = {entry["key"] for entry in entries if entry.get("output")}
    assert {f"Loop.{name}" for name in OUTPUTS | {"through"}} <= outputs
    assert "Loop.y_1" not in outputs
    with user.client() as client:
        result = client.study(int(study)).outputs()
        assert result.loc["sellar.Loop.share", "value"] == 0.25
        assert client.study(int(study)).get("share") == 0.25


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_sweep_collects_outputs_by_short_name(user_of: Callable[..., User], server: str, tmp_path: Path) -> None:
    user = user_of(server)
    study = sellar(user)
    cases = tmp_path / "cases.csv"
    cases.write_text("case,Loop.x\nlow,1\nhigh,2\n")
    done = user.types("calc", "sweep", study, str(cases), "--collect", "share", "-o", str(tmp_path / "out.csv"))
    assert done.code == 0, done.err
    assert (tmp_path / "out.csv").read_text().splitlines()[0].endswith(",Loop.share")


# What the server cannot write -----------------------------------------------------------------------


def matrix(user: User, command: tuple[str, ...], *more: str) -> Outcome:
    """Run a command on the 2-D array of study 21."""
    return user.types(*command, "21", "Macro.matrix", *more)


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_matrix_is_shown_without_its_value(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    card = user.prints("param", "show", "21", "Macro.matrix")
    assert (card["type"], card["value"], card["kind"]) == ("array", "://ndarray", "input")
    assert card["unreadable"]
    assert "unreadable" in matrix(user, ("param", "show")).out


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_matrix_selected_by_name_is_exit_7(user_of: Callable[..., User], server: str, tmp_path: Path) -> None:
    user = user_of(server)
    assert matrix(user, ("param", "get")).code == 7
    assert matrix(user, ("param", "download")).code == 7
    assert matrix(user, ("param", "download"), "-d", str(tmp_path / "named")).code == 7


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("which", ["--all", "*.Macro.*"])
def test_matrix_among_others_is_listed_as_unreadable(
    user_of: Callable[..., User], server: str, which: str, tmp_path: Path
) -> None:
    user = user_of(server)
    done = user.types("param", "download", "21", which, "-d", str(tmp_path / "d"), "-F", "json")
    assert done.code == 0, done.err
    states = {row["parameter"]: row["state"] for row in json.loads(done.out)}
    assert states["dice.Macro.matrix"] == "unreadable"
    assert "failed" not in states.values()
    manifest = json.loads((tmp_path / "d" / "manifest.json").read_text())
    [entry] = [parameter for parameter in manifest["parameters"] if parameter["state"] == "unreadable"]
    assert entry["reason"]


# On the studies of the recordings -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("server", "study"), [slow("documented", "39"), ("5.3", "24")])
def test_objective_of_sellar_is_found_by_short_name(user_of: Callable[..., User], server: str, study: str) -> None:
    user = user_of(server, "realistic")
    assert user.types("calc", "run", study).code == 0
    forget(user)
    done = user.types("param", "get", study, "obj")
    assert done.code == 0, done.err
    assert done.out.startswith("value\n(14.326621574318")
    forget(user)
    rows = user.prints("param", "list", study, "--outputs")
    assert {row["parameter"] for row in rows} == {f"pair.SellarCoupling.{name}" for name in ("c_1", "c_2", "obj")}
    assert "pair · study" in user.types("param", "list", study, "--outputs", tty=True).err


@pytest.mark.parametrize(("server", "study"), [slow("documented", "45"), ("5.3", "30")])
def test_wrapped_study_is_read_by_full_name(user_of: Callable[..., User], server: str, study: str) -> None:
    user = user_of(server, "realistic")
    assert user.types("param", "list", study).code == 7
    assert user.types("calc", "run", study).code == 0
    assert user.types("param", "list", study).code == 7
    assert user.types("param", "get", study, "wrapped.y_1").out.startswith("1.7776")
