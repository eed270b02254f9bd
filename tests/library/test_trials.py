"""Evaluations and trials: runs that leave a study as it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
import pytest
from broken_network import DownServer

from server_stub.faults import Fault
from sostrades_cli.errors import (
    InvalidValue,
    NotFound,
    NothingToUndo,
    Refused,
    RunActive,
    RunFailed,
    SostradesError,
    UsageError,
    WaitTimeout,
)
from sostrades_cli.exit_codes import exit_code_of
from sostrades_cli.local.journal import Journal, RecordedValue
from sostrades_cli.operations.case_commands import CaseCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli import Event, RunOutcome

EXECUTE = "POST /api/v0/calculation/execute/21"
DAMAGE = "Damage.total_damage"


def values_of(user: User) -> dict[str, str]:
    """Return the inputs that study 21 has on the server."""
    study = user.world.studies[21]
    inputs = {parameter.name for parameter in study.model.parameters if parameter.io_type == "in"}
    values = study.values  # noqa: PD011 - of the stub
    return {name: str(value) for name, value in values.items() if name in inputs}


def test_evaluation_returns_outputs_and_restores_the_values(anyone: User) -> None:
    study = anyone.client().study(21)
    before, usual = values_of(anyone), study.get(DAMAGE)
    result = study.evaluate({"gamma": 0.5}, [DAMAGE, "dice.Damage.damages"])
    assert list(result) == [DAMAGE, "dice.Damage.damages"]
    assert result[DAMAGE] > usual
    assert isinstance(result["dice.Damage.damages"], pd.DataFrame)
    assert values_of(anyone) == before
    assert study.evaluate({"Macro.gamma": 0.5}, DAMAGE) == {DAMAGE: result[DAMAGE]}


def test_order_of_values_does_not_matter(user: User) -> None:
    study = user.client().study(21)
    values = {"Macro.gamma": 0.5, "Macro.weights": np.array([1.5, 2.5]), "Macro.shares.coal": 0.5, "periods": 7}
    result = study.evaluate(values, DAMAGE)
    assert study.evaluate(dict(reversed(values.items())), DAMAGE) == result
    assert study.get(["Macro.shares", "periods"]) == {"Macro.shares": {"coal": 0.4, "wind": 0.6}, "periods": 11}


def test_table_is_set_and_restored(user: User) -> None:
    study = user.client().study(21)
    before = study.get("Macro.population")
    changed = before.assign(population=before["population"] * 2)
    with study.trial({"Macro.population": changed}):
        assert study.get("Macro.population").equals(changed)
    assert study.get("Macro.population").equals(before)


@pytest.mark.parametrize("server", ["documented", "5.3"])
def test_input_that_a_load_does_not_show_is_restored(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    study = user.client().study(21)
    study.run()
    before = values_of(user)
    assert "dice.Macro.locked" not in study.parameters(all=True).index or server == "5.3"
    study.evaluate({"Macro.locked": 7.0, "gamma": 0.4}, DAMAGE)
    assert values_of(user) == before
    study.sweep(pd.DataFrame({"Macro.locked": [8.0], "gamma": [0.4]}), DAMAGE, user.folder / "r.csv")
    assert values_of(user) == before


def test_present_values_are_evaluated_without_a_change(user: User) -> None:
    study = user.client().study(21)
    assert study.evaluate({}, DAMAGE) == study.evaluate({"Macro.gamma": 0.3}, DAMAGE)
    assert user.requests.count(EXECUTE) == 2
    assert not any(line.endswith("/parameters") and line.startswith("POST") for line in user.requests)
    assert len(study.history()) == 0


@pytest.mark.parametrize(
    ("values", "outputs", "error"),
    [
        ({"Macro.gamma": "much"}, DAMAGE, InvalidValue),
        ({"Macro.gamma": 0.5, "Macro.nothing": 1}, DAMAGE, NotFound),
        ({"Macro.gamma": 0.5}, "Damage.nothing", NotFound),
        ({"Macro.gamma": 0.5}, [], UsageError),
        ({DAMAGE: 0.5}, DAMAGE, UsageError),
        ([0.5], DAMAGE, UsageError),
    ],
)
def test_invalid_evaluation_sends_nothing(user: User, values: Any, outputs: Any, error: type[SostradesError]) -> None:
    study = user.client().study(21)
    with pytest.raises(error):
        study.evaluate(values, outputs)
    assert [line for line in user.requests if line.startswith("POST") and "download" not in line] == []
    assert len(study.history()) == 0


def test_failed_run_is_an_error_after_the_values_are_restored(anyone: User) -> None:
    study = anyone.client().study(21)
    with pytest.raises(RunFailed) as caught:
        study.evaluate({"Macro.gamma": 1e300}, DAMAGE)
    assert "OverflowError" in str(caught.value.detail)
    assert study.get("Macro.gamma") == 0.3
    assert study.evaluate({"Macro.gamma": 0.5}, DAMAGE)[DAMAGE] > 0


def test_interrupt_restores_the_values(user: User) -> None:
    study = user.client().study(21)

    def interrupt(event: Event) -> None:
        if event.status == "RUNNING":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE, on_event=interrupt)
    # The line of the caller, and the method.
    assert len(caught.traceback) == 2
    assert caught.value.__suppress_context__
    assert study.get("Macro.gamma") == 0.3
    assert study.history()["outcome"].tolist() == ["restored"]


def test_timeout_restores_the_values(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(WaitTimeout) as caught:
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE, timeout_s=2)
    # The results of the active run are lost, so there is nothing to watch.
    assert "watch" not in str(caught.value.hint)
    assert study.get("Macro.gamma") == 0.3


def test_exception_in_the_block_restores_the_values(anyone: User) -> None:
    study = anyone.client().study(21)

    def in_block(run: RunOutcome) -> NoReturn:
        assert (run.study, run.status) == (21, "FINISHED")
        assert study.get("Macro.gamma") == 0.5
        assert len(study.charts()) > 0
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), study.trial({"Macro.gamma": 0.5}) as run:
        in_block(run)
    assert study.get("Macro.gamma") == 0.3


def test_study_in_a_trial_is_not_changed_by_others(user: User) -> None:
    study = user.client().study(21)
    with study.trial({"Macro.gamma": 0.5}):
        with pytest.raises(Refused):
            study.set({"Macro.gamma": 0.6})
        with pytest.raises(RunActive), study.trial({"Macro.gamma": 0.6}):
            pass
        assert study.get("Macro.gamma") == 0.5
    assert study.set({"Macro.gamma": 0.6})["old"].tolist() == [0.3]


def test_active_run_is_not_disturbed(user: User) -> None:
    study = user.client().study(21)
    study.start()
    with pytest.raises(RunActive):
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
    assert study.watch().status == "FINISHED"
    assert user.requests.count(EXECUTE) == 1


def test_values_changed_during_the_run_are_an_error(user: User) -> None:
    study = user.client().study(21)

    def change(event: Event) -> None:
        if event.name == "finished":
            user.world.studies[21].values["Macro.gamma"] = 0.9  # noqa: PD011 - of the stub

    with pytest.raises(Refused):
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE, on_event=change)
    assert study.get("Macro.gamma") == 0.3


def test_values_that_cannot_be_restored_are_an_error_with_a_remedy(user: User) -> None:
    study = user.client().study(21)

    def refuse(event: Event) -> None:
        if event.name == "finished":
            user.world.faults.arm(Fault("status", count=9, path="21/parameters", status=500))

    with pytest.raises(SostradesError) as caught:
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE, on_event=refuse)
    assert caught.value.in_doubt
    assert "sostrades param undo 21" in str(caught.value.hint)
    user.world.faults.clear()
    study.undo(force=True)
    assert study.get("Macro.gamma") == 0.3


@pytest.mark.parametrize(("outage_s", "code"), [(120.0, None), (900.0, 6)])
def test_evaluation_waits_for_an_outage(user: User, outage_s: float, code: int | None) -> None:
    """The server goes down right after the change was sent."""
    expected = user.client().study(21).evaluate({"Macro.gamma": 0.5}, DAMAGE)
    user.transport = server = DownServer(user, "/study-case/21/parameters", 1, outage_s, after=True)
    study = user.client().study(21)
    if code is None:
        assert study.evaluate({"Macro.gamma": 0.5}, DAMAGE) == expected
    else:
        with pytest.raises(SostradesError) as caught:
            study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
        assert (exit_code_of(caught.value), "param undo 21 --to 2" in str(caught.value.hint)) == (code, True)
        user.world.clock.sleep(outage_s)
        study.undo(to=2)
    assert server.until is not None
    assert study.get("Macro.gamma") == 0.3


def leave(user: User, command: CaseCommand) -> None:
    """Leave study 21 as a process does that is killed during an evaluation."""
    change = RecordedValue("dice.Macro.gamma", "float", "-", 0.3, any_new=True)
    Journal(user.folder / "state", user.client().host, 21).begin(command, [change], [], "2026-11-22T22:40:48Z")
    user.world.studies[21].values["Macro.gamma"] = 0.2  # noqa: PD011 - of the stub


@pytest.mark.parametrize("command", [CaseCommand.EVALUATE, CaseCommand.TRIAL])
@pytest.mark.parametrize("values", [{}, {"Macro.gamma": 0.5}, {"Macro.periods": 7}])
def test_next_evaluation_restores_the_values_of_a_killed_one(
    user: User, command: CaseCommand, values: dict[str, float]
) -> None:
    study = user.client().study(21)
    expected = study.evaluate(values, DAMAGE)
    leave(user, command)
    assert study.evaluate(values, DAMAGE) == expected
    assert study.get("Macro.gamma") == 0.3
    assert set(study.history()["outcome"]) == {"restored"}


def test_values_of_a_killed_evaluation_are_not_restored_over_those_of_the_user(user: User) -> None:
    study = user.client().study(21)
    leave(user, CaseCommand.EVALUATE)
    study.set({"Macro.gamma": 0.6}, force=True)
    with pytest.raises(Refused):
        study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
    assert study.get("Macro.gamma") == 0.6


@pytest.mark.parametrize("values", [{}, {"Macro.gamma": 0.5}])
def test_values_of_an_interrupted_sweep_are_not_evaluated(user: User, values: dict[str, float]) -> None:
    """The sweep may be resumed."""
    leave(user, CaseCommand.SWEEP)
    with pytest.raises(Refused):
        user.client().study(21).evaluate(values, DAMAGE)
    assert EXECUTE not in user.requests


def test_undo_restores_the_values_of_a_killed_evaluation(user: User) -> None:
    leave(user, CaseCommand.EVALUATE)
    assert user.types("param", "undo", "21").code == 0
    assert user.client().study(21).get("Macro.gamma") == 0.3


def test_history_names_evaluations_and_trials(user: User) -> None:
    study = user.client().study(21)
    study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
    with study.trial({"Macro.gamma": 0.5}):
        pass
    study.sweep([{"Macro.gamma": 0.5}], DAMAGE, user.folder / "r.csv")
    assert study.history()["command"].tolist() == ["evaluate", "trial", "sweep"]
    rows = user.prints("param", "history", "21", "-F", "json")
    assert [row["command"] for row in rows] == ["evaluate", "trial", "sweep"]


@pytest.mark.parametrize("missing", [None, math.nan, np.float64("nan"), pd.NA])
def test_missing_value_keeps_the_original_one(user: User, missing: object) -> None:
    """It does so in cases of a sweep, too."""
    study = user.client().study(21)
    result = study.evaluate({"Macro.gamma": 0.5, "Macro.periods": missing}, DAMAGE)
    assert result == study.evaluate({"Macro.gamma": 0.5}, DAMAGE)


def test_undo_error_differs_for_restored_and_missing_entries(user: User) -> None:
    study = user.client().study(21)
    with pytest.raises(NothingToUndo) as unused:
        study.undo()
    study.evaluate({"Macro.gamma": 0.5}, DAMAGE)
    with pytest.raises(NothingToUndo) as restored:
        study.undo()
    assert len(study.history()) == 1
    assert restored.value.message != unused.value.message
