"""Test that a key or glob without an exact match is matched in any case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.model import Model, Parameter
from server_stub.world import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("param get 21 MACRO.GAMMA", "0.3"),
        slow("param get 21 DICE.MACRO.gamma", "0.3"),
        ("param get 21 damage.TOTAL_DAMAGE", "\n"),
        ("param show 21 GAMMA", "dice.Macro.gamma"),
        ("param list 21 --match *.macro.GAM*", "dice.Macro.gamma"),
        slow("param list 21 --match MACRO.GAMMA", "dice.Macro.gamma"),
        ("param download 21 macro.POPULATION", "years,population"),
        ("param set 21 MACRO.GAMMA=0.9 -F tsv", "dice.Macro.gamma"),
        slow("param reset 21 Macro.GAMMA -F tsv --dry-run", ""),
        ("postproc list 21 --match OUTPUT*", "Output per year"),
        ("postproc show 21 DAMAGES -F csv --series DAMAGE", "damages,2020"),
    ],
)
def test_command_accepts_a_name_in_any_case(user_of: Callable[..., User], server: str, line: str, shown: str) -> None:
    done = user_of(server).types(*line.split())
    assert done.code == 0, done.err
    assert shown in done.out


@pytest.mark.parametrize("command", ["param get 21", "param show 21", "param reset 21"])
def test_several_names_are_listed(user: User, command: str) -> None:
    added = Model(
        "twins", ("", "A", "a"), (Parameter("A.x", "float", 1.5), Parameter("a.x", "float", 2.5)), lambda _: {}
    )
    user.world.add_study(60, "twins", added, {user.world.users["owner@email.com"]: Right.OWNER})
    line = command.replace("21", "60").split()
    done = user.types(*line, "A.X", "-F", "json")
    assert done.code == 2
    assert "twins.A.x, twins.a.x" in json.loads(done.err)["error"]
    assert user.types("param", "get", "60", "A.x").out == "1.5\n"
    assert user.types("param", "get", "60", "a.x").out == "2.5\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("w.toml", "[MACRO]\nGAMMA = 0.9\n[macro.SHARES]\ncoal = 1.0\n"),
        slow("w.json", '{"MACRO.gamma": 0.9, "macro.SHARES": {"coal": 1.0}}'),
        ("w.csv", 'key,value\nMACRO.gamma,0.9\nSHARES,"{""coal"": 1.0}"\n'),
    ],
)
def test_file_of_assignments_accepts_names_in_any_case(user: User, name: str, text: str) -> None:
    (user.folder / name).write_text(text)
    done = user.types("param", "set", "21", "--from", str(user.folder / name))
    assert done.code == 0, done.err
    study = user.world.studies[21]
    study.settle()
    assert (study.values["Macro.gamma"], study.values["Macro.shares"]) == (0.9, {"coal": 1.0})


def test_dict_key_may_equal_a_parameter_name_in_another_case(user: User) -> None:
    """Only an exact parameter name is rejected as a dict key."""
    (user.folder / "w.toml").write_text('[Macro.shares]\n"Macro.GAMMA" = 1.0\n')
    assert user.types("param", "set", "21", "--from", str(user.folder / "w.toml")).code == 0


def test_sweep_cases_and_outputs_accept_any_case(user: User) -> None:
    (user.folder / "cases.csv").write_text("case,MACRO.GAMMA\na,0.1\n")
    results = user.folder / "results.json"
    line = ("calc", "sweep", "21", str(user.folder / "cases.csv"), "--collect", "damage.TOTAL_DAMAGE")
    done = user.types(*line, "-o", str(results))
    assert done.code == 0, done.err
    [row] = json.loads(results.read_text())
    assert row["Damage.total_damage"] > 0


def test_download_globs_match_in_any_case(user: User) -> None:
    folder = user.folder / "tables"
    done = user.types("param", "download", "21", "*.MACRO.POP*", "-d", str(folder))
    assert done.code == 0, done.err
    assert (folder / "dice.Macro.population.csv").is_file()


def test_client_accepts_names_in_any_case(user: User) -> None:
    study = user.client().study(21)
    assert study.get("MACRO.GAMMA") == 0.3
    assert list(study.parameters("*.MACRO.GAM*").index) == ["dice.Macro.gamma"]
    study.set({"macro.Gamma": 0.9})
    assert study.get("Macro.gamma") == 0.9
    assert study.history("GAMMA")["key"].tolist() == ["dice.Macro.gamma"]
