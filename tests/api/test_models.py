"""Test parsing the server's JSON, with recorded answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sostrades_cli.api.models import (
    ARRAY,
    SOLVER_SETTINGS,
    TABLE,
    Parameter,
    parameters_from_api,
)
from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.run_phase import Phase

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
EXCHANGES = [json.loads(line) for line in (RECORDINGS / "exchanges.jsonl").read_text(encoding="utf-8").splitlines()]
POLLS = [json.loads(line) for line in (RECORDINGS / "polls.jsonl").read_text(encoding="utf-8").splitlines()]
STATUSES = [
    exchange
    for exchange in EXCHANGES
    if '"study_case_execution_status"' in (exchange["response"].get("body") or "")
    and exchange["response"]["status"] == 200
]


def recorded(name: str) -> Any:
    """Return the JSON of a recorded answer, the first of that name."""
    return json.loads(next(e["response"]["body"] for e in EXCHANGES if e["name"] == name))


# A load --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["rich-load", "empty-load", "immediate-load", "rich-load-done", "up-warm-load", "rapid0-load"]
)
def test_recorded_load_is_parsed_completely(name: str) -> None:
    payload = recorded(name)
    parameters = parameters_from_api(payload)
    assert list(parameters) == list(payload)
    assert {name: p.to_api() for name, p in parameters.items()} == payload
    assert all(p.name == name for name, p in parameters.items())
    assert all(p.io_type is None and p.coupling is None for p in parameters.values())


def test_solver_settings_of_a_recorded_load_are_recognized_by_name() -> None:
    parameters = parameters_from_api(recorded("rich-load"))
    steering = [p for p in parameters.values() if p.is_solver_setting]
    assert (len(parameters), len(steering)) == (52, 36)
    assert {p.var_name for p in steering} <= SOLVER_SETTINGS


def test_recorded_tables_are_distinguished_from_values() -> None:
    parameters = parameters_from_api(recorded("rich-load"))
    result = {p.var_name for p in parameters.values() if p.is_table and not p.is_solver_setting}
    assert {"df", "arr", "dct_df"} <= result
    assert not result & {"f", "i", "s", "b", "lst", "dct"}
    assert parameters["rich.Rich.dct_df"].holds_tables
    assert not parameters["rich.Rich.df"].holds_tables


@pytest.mark.parametrize(
    ("kind", "value", "is_table", "holds_tables"),
    [
        ("dataframe", TABLE, True, False),
        ("dataframe", None, True, False),
        ("dataframe", [{"a": 1}], True, False),
        ("array", ARRAY, True, False),
        ("array", [1.0], True, False),
        ("float", 1.0, False, False),
        ("float", TABLE, True, False),
        ("string", "dataframe", False, False),
        ("dict", {"a": 1}, False, False),
        ("dict", {"A": TABLE}, True, True),
        ("dict", {"A": {"B": TABLE}}, True, True),
        ("dict", {"A": ARRAY}, True, True),
        ("df_dict", None, True, True),
        ("list", [1, 2], False, False),
        ("list", [], False, False),
        ("dict", {}, False, False),
        ("<class 'numpy.ndarray'>", "text", False, False),
    ],
)
def test_tables_are_recognized_by_type_or_placeholder(
    kind: str, value: Any, is_table: bool, holds_tables: bool
) -> None:
    parameter = Parameter.from_api("a.b", {"type": kind, "value": value})
    assert parameter.is_table is is_table
    assert parameter.holds_tables is holds_tables


def test_only_the_type_is_required() -> None:
    """The variable name defaults to the last part."""
    parameter = Parameter.from_api("dice.Macro.gamma", {"type": "float"})
    assert (parameter.unit, parameter.value, parameter.optional) == (None, None, False)
    assert parameter.var_name == "gamma"
    assert not parameter.is_solver_setting


def test_unknown_fields_are_ignored() -> None:
    known = {"type": "float", "unit": "kg", "value": 1.5}
    assert Parameter.from_api("a.b", known | {"visibility": "Public", "new": [1]}) == Parameter.from_api("a.b", known)


@pytest.mark.parametrize("fields", [None, 1, "text", [], {}, {"type": None}, {"type": 1}, {"type": ["float"]}])
def test_invalid_entry_is_an_invalid_answer(fields: Any) -> None:
    with pytest.raises(UnusableAnswer, match=r"dice\.gamma"):
        parameters_from_api({"dice.beta": {"type": "float"}, "dice.gamma": fields})


@pytest.mark.parametrize("wrong", [1, [], {}, True])
def test_fields_of_another_type_are_ignored(wrong: Any) -> None:
    fields = {"type": "float", "unit": wrong, "io_type": wrong, "coupling": "yes", "optional": 1, "numerical": 1}
    parameter = Parameter.from_api("a.b", fields)
    assert (parameter.unit, parameter.io_type, parameter.coupling) == (None, None, None)
    assert (parameter.optional, parameter.numerical) == (False, False)


# The status ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", STATUSES, ids=lambda e: f"{e['name']}-{e['server']}")
def test_recorded_status_is_parsed(exchange: dict[str, Any]) -> None:
    payload = json.loads(exchange["response"]["body"])
    status = RunStatus.from_api(payload, payload["study_case_id"])
    assert status.payload == payload
    assert status.phase is not Phase.UNKNOWN
    assert status.disciplines == payload["disciplines_status"]
    assert status.cpu == payload["study_case_execution_cpu"]
    assert status.error_message == ""


@pytest.mark.parametrize("run", POLLS, ids=lambda run: run["name"])
def test_every_recorded_poll_has_a_phase(run: dict[str, Any]) -> None:
    phases = []
    for sample in run["samples"]:
        status = RunStatus.from_api(
            {
                "study_case_id": run["study_case_id"],
                "disciplines_status": sample["disciplines"],
                "study_case_execution_status": sample["status"],
                "study_case_execution_error_message": sample["error_message"],
                "study_case_execution_cpu": sample["cpu"],
                "study_case_execution_memory": sample["memory"],
            },
            run["study_case_id"],
        )
        assert (status.cpu, status.memory) == (sample["cpu"], sample["memory"])
        phases.append(status.phase)
    assert Phase.UNKNOWN not in phases
    if run["name"] == "slow-run1":
        assert (phases[0], phases[-1]) == (Phase.ACTIVE, Phase.GOOD)
    if run["name"] == "fail-run":
        assert (phases[0], phases[-1]) == (Phase.ACTIVE, Phase.BAD)


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("", Phase.IDLE),
        (None, Phase.IDLE),
        ("NOT EXECUTED", Phase.IDLE),
        ("PENDING", Phase.ACTIVE),
        ("RUNNING", Phase.ACTIVE),
        ("POD PENDING", Phase.ACTIVE),
        ("FINISHED", Phase.GOOD),
        ("FAILED", Phase.BAD),
        ("STOPPED", Phase.BAD),
        ("POD ERROR", Phase.BAD),
        ("SOMETHING NEW", Phase.UNKNOWN),
        ("finished", Phase.UNKNOWN),
    ],
)
def test_status_has_one_phase(text: str | None, phase: Phase) -> None:
    """An unknown text is not an end."""
    assert RunStatus.from_api({"study_case_execution_status": text}, 21).phase is phase


def test_status_without_optional_fields_is_parsed() -> None:
    status = RunStatus.from_api({"study_case_execution_status": "PENDING", "disciplines_status": None}, 21)
    assert (status.study, status.disciplines, status.error_message) == (21, {}, "")
    assert (status.cpu, status.memory) == ("----", "----")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"statusCode": 200},
        {"study_case_execution_status": 1},
        {"study_case_execution_status": ["FINISHED"]},
        {"study_case_execution_status": {}},
        {"study_case_execution_status": False},
    ],
)
def test_object_without_a_status_is_an_invalid_answer(payload: dict[str, Any]) -> None:
    with pytest.raises(UnusableAnswer):
        RunStatus.from_api(payload, 21)


def test_status_of_another_study_is_an_invalid_answer() -> None:
    with pytest.raises(UnusableAnswer):
        RunStatus.from_api({"study_case_id": 99, "study_case_execution_status": "FINISHED"}, 26)


@pytest.mark.parametrize(
    ("nodes", "name"),
    [
        (["dice", "dice.Macro", "dice.Macro.Capital"], "dice"),
        (["dice.Macro", "dice"], "dice"),
        # The root of the Sellar study is not listed, so this node may be its coupling.
        (["a.b", "a.b.Macro"], ""),
        ([], ""),
        # A single node may be the root, or a part of the study.
        (["dice.Macro"], ""),
        (["dice.Macro", "dice.Damage"], ""),
        (["dice", "dice.Macro", "dicey.Macro"], ""),
        (["", "dice"], ""),
    ],
)
def test_name_of_the_study_is_the_root_of_its_disciplines(nodes: list[str], name: str) -> None:
    state = RunStatus(21, "RUNNING", dict.fromkeys(nodes, "PENDING"), "", "----", "----", {})
    assert state.name == name
