"""Several studies at once in a program: what was met, states, runs; what failed for some is told with the rest."""

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


def test_the_studies_are_those_of_the_command_line(anyone: User) -> None:
    """Each study that was met has the fields that `study list -F json` prints; the last seen is a time."""
    client = anyone.client()
    client.study(21).parameters("gamma")
    anyone.world.clock.sleep(5.0)
    client.study(22).status()
    for name, study in (("dice", "21"), ("far", "99")):
        anyone.types("alias", "set", name, study)
    asked = len(anyone.asked)
    found = client.studies()
    assert len(anyone.asked) == asked
    assert found.index.tolist() == [22, 21, 99]
    shown = found.assign(last_seen=found["last_seen"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")).reset_index().astype(object)
    assert shown.where(shown.notna(), None).to_dict("records") == anyone.prints("study", "list")
    assert str(found["last_seen"].dtype).endswith("UTC]")


def test_no_studies_are_a_table_too(user: User) -> None:
    """Where none was met the table has its columns, no key is needed, and the note says how one is met."""
    del user.environ["SOSTRADES_API_KEY"]
    found = user.client().studies()
    assert (len(found), list(found.columns)) == (0, ["alias", "name", "parameters", "last_seen"])
    assert "none yet" in found.attrs["note"]


def test_states_are_those_of_the_command_line(anyone: User) -> None:
    """A row for each study in the order asked for, each once; the order and the words are those of `calc status`."""
    client = anyone.client()
    found = client.status([22, "21", client.study(22)])
    rows = anyone.types("calc", "status", "22", "21", "-F", "csv").out.splitlines()[1:]
    assert [",".join(map(str, row)) for row in found.reset_index().to_numpy()] == rows
    assert found["status"].to_dict() == {22: "NO RUN", 21: "FINISHED"}
    assert client.status(pd.Index([21, 22])).index.tolist() == [21, 22]
    assert client.status("21").equals(client.status(21))


def test_a_study_that_cannot_be_seen_hides_no_other(anyone: User) -> None:
    """The error is that of the worst, and the states of the others are its result."""
    with pytest.raises(PermissionDenied) as caught:
        anyone.client().status([25, 21])
    assert caught.value.result["status"].to_dict() == {21: "FINISHED"}
    assert "result" in caught.value.__notes__[-1]
    with pytest.raises(NoStudy) as alone:
        anyone.client().status([99])
    assert alone.value.result is None


@pytest.mark.parametrize("studies", [[], [21, "x y"]])
def test_what_names_no_study(user: User, studies: list[int | str]) -> None:
    """It is an error before anything is asked, of a state as of a run."""
    for ask in (user.client().status, user.client().watch):
        with pytest.raises(UsageError):
            ask(studies)
    assert user.asked == []


def test_runs_that_go_well_are_a_table(anyone: User) -> None:
    """A row for each study with its last status and its time; nothing is raised, and the events are told."""
    client = anyone.client()
    events: list[Event] = []
    client.study(21).start()
    found = client.watch([21, client.study(21)], on_event=events.append)
    assert found.index.tolist() == [21]
    assert found["status"].tolist() == ["FINISHED"]
    assert found["elapsed_s"].tolist() == [events[-1].facts["elapsed_s"]]
    assert found[["error", "cause"]].isna().all(axis=None)


def test_every_end_is_told_before_the_worst_is_raised(anyone: User) -> None:
    """One failed, one finished, one never ran: the class is that of the worst, the result has all of them."""
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


def test_the_exception_is_that_of_the_exit_code(user_of: Callable[..., User]) -> None:
    """Several studies end for a program as `calc watch` tells them: message, detail, last states."""
    typing, program = user_of(), user_of()
    for user in (typing, program):
        for study in ("21", "22"):
            user.types("calc", "run", study, "--detach", SOSTRADES_STATE_DIR=str(user.folder / "typing"))
    done = typing.types("calc", "watch", "21", "22", "-F", "json")
    with pytest.raises(RunFailed) as caught:
        program.client().watch([21, 22])
    told = json.loads(done.err.splitlines()[-1])
    assert (told["error"], told["detail"], done.code) == (caught.value.message, caught.value.detail, 3)
    states = [state["study_case_execution_status"] for state in json.loads(done.out)]
    assert caught.value.result["status"].tolist() == states


def test_one_of_one_raises_its_own(user: User) -> None:
    """A list of one raises what the study itself would raise, with the table."""
    with pytest.raises(NeverRan, match="22") as caught:
        user.client().watch([22])
    assert caught.value.result["error"].tolist() == ["NeverRan"]
    with pytest.raises(PermissionDenied) as unseen:
        user.client().watch(25)
    assert unseen.value.result["status"].isna().tolist() == [True]


def test_time_over_and_the_first_failure(user: User) -> None:
    """Time that is over leaves the runs alone; with fail_fast the first failure ends the watching of all."""
    client = user.client()
    client.study(22).start()
    with pytest.raises(WaitTimeout) as caught:
        client.watch([26, 22], timeout_s=1)
    assert caught.value.result["error"].tolist() == ["WaitTimeout"] * 2
    with pytest.raises(RunFailed) as caught_first:
        client.watch([26, 22], fail_fast=True)
    assert caught_first.value.result["error"].tolist() == ["WaitTimeout", "RunFailed"]
    assert client.status(26)["status"].tolist() == ["RUNNING"]


def test_a_server_that_repeats_the_key_has_it_in_no_table(user: User) -> None:
    """The cause in the result has no key in it, as the error has none."""
    client = user.client()
    body = f'{{"description": "bad {user.world.key}", "message": "bad {user.world.key}"}}'
    user.world.faults.arm(Fault("status", count=99, path="status/2[12]", status=400, body=body))
    with pytest.raises(SostradesError) as caught:
        client.watch([21, 22])
    assert user.world.key not in caught.value.result.to_csv() + "".join(traceback.format_exception(caught.value))
