"""Runs, logs and sweeps in a program."""

from __future__ import annotations

import inspect
import json
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

from server_stub.faults import Fault
from server_stub.model import Model, Parameter
from server_stub.world import Right
from sostrades_cli import Client, Event, InvalidValue, RunOutcome, Study
from sostrades_cli.errors import (
    FileConflict,
    NeverRan,
    RunActive,
    RunFailed,
    Unreachable,
    UsageError,
    WaitTimeout,
)
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import User

EXECUTE = "POST /api/v0/calculation/execute/21"
CASES = pd.DataFrame(
    {"Macro.gamma": [0.1, None, 0.5], "Macro.periods": [None, 7, 9], "Macro.use_damage": [True, None, False]},
    index=pd.Index(["low", "own", "high"], name="case"),
)


def test_successful_run_is_an_outcome(anyone: User) -> None:
    outcome = anyone.client().study(21).run()
    assert (outcome.study, outcome.status) == (21, "FINISHED")
    assert outcome.elapsed_s > 5
    assert outcome.disciplines["dice.Macro"] == "DONE"
    assert anyone.requests.count(EXECUTE) == 1
    assert anyone.noted == [f"study 21: {status}" for status in ("PENDING", "RUNNING", "FINISHED")]


def test_failed_run_is_an_error_with_its_cause(anyone: User) -> None:
    with pytest.raises(RunFailed, match="FAILED") as caught:
        anyone.client().study(22).run()
    assert "ValueError: deliberate failure: temperature is out of bounds" in str(caught.value.detail)
    assert caught.value.study == 22


def test_timeout_does_not_stop_the_run(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(WaitTimeout, match="RUNNING"):
        study.run(timeout_s=5)
    assert study.watch().status == "FINISHED"


def test_events_equal_those_of_the_command_line(user_of: Callable[..., User]) -> None:
    typing, program = user_of(), user_of()
    lines = typing.types("calc", "run", "21", "-F", "ndjson", SOSTRADES_STATE_DIR=str(typing.folder / "typing")).out
    events: list[Event] = []
    program.client().study(21).run(on_event=events.append)
    assert [event.to_json() for event in events] == [json.loads(line) for line in lines.splitlines()]


def test_events_of_a_failed_run_come_before_its_error(user: User) -> None:
    study = user.client().study(22)
    assert study.start().status == "PENDING"
    events = study.events()
    assert isinstance(events, Generator)
    assert next(events).name == "started"
    events.close()
    recorded: list[str] = []
    with pytest.raises(RunFailed):
        list(noted(study.events(), recorded))
    assert (recorded[0], recorded[-1]) == ("started", "finished")


def noted(events: Iterator[Event], names: list[str]) -> Iterator[Event]:
    """Pass events on and record their names, which an error would lose."""
    for event in events:
        names.append(event.name)
        yield event


def test_active_run_is_not_started_again(anyone: User) -> None:
    study = anyone.client().study(21)
    study.start()
    for again in (study.run, study.start):
        with pytest.raises(RunActive):
            again()
    assert study.start(attach=True).status in {"PENDING", "RUNNING"}
    assert study.run(attach=True).status == "FINISHED"
    assert anyone.requests.count(EXECUTE) == 1


def test_values_are_set_before_a_run(anyone: User) -> None:
    study = anyone.client().study(21)
    with pytest.raises(InvalidValue):
        study.run(set={"Macro.gamma": "much"})
    assert EXECUTE not in anyone.requests
    assert study.run(set={"Macro.gamma": 0.25}).status == "FINISHED"
    assert study.get("Macro.gamma") == 0.25
    assert study.history()["new"].tolist() == [0.25]


def test_short_outage_is_noted_and_long_outage_is_an_error(user: User) -> None:
    study = user.client().study(21)
    study.start()
    user.world.faults.arm(Fault("drop", count=3, path="status/21"))
    assert study.watch().status == "FINISHED"
    study.start()
    study.status()
    user.world.faults.arm(Fault("drop", count=500, path="status/21"))
    with pytest.raises(Unreachable):
        study.watch(max_outage_s=10)


def test_study_without_a_run_has_no_log(user: User) -> None:
    study = user.client().study(22)
    with pytest.raises(NeverRan):
        study.watch()
    with pytest.raises(NeverRan) as caught:
        study.log()
    # A traceback shows no file of the server; the exact words are in the error.
    assert not any("Errno" in note for note in caught.value.__notes__)
    assert caught.value.server is not None
    assert "Errno" in caught.value.server.description


def test_status_has_the_object_of_the_server(anyone: User) -> None:
    status = anyone.client().study(21).status()
    assert status.status == "FINISHED"
    assert status.payload == json.loads(anyone.types("calc", "status", "21", "-F", "json").out)


def test_log_is_a_text(anyone: User) -> None:
    study = anyone.client().study(21)
    whole = anyone.types("study", "logs", "21").out
    assert study.log() == whole
    assert study.log(2) == "".join(whole.splitlines(keepends=True)[-2:])


def test_sweep_returns_a_table(anyone: User) -> None:
    """The original values are restored."""
    study = anyone.client().study(21)
    file = anyone.folder / "results.csv"
    result = study.sweep(CASES, "dice.Damage.total_damage", file)
    assert result.index.tolist() == ["low", "own", "high"]
    assert result["Macro.gamma"].tolist() == [0.1, 0.3, 0.5]
    assert result["Macro.periods"].tolist() == [11, 7, 9]
    assert str(result["Macro.periods"].dtype) == "int64"
    assert result["Macro.use_damage"].tolist() == [True, True, False]
    assert set(result["status"]) == {"FINISHED"}
    assert result["Damage.total_damage"].is_monotonic_decreasing is False
    written = pd.read_csv(file, index_col="case", dtype=str)
    assert written["Damage.total_damage"].map(float).tolist() == result["Damage.total_damage"].tolist()
    assert study.get("Macro.gamma") == 0.3


@pytest.mark.slow
def test_sweep_of_a_file_equals_that_of_the_command_line(user_of: Callable[..., User]) -> None:
    typing, program = user_of(), user_of()
    cases = typing.folder / "cases.csv"
    cases.write_text("case,Macro.gamma,Macro.periods,Macro.use_damage\nlow,0.1,,true\nown,,7,\nhigh,0.5,9,false\n")
    words = ["calc", "sweep", "21", str(cases), "--collect", "Damage.total_damage", "-o"]
    typed = typing.folder / "typed.csv"
    assert typing.types(*words, str(typed), SOSTRADES_STATE_DIR=str(typing.folder / "typing")).code == 0
    for number, given in enumerate((cases, str(cases), CASES, CASES.reset_index())):
        file = typing.folder / f"{number}.csv"
        program.client().study(21).sweep(given, ["Damage.total_damage"], file)
        assert file.read_text() == typed.read_text()


def test_sweep_can_be_shared(user: User) -> None:
    model = Model("small", ("", "A"), (Parameter("A.f", "float", 1.5),), lambda _: {})
    for number in (30, 31):
        user.world.add_study(number, "small", model, {user.world.users["owner@email.com"]: Right.OWNER})
    client = user.client()
    cases = pd.DataFrame({"A.f": [2.5, 3.5]})
    result = client.study(30).sweep(cases, "A.f", user.folder / "results.csv", studies=[client.study(31), 30])
    assert result["A.f"].tolist() == [2.5, 3.5]
    assert "POST /api/v0/calculation/execute/31" in user.requests


def test_failed_case_is_a_row(user: User) -> None:
    """With fail_fast it is an error, and resume continues."""
    study = user.client().study(21)
    cases = pd.DataFrame({"Macro.gamma": [1e300, 0.5]}, index=pd.Index(["much", "high"], name="case"))
    result = study.sweep(cases, ["Damage.total_damage"], user.folder / "all.csv")
    assert result["status"].tolist() == ["FAILED", "FINISHED"]
    assert "OverflowError" in result["cause"]["much"]
    assert any("1 of 2" in note for note in user.noted)
    with pytest.raises(RunFailed):
        study.sweep(cases, ["Damage.total_damage"], user.folder / "fast.csv", fail_fast=True)
    again = study.sweep(cases, ["Damage.total_damage"], user.folder / "fast.csv", resume=True)
    assert again["status"].tolist() == ["FAILED", "FINISHED"]


def test_list_in_a_cell_sets_an_array(user: User) -> None:
    cases = pd.DataFrame({"Macro.weights": [[1.5, 2.5], np.array([3.0, 4.5])]}, index=pd.Index(["a", "b"], name="case"))
    result = user.client().study(21).sweep(cases, ["Damage.total_damage"], user.folder / "results.csv")
    assert result["status"].tolist() == ["FINISHED", "FINISHED"]


def test_path_in_a_cell_sets_a_table(user: User) -> None:
    table = user.folder / "people.csv"
    user.client().study(21).get("Macro.population").assign(population=8000.5).to_csv(table, index=False)
    cases = pd.DataFrame({"Macro.population": [table, None], "Macro.targets": [[1.0], None]})
    result = user.client().study(21).sweep(cases, ["Damage.damages"], user.folder / "results.json")
    assert result["Macro.targets"].tolist() == [[1.0], [1.0, 2.5, 4.0]]
    assert all((user.folder / item).is_file() for item in result["Damage.damages"])


@pytest.mark.parametrize(
    ("cases", "collect", "file", "kind"),
    [
        (pd.DataFrame({"Macro.gamma": ["abc"]}), ["Damage.total_damage"], "r.csv", "invalid_value"),
        (pd.DataFrame({"Macro.gamma": [object()]}), ["Damage.total_damage"], "r.csv", "invalid_value"),
        (CASES, [], "r.csv", "usage"),
        (CASES, ["Damage.total_damage"], "r.txt", "usage"),
        ("nowhere.csv", ["Damage.total_damage"], "r.csv", "invalid_file"),
    ],
)
def test_invalid_sweep_is_rejected_before_the_first_run(
    user: User, cases: pd.DataFrame | str, collect: list[str], file: str, kind: str
) -> None:
    with pytest.raises(UsageError) as caught:
        user.client().study(21).sweep(cases, collect, user.folder / file)
    assert caught.value.kind == kind
    assert EXECUTE not in user.requests


def test_results_are_not_overwritten(user: User) -> None:
    study, file = user.client().study(21), user.folder / "results.parquet"
    study.sweep(CASES[:1], ["Damage.total_damage"], file)
    with pytest.raises(FileConflict):
        study.sweep(CASES[:1], ["Damage.total_damage"], file)
    study.sweep(CASES, ["Damage.total_damage"], file, overwrite=True)
    assert pyarrow.parquet.read_table(file).num_rows == 3


def test_outcome_has_plain_fields() -> None:
    assert RunOutcome(21, "FINISHED", 8.0, {}).elapsed_s == 8.0


def test_log_is_followed_to_the_end_of_the_run(user_of: Callable[..., User]) -> None:
    typing, program = user_of("5.3"), user_of("5.3")
    for user in (typing, program):
        user.types("calc", "run", "21", "--detach", SOSTRADES_STATE_DIR=str(user.folder / "typing"))
    study = program.client().study(21)
    lines = study.follow_log()
    assert isinstance(lines, Generator)
    first = next(lines)
    assert study.status().status != "FINISHED"
    result = [first, *lines]
    assert result == typing.types("study", "logs", "21", "--follow").out.splitlines()
    assert result == study.log().splitlines()
    assert list(study.follow_log(2)) == result[-2:]


def test_followed_log_of_a_failed_run_raises_its_error(anyone: User) -> None:
    study, recorded = anyone.client().study(22), list[str]()
    with pytest.raises(NeverRan):
        next(study.follow_log())
    study.start()
    with pytest.raises(RunFailed):
        recorded.extend(study.follow_log(None))
    assert "\n".join([*recorded, ""]) == study.log()


def test_followed_log_has_a_timeout(user: User) -> None:
    study = user.client().study(26)
    with pytest.raises(WaitTimeout):
        list(study.follow_log(timeout_s=5))
    assert study.status().status == "RUNNING"


@pytest.mark.parametrize(
    "method", [Study.run, Study.watch, Study.trial, Study.evaluate, Client.watch], ids=lambda m: m.__qualname__
)
def test_limits_of_a_watch_are_those_of_the_command_line(method: Callable[..., object]) -> None:
    defaults = WatchOptions()._asdict()
    own = {name: p.default for name, p in inspect.signature(method).parameters.items() if name in defaults}
    assert "max_outage_s" in own
    assert own == {name: defaults[name] for name in own}
