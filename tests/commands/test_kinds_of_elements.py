"""Elements of lists and dicts must be of the kinds that the study has."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.model import Model, Parameter
from server_stub.world import Right
from sostrades_cli.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"


def stored(user: User, name: str) -> Any:
    """Return a parameter as stored on the server."""
    study = user.world.studies[21]
    study.settle()
    return study.values[name]


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    "words",
    [
        "Macro.region_names=[1.0, 2.0]",
        slow('Macro.region_names=["Asia", null]'),
        'Macro.region_names=["Asia", {"a": null}]',
        slow("Macro.targets=[1.0, true]"),
        'Macro.targets=[1.0, "x"]',
        slow('Macro.targets=[["x"]]'),
        slow('Macro.shares={"coal": 0.3, "wind": "x"}'),
        'Macro.shares={"coal": 0.3, "sun": "x"}',
        'Macro.shares={"coal": 0.3, "wind": null}',
        slow('Macro.shares:={"coal": "x", "wind": 1}'),
        'Macro.shares.coal:="x"',
        slow("Macro.shares.coal:=null"),
    ],
)
def test_element_of_another_kind_is_rejected(user_of: Callable[..., User], server: str, words: str) -> None:
    user = user_of(server)
    done = user.types("param", "set", "21", words, "-F", "json")
    assert (done.code, SENT in user.requests) == (2, False)
    assert json.loads(done.err.splitlines()[-1])["kind"] == "invalid_value"


def test_list_of_lists_passes_where_only_a_download_shows_the_present_list(user_of: Callable[..., User]) -> None:
    """A download shows `[[1.0]]` and `[1.0]` alike."""
    assert user_of("documented").types("param", "set", "21", "Macro.targets=[[1.0]]").code == 2
    assert user_of("5.3").types("param", "set", "21", "Macro.targets=[[1.0]]").code == 0


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize(
    "words",
    [
        'Macro.region_names=["Africa"]',
        slow("Macro.region_names=[]"),
        "Macro.targets=[1, 2.5]",
        'Macro.shares={"coal": 1, "sun": 0.5}',
        slow("Macro.shares={}"),
    ],
)
def test_elements_of_the_same_kind_are_set(user_of: Callable[..., User], server: str, words: str) -> None:
    assert user_of(server).types("param", "set", "21", words).code == 0


def test_force_changes_the_kind(user: User) -> None:
    assert user.types("param", "set", "21", "Macro.region_names=[1.5]", "--force").code == 0
    assert stored(user, "Macro.region_names") == [1.5]
    assert user.types("param", "undo", "21").code == 0  # an undo restores what the study had
    assert stored(user, "Macro.region_names") == ["Europe", "Asia"]


def test_dry_run_shows_that_another_kind_would_be_rejected(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.region_names=[1.5]", "--dry-run")
    assert done.code == 2
    assert "1.5" in done.out


def test_value_without_elements_is_compared_with_the_default(user: User) -> None:
    assert user.types("param", "set", "21", "Macro.region_names=[]").code == 0
    assert user.types("param", "set", "21", "Macro.region_names=[1.5]").code == 2


def test_elements_of_unknown_kind_have_a_note(user: User) -> None:
    unset = Model("unset", ("", "All"), (Parameter("All.names", "list", []),))
    user.world.add_study(30, "unset", unset, {user.world.users["owner@email.com"]: Right.OWNER})
    done = user.types("param", "set", "30", "All.names=[1.5]")
    assert done.code == 0
    assert "a number may not fit" in done.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.toml", "[Macro]\nregion_names = [1.0]\n"),
        ("c.toml", '[Macro.shares]\ncoal = "x"\nwind = 0.5\n'),
        slow("c.json", '{"Macro.region_names": [1.0]}'),
        ("c.csv", 'key,value\nMacro.shares,"{""coal"": ""x""}"\n'),
    ],
)
def test_elements_in_files_are_checked(user: User, name: str, content: str) -> None:
    file = user.folder / name
    file.write_text(content)
    assert user.types("param", "set", "21", "--from", str(file)).code == 2
    assert SENT not in user.requests


def test_text_in_the_file_of_a_list_of_numbers_is_rejected_alone(user: User) -> None:
    file = user.folder / "targets.csv"
    file.write_text("value\n1.5\nabc\n")
    done = user.types("param", "set", "21", f"Macro.targets=@{file}")
    assert done.code == 2
    assert "abc" in done.err
    assert "1.5" not in done.err


@pytest.mark.parametrize("cell", ["[1.0]", '["Asia", null]'])
def test_elements_in_cases_of_a_sweep_are_checked(user: User, cell: str) -> None:
    file = user.folder / "cases.csv"
    doubled = cell.replace('"', '""')
    file.write_text(f'case,Macro.region_names\na,"{doubled}"\n')
    done = user.types(
        "calc",
        "sweep",
        "21",
        str(file),
        "--dry-run",
        "--collect",
        "Damage.total_damage",
        "-o",
        str(user.folder / "r.csv"),
    )
    assert done.code == 2
    assert "line 2" in done.err


def test_elements_from_python_are_checked(user: User) -> None:
    with pytest.raises(InvalidValue):
        user.client().study(21).set({"Macro.region_names": [1.0]})


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("Macro.region_names=[Europe,Asia]", ["Europe", "Asia"]),
        slow("Macro.region_names=Europe, Asia", ["Europe", "Asia"]),
        ("Macro.region_names=['Europe', 'South Asia']", ["Europe", "South Asia"]),
        slow("Macro.targets=1, 2.5,", [1, 2.5]),
        slow("Macro.targets=[.5]", [0.5]),
        slow("Macro.shares={coal:0.3,wind:0.7}", {"coal": 0.3, "wind": 0.7}),
        ("Macro.shares=coal=0.3,wind=0.7", {"coal": 0.3, "wind": 0.7}),
        slow("Macro.shares={'coal': 0.3}", {"coal": 0.3}),
    ],
)
def test_hint_has_the_value_of_the_user(user: User, given: str, value: Any) -> None:
    done = user.types("param", "set", "21", given, "-F", "json")
    assert done.code == 2
    [word] = shlex.split(json.loads(done.err.splitlines()[-1])["hint"].partition("JSON: ")[2])
    key, _, text = word.partition("=")
    assert json.loads(text) == value
    assert user.types("param", "set", "21", word).code == 0
    assert stored(user, key.removeprefix("dice.")) == value
