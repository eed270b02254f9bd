"""Test `sostrades study show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def facts(user: User, study: str) -> dict[str, Any]:
    """Return the overview of a study in JSON."""
    shown: dict[str, Any] = user.prints("study", "show", study)
    return shown


@pytest.mark.parametrize(("server", "inputs"), [("documented", 27), ("5.3", 28)])
def test_overview_has_state_run_link_and_counts(user_of: Callable[..., User], server: str, inputs: int) -> None:
    """Read-only mode does not mark an input that cannot be edited, and on 5.3 it is the only source."""
    anyone = user_of(server)
    anyone.types("alias", "set", "climate", "21")
    shown = facts(anyone, "21")
    assert shown["name"] == "dice"
    assert shown["aliases"] == ["climate"]
    assert shown["status"] == "FINISHED"
    assert shown["url"] == "http://localhost:4200/study/21"
    assert shown["parameters"] == {"input": inputs, "output": 6, "coupling": 2, "solver": 54}
    assert shown["changed_inputs"] == 0
    assert shown["last_run"]["started"] < shown["last_run"]["last_line"]
    nodes = {node["node"]: node for node in shown["nodes"]}
    assert nodes["Damage"] == {"node": "Damage", "inputs": 1, "outputs": 5, "solver": 6}
    assert sum(node["inputs"] + node["outputs"] for node in nodes.values()) == inputs + 8


def test_changed_inputs_are_counted(user: User) -> None:
    facts(user, "21")
    user.types("param", "set", "21", "Macro.gamma=0.9")
    shown = facts(user, "21")
    assert (shown["status"], shown["changed_inputs"]) == ("NOT EXECUTED", 1)


@pytest.mark.parametrize("study", ["21", slow("23")])
def test_overview_fits_on_one_screen(user: User, study: str) -> None:
    done = user.types("study", "show", study, tty=True, COLUMNS="80", LINES="24", NO_COLOR="1")
    assert done.code == 0
    lines = done.out.splitlines()
    assert len(lines) <= 22
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_study_that_never_ran_has_no_last_run_and_unknown_changes(user: User) -> None:
    shown = facts(user, "22")
    assert (shown["status"], shown["last_run"], shown["changed_inputs"]) == ("", None, None)
    assert "NO RUN" in user.types("study", "show", "22").out


@pytest.mark.parametrize(("server", "study", "code"), [("5.3", "22", 7), ("documented", "24", 124)])
def test_study_that_cannot_be_loaded_shows_its_state_and_fails(
    user_of: Callable[..., User], server: str, study: str, code: int
) -> None:
    done = user_of(server).types("study", "show", study)
    assert done.code == code
    assert f"study\t{study}\n" in done.out
    assert "status\t" in done.out


def test_user_key_shows_everything_but_the_link(user53: User) -> None:
    user53.environ["SOSTRADES_API_KEY"] = user53.world.user_key
    done = user53.types("study", "show", "21")
    assert done.code == 0
    assert "link\t" not in done.out
    assert "parameters\t28 inputs" in done.out


@pytest.mark.parametrize(("path", "field"), [("logs", "last_run"), ("url", "url")])
def test_log_or_link_that_cannot_be_read_is_left_out_with_a_note(user: User, path: str, field: str) -> None:
    user.world.faults.arm(Fault("status", count=99, path=path, status=500))
    shown = facts(user, "21")
    assert (shown[field], shown["tables"]) == (None, facts(user, "21")["tables"])
    assert len(user.types("study", "show", "21").err.splitlines()) == 1


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(anyone: User, study: str, code: int) -> None:
    done = anyone.types("study", "show", study)
    assert (done.code, done.out) == (code, "")


def test_parameters_are_counted_as_in_the_list(user: User) -> None:
    user.types("calc", "run", "21")
    card = dict(line.split("\t", 1) for line in user.types("study", "show", "21").out.splitlines() if "\t" in line)
    title = user.types("param", "list", "21", "--all", tty=True, NO_COLOR="1", COLUMNS="200").err.strip()
    assert title == f"dice · study 21 · {card['parameters']}"


@pytest.mark.parametrize(("study", "couplings"), [("28", 2), slow("22", 0)])
def test_couplings_among_the_inputs_are_counted(user: User, study: str, couplings: int) -> None:
    """An optional input of a study without a run is no coupling."""
    card = dict(line.split("\t", 1) for line in user.types("study", "show", study).out.splitlines() if "\t" in line)
    assert ("(2 couplings)" in card["parameters"]) == bool(couplings)
    title = user.types("param", "list", study, "--inputs", tty=True, NO_COLOR="1", COLUMNS="200").err
    assert ("(2 couplings)" in title) == bool(couplings)
    note = user.types("param", "list", study, "--outputs").err
    assert ("--inputs" in note) == bool(couplings)
    assert "--inputs" not in user.types("param", "list", study, "--outputs", "--match", "c_*").err


def test_time_of_the_last_run_is_that_of_its_history(user: User) -> None:
    assert user.types("calc", "run", "21").code == 0
    time = user.types("calc", "history", "21", tty=True, NO_COLOR="1").out
    assert "8 s" in time
    assert "took 8 s" in user.types("study", "show", "21").out
