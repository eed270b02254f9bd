"""Test reads of a study that has the values of a sweep's case."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from collected import failures
from conftest import HOST, mostly_slow

from sostrades_cli.errors import Refused
from sostrades_cli.files.locks import PID_SUFFIX
from sostrades_cli.local.journal import RESTORED, Journal, RecordedValue
from sostrades_cli.operations.case_commands import CaseCommand
from sostrades_cli.operations.study_locks import sweep_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Outcome, User

    from sostrades_cli.operations.context import Context

READS = [
    "study load 21",
    "study show 21",
    "study tree 21",
    "study diff 21 22",
    "study logs 21",
    "param list 21",
    "param show 21 gamma",
    "param get 21 dice.Macro.gamma",
    "param download 21 dice.Macro.population",
    "postproc list 21",
    "postproc load 21",
    "postproc html 21 --overwrite",
    "calc status 21",
    "calc watch 21",
]
INTERRUPTED = "a sweep of study 21 was interrupted"
RUNNING = "a sweep of study 21 is running"


@pytest.fixture
def swept(user: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return a user whose study 21 has finished a run, and has the values of a case."""
    monkeypatch.chdir(user.folder)
    assert user.types("calc", "run", "21").code == 0
    change = RecordedValue("dice.Macro.gamma", "float", "-", 0.3, any_new=True)
    Journal(user.folder / "state", HOST, 21).begin(CaseCommand.SWEEP, [change], [], "2026-11-22T22:40:48Z")
    user.world.studies[21].values["Macro.gamma"] = 0.1
    return user


@contextlib.contextmanager
def other_process(context: Context) -> Iterator[None]:
    """Hold the lock of a sweep of study 21 as another process does."""
    with sweep_lock(context, [21], CaseCommand.SWEEP):
        owner = next((context.state / "locks").glob(f"*-21.sweep{PID_SUFFIX}"))
        owner.write_text("1 sweep\n")
        yield


def noted(done: Outcome, text: str) -> int:
    """Return how often a command that succeeded wrote a text to standard error."""
    assert done.code == 0, done.err
    return " ".join(done.err.split()).count(text)


def test_every_read_notes_once_that_a_sweep_was_interrupted(swept: User) -> None:
    def check(line: str) -> None:
        done = swept.types(*line.split())
        assert noted(done, INTERRUPTED) == 1
        assert "sostrades param undo 21 --to 1" in " ".join(done.err.split())

    assert not failures(check, READS, str)


@pytest.mark.slow
def test_every_read_notes_once_that_a_sweep_is_running(swept: User, server_of: Callable[[User], Context]) -> None:
    def check(line: str) -> None:
        assert noted(swept.types(*line.split()), RUNNING) == 1

    with other_process(server_of(swept)):
        assert not failures(check, READS, str)


def test_note_is_left_out_like_others(swept: User) -> None:
    """`--quiet` and JSON have no notes."""
    assert noted(swept.types("param", "list", "21", "-q"), INTERRUPTED) == 0
    assert noted(swept.types("param", "list", "21", "-F", "json"), INTERRUPTED) == 0


def test_study_with_its_own_values_has_no_note(swept: User) -> None:
    Journal(swept.folder / "state", HOST, 21).end(1, RESTORED)
    assert noted(swept.types("param", "list", "21"), "sweep") == 0


def test_other_studies_have_no_note(swept: User) -> None:
    assert noted(swept.types("param", "list", "22"), "sweep") == 0


def test_undo_that_restores_the_values_has_no_note(swept: User) -> None:
    assert noted(swept.types("param", "undo", "21", "--to", "1"), INTERRUPTED) == 0


@pytest.mark.parametrize("line", mostly_slow(["study export 21 kept", "study copy 21 kept"], 2))
def test_values_of_a_case_are_kept_only_with_force(
    swept: User, server_of: Callable[[User], Context], line: str
) -> None:
    refused = swept.types(*line.split())
    assert (refused.code, refused.kind, INTERRUPTED in refused.err) == (8, "refused", True)
    with other_process(server_of(swept)):
        running = swept.types(*line.split())
    assert (running.code, running.kind, RUNNING in running.err) == (8, "refused", True)
    assert not [request for request in swept.requests if request.endswith("/copy")]
    assert noted(swept.types(*line.split(), "--force"), INTERRUPTED) == 1


def test_interrupted_sweep_is_in_the_overview(swept: User) -> None:
    assert "sostrades param undo 21 --to 1" in swept.types("study", "show", "21").out
    shown = json.loads(swept.types("study", "show", "21", "-F", "json").out)["case_values"]
    assert shown == {"command": "sweep", "entry": 1, "running": False}


def test_running_sweep_is_in_the_overview(swept: User, server_of: Callable[[User], Context]) -> None:
    with other_process(server_of(swept)):
        shown = json.loads(swept.types("study", "show", "21", "-F", "json").out)["case_values"]
    assert shown == {"command": "sweep", "entry": 1, "running": True}


def test_doctor_lists_interrupted_sweeps(swept: User, server_of: Callable[[User], Context]) -> None:
    def row() -> list[dict[str, str]]:
        return [row for row in json.loads(swept.types("doctor", "-F", "json").out) if row["check"] == "sweep"]

    with other_process(server_of(swept)):
        assert row() == []
    (interrupted,) = row()
    assert (interrupted["state"], "sostrades param undo 21 --to 1" in interrupted["advice"]) == ("warning", True)


def test_library_notes_it_once_in_every_call(swept: User) -> None:
    study = swept.client().study(21)
    for calls in (1, 2):
        study.get("Macro.gamma")
        assert sum(INTERRUPTED in text for text in swept.noted) == calls


def test_library_keeps_values_of_a_case_only_with_force(swept: User) -> None:
    study = swept.client().study(21)
    with pytest.raises(Refused):
        study.export(swept.folder / "kept")
    with pytest.raises(Refused):
        study.copy("kept")
    assert study.export(swept.folder / "kept", force=True).exists()
    assert study.copy("kept", force=True).get("Macro.gamma") == 0.1


def test_program_that_runs_the_cases_gets_no_note(swept: User, server_of: Callable[[User], Context]) -> None:
    with sweep_lock(server_of(swept), [21], CaseCommand.SWEEP):
        swept.client().study(21).get("Macro.gamma")
    assert not swept.noted


def test_start_during_a_sweep_is_not_advised_to_attach_to_a_case(
    user: User, server_of: Callable[[User], Context]
) -> None:
    user.types("calc", "run", "21", "--detach")
    with other_process(server_of(user)):
        done = [user.types("calc", "run", "21", *words) for words in ((), ("--attach",), ("--detach",))]
    assert [(run.kind, "--attach" in run.err or "calc watch" in run.err) for run in done] == [("refused", False)] * 3


def test_second_sweep_is_not_advised_to_watch_one_case(user: User, server_of: Callable[[User], Context]) -> None:
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n")
    cases, results = str(user.folder / "cases.csv"), str(user.folder / "results.csv")
    with other_process(server_of(user)):
        done = user.types("calc", "sweep", "21", cases, "--collect", "Damage.total_damage", "-o", results)
    assert (done.kind, "calc watch" in done.err) == ("run_active", False)
