"""Several studies at once in a program: list, states and runs."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import NeverRan, NoStudy, PermissionDenied, RunFailed, SostradesError, UsageError, WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli import Event


def test_studies_equal_those_of_the_command_line(anyone: User) -> None:
    client = anyone.client()
    client.study(21).parameters("gamma")
    anyone.world.clock.sleep(5.0)
    client.study(22).status()
    for name, study in (("dice", "21"), ("far", "99")):
        anyone.types("alias", "set", name, study)
    asked = len(anyone.requests)
    result = client.studies()
    assert len(anyone.requests) == asked
    assert result.index.tolist() == [22, 21, 99]
    shown = result.assign(last_seen=result["last_seen"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")).reset_index().astype(object)
    assert shown.where(shown.notna(), None).to_dict("records") == anyone.prints("study", "list")
    assert str(result["last_seen"].dtype).endswith("UTC]")


def test_no_studies_are_an_empty_table(user: User) -> None:
    del user.environ["SOSTRADES_API_KEY"]
    result = user.client().studies()
    assert (len(result), list(result.columns)) == (0, ["alias", "name", "parameters", "last_seen"])
    assert "none yet" in result.attrs["note"]


def test_states_equal_those_of_the_command_line(anyone: User) -> None:
    client = anyone.client()
    result = client.status([22, "21", client.study(22)])
    rows = anyone.types("calc", "status", "22", "21", "-F", "csv").out.splitlines()[1:]
    # The table leaves out the server's word for an unknown load.
    assert [",".join(map(str, row)).replace("----", "") for row in result.reset_index().to_numpy()] == rows
    assert result["status"].to_dict() == {22: "NO RUN", 21: "FINISHED"}
    assert client.status(pd.Index([21, 22])).index.tolist() == [21, 22]
    assert client.status("21").equals(client.status(21))


def test_error_of_one_study_has_the_states_of_the_others(anyone: User) -> None:
    with pytest.raises(PermissionDenied) as caught:
        anyone.client().status([25, 21])
    assert caught.value.result["status"].to_dict() == {21: "FINISHED"}
    assert "result" in caught.value.__notes__[-1]
    with pytest.raises(NoStudy) as alone:
        anyone.client().status([99])
    assert alone.value.result is None


@pytest.mark.parametrize("studies", [[], [21, "x y"]])
def test_invalid_studies_are_rejected_before_a_request(user: User, studies: list[int | str]) -> None:
    for ask in (user.client().status, user.client().watch):
        with pytest.raises(UsageError):
            ask(studies)
    assert user.requests == []


def test_successful_runs_are_a_table(anyone: User) -> None:
    client = anyone.client()
    events: list[Event] = []
    client.study(21).start()
    result = client.watch([21, client.study(21)], on_event=events.append)
    assert result.index.tolist() == [21]
    assert result["status"].tolist() == ["FINISHED"]
    assert result["elapsed_s"].tolist() == [events[-1].facts["elapsed_s"]]
    assert result[["error", "cause"]].isna().all(axis=None)


def test_all_ends_are_in_the_result_of_the_worst_error(anyone: User) -> None:
    client = anyone.client()
    for study in (21, 22):
        client.study(study).start()
    with pytest.raises(RunFailed, match="2 of 3") as caught:
        client.watch([21, 22, 24])
    ends = caught.value.result
    assert ends.index.tolist() == [21, 22, 24]
    assert ends["status"].tolist() == ["FINISHED", "FAILED", "NO RUN"]
    assert ends["error"].tolist()[1:] == ["RunFailed", "NeverRan"]
    assert "temperature is out of bounds" in ends["cause"][22]
    assert "study 24" in ends["cause"][24]
    assert pd.isna(ends["error"][21])
    assert "temperature is out of bounds" in "".join(traceback.format_exception(caught.value))


def test_exception_equals_the_error_of_the_command_line(user_of: Callable[..., User]) -> None:
    typing, program = user_of(), user_of()
    for user in (typing, program):
        for study in ("21", "22"):
            user.types("calc", "run", study, "--detach", SOSTRADES_STATE_DIR=str(user.folder / "typing"))
    done = typing.types("calc", "watch", "21", "22", "-F", "json")
    with pytest.raises(RunFailed) as caught:
        program.client().watch([21, 22])
    notes = json.loads(done.err.splitlines()[-1])
    assert (notes["error"], notes["detail"], done.code) == (caught.value.message, caught.value.detail, 3)
    states = [state["study_case_execution_status"] for state in json.loads(done.out)]
    assert caught.value.result["status"].tolist() == states


def test_single_study_raises_its_own_error(user: User) -> None:
    with pytest.raises(NeverRan, match="22") as caught:
        user.client().watch([22])
    assert caught.value.result["error"].tolist() == ["NeverRan"]
    with pytest.raises(PermissionDenied) as unseen:
        user.client().watch(25)
    assert unseen.value.result["status"].isna().tolist() == [True]


def test_timeout_and_fail_fast_end_the_watch(user: User) -> None:
    client = user.client()
    client.study(22).start()
    with pytest.raises(WaitTimeout) as caught:
        client.watch([26, 22], timeout_s=1)
    assert caught.value.result["error"].tolist() == ["WaitTimeout"] * 2
    with pytest.raises(RunFailed) as caught_first:
        client.watch([26, 22], fail_fast=True)
    assert caught_first.value.result["error"].tolist() == ["WaitTimeout", "RunFailed"]
    assert client.status(26)["status"].tolist() == ["RUNNING"]


def test_key_is_redacted_in_the_table(user: User) -> None:
    client = user.client()
    body = f'{{"description": "bad {user.world.key}", "message": "bad {user.world.key}"}}'
    user.world.faults.arm(Fault("status", count=99, path="status/2[12]", status=400, body=body))
    with pytest.raises(SostradesError) as caught:
        client.watch([21, 22])
    assert user.world.key not in caught.value.result.to_csv() + "".join(traceback.format_exception(caught.value))
