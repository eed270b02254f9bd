"""Test the records of runs that this computer starts or watches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import RunFailed, RunLost
from sostrades_cli.operations.calc.usual_durations import earlier_durations
from sostrades_cli.operations.history.runs import recorded_ends, records_of
from sostrades_cli.run_events import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.errors import SostradesError
    from sostrades_cli.local.run_records import RunRecord
    from sostrades_cli.operations.context import Context


def runs(context: Context, study: int = 21) -> list[RunRecord]:
    """Return the records of a study."""
    return records_of(context, study).all()


def event_at(
    seconds: float, name: str, status: str, error: SostradesError | None = None, run_s: float | None = None
) -> Event:
    """Return an event of study 21."""
    time = datetime.fromtimestamp(1_795_387_248 + seconds, UTC)
    return Event(name, time, 21, status, {}, "----", "----", seconds, {}, {}, error, run_s)


def test_started_run_has_a_start_a_duration_and_an_outcome(user: User, server_of: Callable[[User], Context]) -> None:
    began = user.world.clock.now()
    user.types("calc", "run", "21")
    took_s = user.world.clock.now() - began
    [run] = runs(server_of(user))
    assert (run.run, run.study, run.outcome, run.started_here) == (1, 21, "FINISHED", True)
    assert run.started is not None
    assert run.duration_s == pytest.approx(took_s, abs=1)


def test_durations_of_finished_runs_come_newest_last(user: User, server_of: Callable[[User], Context]) -> None:
    for _ in range(2):
        user.types("calc", "run", "21")
    context = server_of(user)
    records_of(context, 21).add(started="2026-11-22T22:40:50Z", outcome="FINISHED", duration_s=99.0)
    assert earlier_durations(context, 21) == [runs(context)[0].duration_s, runs(context)[1].duration_s, 99.0]
    assert earlier_durations(context, 23) == []


def test_failed_run_is_recorded_and_not_used_for_estimates(user: User, server_of: Callable[[User], Context]) -> None:
    assert user.types("calc", "run", "22").code == 3
    context = server_of(user)
    [run] = runs(context, 22)
    assert run.outcome == "FAILED"
    assert run.duration_s is not None
    assert earlier_durations(context, 22) == []


def test_detached_run_has_no_outcome(user: User, server_of: Callable[[User], Context]) -> None:
    user.types("calc", "run", "21", "--detach")
    [run] = runs(server_of(user))
    assert (run.outcome, run.duration_s) == (None, None)


@pytest.mark.parametrize("later_s", [0.0, 5.0, 3600.0])
def test_later_watch_completes_the_record_of_a_detached_run(
    user: User, server_of: Callable[[User], Context], later_s: float
) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(later_s)
    assert user.types("calc", "watch", "21").code == 0
    [run] = runs(server_of(user))
    assert (run.outcome, run.started_here) == ("FINISHED", True)
    # The watch is late, but the log has the time of the end.
    assert run.duration_s == pytest.approx(10, abs=3)


@pytest.mark.parametrize("ends_before_the_watch", [True, False])
def test_another_run_does_not_complete_the_record(
    user: User, server_of: Callable[[User], Context], ends_before_the_watch: bool
) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(3600)
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    user.world.clock.sleep(60 if ends_before_the_watch else 5)
    assert user.types("calc", "watch", "21").code == 0
    first, *others = runs(server_of(user))
    assert (first.outcome, first.duration_s) == (None, None)
    ends = [(run.outcome, run.started_here) for run in others]
    assert ends == ([] if ends_before_the_watch else [("FINISHED", False)])


@pytest.mark.parametrize("log", [b"", b"no time\n", b"[2026-02-30 12:00:00,000] no date\n"])
def test_log_without_times_does_not_complete_the_record(
    user: User, server_of: Callable[[User], Context], log: bytes
) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(60)
    user.world.faults.arm(Fault("body", count=9, path="logs", body=log.decode(), content_type="text/plain"))
    assert user.types("calc", "watch", "21").code == 0
    assert [run.outcome for run in runs(server_of(user))] == [None]


def test_timeout_is_not_an_outcome(user: User, server_of: Callable[[User], Context]) -> None:
    assert user.types("calc", "run", "23", "--timeout", "3s").code == 124
    [run] = runs(server_of(user), 23)
    assert (run.outcome, run.duration_s) == (None, None)


def test_rejected_start_is_not_recorded(user: User, server_of: Callable[[User], Context]) -> None:
    assert user.types("calc", "run", "26").code == 8
    assert runs(server_of(user), 26) == []


def test_run_of_another_user_is_recorded_at_its_end(user: User, server_of: Callable[[User], Context]) -> None:
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    user.types("calc", "watch", "21")
    context = server_of(user)
    [run] = runs(context)
    assert (run.outcome, run.started_here) == ("FINISHED", False)
    # The log has the start.
    assert run.started is not None
    assert earlier_durations(context, 21) == [run.duration_s]


def test_run_with_an_unknown_start_is_not_used_for_estimates(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    list(recorded_ends(context, iter([event_at(0, "started", "RUNNING"), event_at(9, "finished", "FINISHED")])))
    [run] = runs(context)
    assert (run.started, run.duration_s, run.outcome) == (None, None, "FINISHED")
    assert earlier_durations(context, 21) == []


def test_earlier_run_is_not_recorded_by_a_watch(user: User, server_of: Callable[[User], Context]) -> None:
    assert user.types("calc", "watch", "21").code == 0
    assert runs(server_of(user)) == []


def test_lost_run_is_recorded_as_lost(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    events = [event_at(0, "started", "RUNNING"), event_at(9, "finished", "NOT EXECUTED", RunLost("lost"))]
    assert list(recorded_ends(context, iter(events))) == events
    [run] = runs(context)
    assert (run.outcome, run.duration_s) == ("LOST", None)


def test_run_with_an_observed_start_has_a_duration(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    events = event_at(0, "started", "RUNNING"), event_at(30, "finished", "FINISHED", run_s=50.0)
    list(recorded_ends(context, iter(events)))
    assert earlier_durations(context, 21) == [50.0]


def test_duration_is_the_one_of_the_watch_that_saw_the_start(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    # The record has whole seconds, so its start is up to a second early.
    records_of(context, 21).add(started=event_at(0, "", "").stamp)
    events = event_at(0.9, "started", "RUNNING"), event_at(2.9, "finished", "FINISHED", run_s=2.0)
    list(recorded_ends(context, iter(events)))
    assert [run.duration_s for run in runs(context)] == [2.0]


def test_end_is_recorded_if_the_consumer_stops_at_it(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    events = recorded_ends(
        context, iter([event_at(0, "started", "PENDING"), event_at(9, "finished", "FAILED", RunFailed("failed"))])
    )
    assert [next(events).name, next(events).name] == ["started", "finished"]
    assert [run.outcome for run in runs(context)] == ["FAILED"]


def test_each_case_of_a_sweep_is_a_run(user: User, server_of: Callable[[User], Context]) -> None:
    cases = user.folder / "cases.csv"
    cases.write_text("Macro.gamma\n0.1\n0.2\n")
    words = ("--collect", "Damage.total_damage", "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "21", str(cases), *words).code == 0
    assert [run.outcome for run in runs(server_of(user))] == ["FINISHED", "FINISHED"]


def test_unwritable_records_are_noted_once_in_a_sweep(user: User) -> None:
    (user.folder / "state").mkdir()
    (user.folder / "state" / "runs").write_text("a file in place of the folder")
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.1\n0.2\n")
    words = ("--collect", "Damage.total_damage", "-o", str(user.folder / "results.csv"))
    done = user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *words)
    assert (done.code, done.err.count("calc history")) == (0, 1)


def test_unwritable_records_do_not_fail_a_run(user: User) -> None:
    (user.folder / "state").mkdir()
    (user.folder / "state" / "runs").write_text("a file in place of the folder")
    done = user.types("calc", "run", "21")
    assert (done.code, done.err.count("calc history")) == (0, 1)


@pytest.mark.parametrize("run_s", [30.0, 28.0, 33.0, None])
def test_two_watches_of_a_run_record_it_once(
    user: User, server_of: Callable[[User], Context], run_s: float | None
) -> None:
    context = server_of(user)
    for watched_s in (30.0, run_s):
        events = event_at(0, "started", "RUNNING"), event_at(31, "finished", "FINISHED", run_s=watched_s)
        list(recorded_ends(context, iter(events)))
    assert [run.duration_s for run in runs(context)] == [30.0]


def test_watch_beside_the_command_that_started_a_run_adds_nothing(
    user: User, server_of: Callable[[User], Context]
) -> None:
    user.types("calc", "run", "21")
    context = server_of(user)
    [run] = runs(context)
    assert run.duration_s is not None
    ended = user.world.clock.now() - 1_795_387_248
    finished = event_at(ended + 2, "finished", "FINISHED", run_s=run.duration_s + 2)
    list(recorded_ends(context, iter([event_at(ended - 5, "started", "RUNNING"), finished])))
    assert runs(context) == [run]


def test_next_run_of_another_user_has_a_separate_record(user: User, server_of: Callable[[User], Context]) -> None:
    user.types("calc", "run", "21")
    context = server_of(user)
    user.types("api", "POST", "/api/v0/calculation/execute/21")
    user.types("calc", "watch", "21")
    assert [(run.outcome, run.started_here) for run in runs(context)] == [("FINISHED", True), ("FINISHED", False)]


@pytest.mark.parametrize("started", ["yesterday", "", "2026-11-22T22:40:50"])
def test_record_with_an_edited_time_is_left_alone(
    user: User, server_of: Callable[[User], Context], started: str
) -> None:
    context = server_of(user)
    records_of(context, 21).add(started=started)
    events = event_at(0, "started", "RUNNING"), event_at(9, "finished", "FINISHED", run_s=20.0)
    list(recorded_ends(context, iter(events)))
    assert [run.outcome for run in runs(context)] == [None, "FINISHED"]
