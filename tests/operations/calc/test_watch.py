"""Test watching runs: replayed recordings, outages, time limits and several studies, with a fake clock."""

from __future__ import annotations

import gc
import itertools
import json
import threading
import tracemalloc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import slow

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.api.studies import LogPart
from sostrades_cli.errors import (
    KeyRejected,
    NotFound,
    PermissionDenied,
    RunLost,
    ServerFault,
    SostradesError,
    Unreachable,
    WaitTimeout,
)
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.run_events import Event

POLLS = Path(__file__).parents[2] / "recordings" / "polls.jsonl"
RECORDED = {line["name"]: line["samples"] for line in map(json.loads, POLLS.read_text().splitlines())}
TRACEBACK = b"Traceback (most recent call last):\nValueError: deliberate\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the records of runs in the folder of the test."""
    monkeypatch.chdir(tmp_path)


@dataclass
class FakeClock:
    """A clock that only sleeping advances."""

    time_s: float = 0.0

    def monotonic(self) -> float:
        """Return seconds."""
        return self.time_s

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(1_795_387_248 + self.time_s, UTC)

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.time_s += seconds


def state(study: int, status: str, *, disciplines: dict[str, str] | None = None, **more: str) -> RunStatus:
    """Return an answer of the status route."""
    payload = {
        "study_case_id": study,
        "disciplines_status": disciplines or {},
        "study_case_execution_status": status,
        "study_case_execution_error_message": more.get("error_message", ""),
        "study_case_execution_cpu": more.get("cpu", "----"),
        "study_case_execution_memory": more.get("memory", "----"),
    }
    return RunStatus.from_api(payload, study)


# A cache that takes every study in use.
UNUSED = SimpleNamespace(mark_used=lambda _: None)
NO_LOG = SimpleNamespace(
    log_ends=lambda _: iter(()), log_head=lambda _: (None, 0), log_from=lambda *_, **__: LogPart(None, 0, 0, b"")
)


@dataclass
class FakeServer:
    """A server whose answers are a function of study and time."""

    answers: Callable[[int, float], RunStatus | SostradesError]
    log: bytes = TRACEBACK
    clock: FakeClock = field(default_factory=FakeClock)
    looks: list[tuple[int, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: datetime | None = None

    def status(self, study: int) -> RunStatus:
        """Answer one request."""
        self.looks.append((study, self.clock.time_s))
        answer = self.answers(study, self.clock.time_s)
        if isinstance(answer, SostradesError):
            raise answer
        return answer

    def watched(
        self,
        *studies: int,
        poll: Callable[[int, float], RunStatus] | None = None,
        first: RunStatus | None = None,
        **options: Any,
    ) -> list[Event]:
        """Watch studies to their end and return the events. ``look`` answers all requests after the first."""
        calculations = SimpleNamespace(status=self.status, poll=poll or (lambda study, _: self.status(study)))
        whole = LogPart("sc1-sce1.log", len(self.log), 0, self.log)
        logs = SimpleNamespace(
            log_ends=lambda _: iter([whole]),
            log_head=lambda _: (whole.name, whole.size),
            log_from=lambda *_, **__: whole._replace(modified=self.started, answered=self.clock.now()),
        )
        session = SimpleNamespace(host="http://127.0.0.1:1")
        api = SimpleNamespace(calculations=calculations, studies=logs, session=session)
        context = cast(
            "Context",
            SimpleNamespace(api=api, clock=self.clock, state=Path("state"), cache=UNUSED, notify=self.notes.append),
        )
        return list(watch(context, studies, WatchOptions(**options), {first.study: first} if first else {}))

    @property
    def times(self) -> list[float]:
        """Return the times of the requests."""
        return [time_s for _, time_s in self.looks]

    @property
    def pauses(self) -> list[float]:
        """Return the times between two requests."""
        return [after - before for before, after in zip(self.times, self.times[1:], strict=False)]


def replayed(samples: Sequence[dict[str, Any]]) -> FakeServer:
    """Return a server that replays a recording. The last state stays."""

    def answer(study: int, time_s: float) -> RunStatus:
        past = [sample for sample in samples if sample["t"] <= time_s] or samples[:1]
        last = past[-1]
        texts = {name: last[name] for name in ("error_message", "cpu", "memory")}
        return state(study, last["status"], disciplines=last["disciplines"], **texts)

    return FakeServer(answer)


def script(*steps: tuple[float, str | SostradesError], cpu: str = "1.0/2") -> FakeServer:
    """Return a server with a status, or a failure, from each time on."""

    def answer(study: int, time_s: float) -> RunStatus | SostradesError:
        what = [step for since_s, step in steps if since_s <= time_s][-1]
        return what if isinstance(what, SostradesError) else state(study, what, cpu=cpu)

    return FakeServer(answer)


def statuses(events: list[Event]) -> list[str]:
    """Return the reported statuses."""
    return [event.status for event in events if event.name in {"started", "status"}]


def events_named(events: list[Event], name: str) -> list[Event]:
    """Return the events with a name."""
    return [event for event in events if event.name == name]


GOOD, SHORT_BAD = ["PENDING", "RUNNING", "FINISHED"], ["PENDING", "FAILED"]
EXPECTED = {
    "A-exec-while-pending": (["FAILED"], 3),
    "B-exec-while-running": (["FAILED"], 3),
    "C-params-while-running": (["PENDING", "RUNNING", "NOT EXECUTED"], 8),
    "corrupt-df": (SHORT_BAD, 3),
    "df-records": (SHORT_BAD, 3),
    "fail-run": (["PENDING", "RUNNING", "FAILED"], 3),
    "rich-ok": (GOOD, 0),
    "slow-run1": (GOOD, 0),
    "x-float-for-int": (["PENDING", "RUNNING", "FAILED"], 3),
    "x-int-for-float": (GOOD, 0),
    "x-out-of-range": (SHORT_BAD, 3),
    "base": (GOOD, 0),
    "race-exec-after-set": (GOOD, 0),
}


def test_every_recording_is_replayed() -> None:
    assert EXPECTED.keys() == RECORDED.keys()


@pytest.mark.parametrize("interval_s", [None, 0.5])
@pytest.mark.parametrize("name", EXPECTED)
def test_recorded_run_gives_the_expected_events(name: str, interval_s: float | None) -> None:
    expected, code = EXPECTED[name]
    events = replayed(RECORDED[name]).watched(3, interval_s=interval_s)
    assert statuses(events) == expected
    assert {event.name for event in events} <= {"started", "status", "poll", "finished"}
    assert [event.name for event in events].count("started") == 1
    last = events[-1]
    assert (last.name, last.facts["outcome"], last.facts["exit_code"]) == ("finished", expected[-1], code)
    assert (last.error is None) == (code == 0)
    assert [event.name for event in events].count("finished") == 1


@pytest.mark.parametrize("interval_s", [None, 0.5, 3.0])
def test_spurious_failure_after_a_refused_start_is_ignored(interval_s: float | None) -> None:
    later = [{"t": 12.0, "status": "RUNNING"}, {"t": 25.0, "status": "FINISHED"}]
    shape = {"disciplines": {}, "error_message": "", "cpu": "1.0/2", "memory": "1/2 [GB]"}
    samples = [*RECORDED["A-exec-while-pending"], *({**shape, **item} for item in later)]
    events = replayed(samples).watched(3, interval_s=interval_s)
    assert statuses(events) == ["FAILED", "RUNNING", "FINISHED"]
    assert events[-1].facts["exit_code"] == 0


def test_lost_run_is_explained() -> None:
    error = replayed(RECORDED["C-params-while-running"]).watched(3)[-1].error
    assert error is not None
    assert "lost" in error.message
    assert "changed the study" in error.message


def test_failure_has_its_cause() -> None:
    spoken = FakeServer(lambda study, _: state(study, "POD ERROR", error_message="OOMKilled"))
    assert spoken.watched(1)[-1].facts["cause"] == "OOMKilled"
    assert "ValueError: deliberate" in script((0, "RUNNING"), (3, "FAILED")).watched(1)[-1].facts["cause"]


@pytest.mark.parametrize(("status", "code"), [("FINISHED", 0), ("FAILED", 3), ("STOPPED", 3), ("POD ERROR", 3)])
def test_each_end_has_its_exit_code(status: str, code: int) -> None:
    assert script((0, "RUNNING"), (5, status)).watched(1)[-1].facts["exit_code"] == code


@pytest.mark.parametrize("idle", ["", "NOT EXECUTED"])
def test_study_without_a_run_is_exit_8_at_once(idle: str) -> None:
    context = script((0, idle))
    assert context.watched(1)[-1].facts["exit_code"] == 8
    assert context.times == [0.0]
    assert script((0, "PENDING"), (2, idle)).watched(1)[-1].facts["exit_code"] == 8


def test_run_started_elsewhere_is_awaited() -> None:
    events = script((0, ""), (20, "PENDING"), (30, "FINISHED")).watched(1, wait_start_s=60.0)
    assert statuses(events) == ["", "PENDING", "FINISHED"]
    assert events[-1].facts["exit_code"] == 0
    never = script((0, "")).watched(1, wait_start_s=20.0)[-1]
    assert never.facts["exit_code"] == 8
    assert 20 <= never.facts["elapsed_s"] <= 22


def test_run_between_two_polls_is_reported() -> None:
    for end, code in (("FINISHED", 0), ("FAILED", 3)):
        events = script((0, "NOT EXECUTED"), (3, end)).watched(1, wait_start_s=60.0, interval_s=6.0)
        assert statuses(events) == ["NOT EXECUTED", end]
        assert (events[-1].facts["outcome"], events[-1].facts["exit_code"]) == (end, code)


def test_unknown_status_is_watched() -> None:
    events = script((0, "POD WARMING UP"), (40, "RUNNING"), (60, "FINISHED")).watched(1)
    assert statuses(events) == ["POD WARMING UP", "RUNNING", "FINISHED"]
    assert events[-1].facts["exit_code"] == 0


def test_discipline_changes_are_events() -> None:
    def answer(study: int, time_s: float) -> RunStatus:
        first = "PENDING" if time_s < 2 else "RUNNING" if time_s < 5 else "DONE"
        return state(study, "RUNNING" if time_s < 8 else "FINISHED", disciplines={"a": first, "b": "PENDING"})

    moved = events_named(FakeServer(answer).watched(1), "discipline")
    assert [(event.facts["discipline"], event.facts["status"]) for event in moved] == [("a", "RUNNING"), ("a", "DONE")]


def test_timeout_is_exit_124_and_the_run_continues() -> None:
    context = script((0, "RUNNING"))
    last = context.watched(1, timeout_s=100.0)[-1]
    assert (last.facts["outcome"], last.facts["exit_code"]) == ("RUNNING", 124)
    assert last.error is not None
    assert (last.error.kind, last.error.hint) == ("timeout", "sostrades calc watch 1")
    assert context.clock.time_s == pytest.approx(100.0)


def test_interval_grows_from_1_to_10_seconds() -> None:
    context = script((0, "RUNNING"), (3600, "FINISHED"))
    context.watched(1, stall_warning_s=1e9)
    assert context.pauses[:10] == [1.0] * 10
    assert min(context.pauses) >= 1.0
    assert context.pauses == sorted(context.pauses)
    assert context.pauses[-1] == 10.0
    assert len(context.looks) < 500


@pytest.mark.parametrize("interval_s", [0.25, 0.5, 7.5, 60.0])
def test_fixed_interval_is_respected(interval_s: float) -> None:
    context = script((0, "RUNNING"), (120, "FINISHED"))
    context.watched(1, interval_s=interval_s)
    assert set(context.pauses) == {interval_s}


# Outages ----------------------------------------------------------------------------------------

GONE = Unreachable("no contact", transient=True)
TROUBLES = [
    GONE,
    Unreachable("not reached at all"),
    ServerFault("the server failed (503)", transient=True),
    ServerFault("the answer was cut", transient=True, answer_lost=True),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: error.message)
def test_outage_has_two_events(trouble: SostradesError) -> None:
    events = script((0, "RUNNING"), (10, trouble), (40, "RUNNING"), (60, "FINISHED")).watched(1)
    [outage], [recovered] = events_named(events, "outage"), events_named(events, "recovered")
    assert outage.facts == {"reason": trouble.message}
    assert 28 <= recovered.facts["outage_s"] <= 32
    assert (events[-1].name, events[-1].facts["exit_code"]) == ("finished", 0)


@pytest.mark.parametrize(("interval_s", "longest_s"), [(None, 5.0), (2.0, 2.0), (0.5, 0.5), (60.0, 5.0)])
def test_polling_during_an_outage_uses_the_interval_up_to_5_seconds(interval_s: float | None, longest_s: float) -> None:
    context = script((0, "RUNNING"), (601, GONE), (700, "FINISHED"))
    context.watched(1, interval_s=interval_s, stall_warning_s=1e9)
    during = [time_s for time_s in context.times if time_s >= 601]
    assert max(b - a for a, b in itertools.pairwise(during)) == pytest.approx(longest_s)


@pytest.mark.parametrize("max_outage_s", [10.0, 300.0])
def test_long_outage_is_exit_6(max_outage_s: float) -> None:
    context = script((0, "PENDING"), (3, "RUNNING"), (20, GONE))
    last = context.watched(1, max_outage_s=max_outage_s)[-1]
    assert (last.facts["exit_code"], last.facts["outcome"]) == (6, "RUNNING")
    assert "RUNNING" in str(last.error and last.error.detail)
    assert max_outage_s <= context.clock.time_s - 20 <= max_outage_s + 6


def test_outages_are_counted_separately() -> None:
    steps = (0, "RUNNING"), (10, GONE), (60, "RUNNING"), (70, GONE), (120, "FINISHED")
    events = script(*steps).watched(1, max_outage_s=55.0)
    assert (len(events_named(events, "outage")), len(events_named(events, "recovered"))) == (2, 2)
    assert events[-1].facts["exit_code"] == 0


def test_retry_after_does_not_extend_the_allowed_outage() -> None:
    busy = ServerFault("the server failed (503)", transient=True, retry_after_s=3600.0)
    context = script((0, "RUNNING"), (10, busy))
    last = context.watched(1, max_outage_s=60.0)[-1]
    assert last.facts["exit_code"] == 6
    assert context.clock.time_s <= 80


def test_poll_truncated_by_the_timeout_is_not_an_outage() -> None:
    context = script((0.0, "RUNNING"))
    limits: list[float] = []

    def slow(study: int, within_s: float) -> RunStatus:
        limits.append(within_s)
        context.clock.sleep(min(within_s, 0.8))
        if within_s < 0.8:
            raise Unreachable("https://corp.example did not answer in time", transient=True)
        return context.status(study)

    events = context.watched(1, poll=slow, timeout_s=4.0)
    assert limits[-1] < 0.8
    assert events_named(events, "outage") == []
    last = events[-1]
    assert (last.name, last.facts["exit_code"]) == ("finished", 124)
    assert isinstance(last.error, WaitTimeout)
    assert "timed out" in last.error.message


@pytest.mark.parametrize(
    ("stall_warning_s", "command"), [(1e9, "sostrades calc watch 1"), (600.0, "sostrades study open 1")]
)
def test_timeout_of_a_stalled_run_names_the_page_that_can_stop_it(stall_warning_s: float, command: str) -> None:
    """A restarted server shows a run without a process as RUNNING for ever."""
    last = script((0.0, "RUNNING")).watched(1, timeout_s=3600.0, stall_warning_s=stall_warning_s)[-1]
    assert isinstance(last.error, WaitTimeout)
    assert command in str(last.error.hint)


def test_timeout_during_an_outage_is_exit_124() -> None:
    context = script((0, "RUNNING"), (10, GONE))
    assert context.watched(1, timeout_s=30.0)[-1].facts["exit_code"] == 124
    assert context.clock.time_s == pytest.approx(30.0)


ENDS_AT_ONCE = [
    (KeyRejected("401"), 4),
    (PermissionDenied("403"), 4),
    (NotFound("404"), 5),
    (ServerFault("500"), 7),
]


@pytest.mark.parametrize(("error", "code"), ENDS_AT_ONCE, ids=str)
def test_permanent_errors_end_the_watch_at_once(error: SostradesError, code: int) -> None:
    context = script((0, "RUNNING"), (10, error))
    events = context.watched(1)
    assert (events[-1].facts["exit_code"], context.times[-1]) == (code, 10.0)
    assert events_named(events, "outage") == []
    assert "RUNNING" in str(events[-1].error and events[-1].error.detail)


# Several studies --------------------------------------------------------------------------------


def test_studies_end_independently() -> None:
    def answer(study: int, time_s: float) -> RunStatus | SostradesError:
        if study == 25:
            return PermissionDenied("no right")
        return state(study, "RUNNING" if time_s < study else "FAILED" if study == 22 else "FINISHED")

    events = FakeServer(answer).watched(21, 22, 25, 40)
    codes = {event.study: event.facts["exit_code"] for event in events_named(events, "finished")}
    assert codes == {21: 0, 22: 3, 25: 4, 40: 0}
    assert sorted(event.study for event in events_named(events, "started")) == [21, 22, 40]


def test_fail_fast_stops_at_the_first_failure() -> None:
    def answer(study: int, time_s: float) -> RunStatus:
        return state(study, "RUNNING" if time_s < 5 * study else "FAILED", cpu="1/2")

    events = FakeServer(answer).watched(1, 2, 3, fail_fast=True)
    assert [(e.study, e.facts["exit_code"]) for e in events_named(events, "finished")] == [(1, 3), (2, 124), (3, 124)]
    assert len(events_named(FakeServer(answer).watched(1, 2, 3), "finished")) == 3


@pytest.mark.parametrize("count", [100, slow(1000)])
def test_many_studies_are_watched_with_eight_requests_at_once(count: int) -> None:
    lock, flying, most = threading.Lock(), [0], [0]
    callers: set[threading.Thread] = set()

    def answer(study: int, time_s: float) -> RunStatus:
        with lock:
            callers.add(threading.current_thread())
            flying[0] += 1
            most[0] = max(most[0], flying[0])
        current = state(study, "FINISHED" if time_s >= 2 + study % 7 else "RUNNING")
        with lock:
            flying[0] -= 1
        return current

    context = FakeServer(answer)
    finished = events_named(context.watched(*range(1, count + 1)), "finished")
    assert sorted(event.study for event in finished) == list(range(1, count + 1))
    assert {event.facts["exit_code"] for event in finished} == {0}
    assert 1 <= most[0] <= 8
    # All threads of the process would include those of other tests.
    assert len(callers) <= 8


@pytest.mark.slow
def test_memory_for_a_thousand_studies_does_not_grow_with_time() -> None:
    context = FakeServer(lambda study, time_s: state(study, "RUNNING", cpu=f"{time_s}/2", disciplines={"a": "RUNNING"}))
    calculations = SimpleNamespace(status=context.status, poll=lambda study, _: context.status(study))
    whole = cast(
        "Context",
        SimpleNamespace(
            api=SimpleNamespace(calculations=calculations, studies=NO_LOG), clock=context.clock, cache=UNUSED
        ),
    )
    sizes: dict[float, int] = {}
    tracemalloc.start()
    try:
        for _ in watch(whole, range(1, 1001), WatchOptions(interval_s=10.0, timeout_s=300.0)):
            now_s = context.clock.time_s
            if now_s in {30.0, 290.0} and now_s not in sizes:
                context.looks.clear()
                gc.collect()
                sizes[now_s] = tracemalloc.get_traced_memory()[0]
            elif now_s not in {30.0, 290.0}:
                context.looks.clear()
    finally:
        tracemalloc.stop()
    assert sizes[290.0] - sizes[30.0] < 1_000_000


STARTED_AT = datetime(2026, 11, 22, 22, 40, 48, tzinfo=UTC)


def with_log(server: FakeServer, started_s: float) -> FakeServer:
    """Return the server with a log that starts at a time of its clock."""
    first = STARTED_AT + timedelta(seconds=started_s)
    server.log = f"[{first:%Y-%m-%d %H:%M:%S},000] MAIN_SERVER INFO in m: Start of the run\n".encode()
    server.started = first
    return server


def test_time_since_the_start_comes_from_the_log() -> None:
    server = with_log(script((0, "RUNNING"), (10, "FINISHED")), started_s=-50.0)
    started, known, *_, finished = server.watched(1)
    assert started.run_s is None
    assert known.run_s == pytest.approx(50, abs=1)
    assert finished.run_s == pytest.approx(60, abs=2)
    assert finished.elapsed_s == pytest.approx(10, abs=2)


def test_time_since_the_start_is_unknown_without_a_log() -> None:
    assert {event.run_s for event in script((0, "RUNNING"), (10, "FINISHED")).watched(1)} == {None}


def test_start_of_an_awaited_run_is_observed() -> None:
    server = script((0, ""), (20, "PENDING"), (30, "RUNNING"), (40, "FINISHED"))
    finished = server.watched(1, wait_start_s=60.0)[-1]
    assert finished.run_s == pytest.approx(20, abs=2)
    assert finished.elapsed_s == pytest.approx(40, abs=2)


def test_run_that_this_command_started_needs_no_log() -> None:
    server = with_log(script((0, "RUNNING"), (10, "FINISHED")), started_s=-50.0)
    *_, finished = server.watched(1, first=state(1, "PENDING"))
    assert finished.run_s == pytest.approx(10, abs=2)


def test_attached_run_is_as_old_as_its_log() -> None:
    server = with_log(script((0, "RUNNING"), (10, "FINISHED")), started_s=-50.0)
    *_, finished = server.watched(1, first=state(1, "RUNNING"))
    assert finished.run_s == pytest.approx(60, abs=2)


SILENT = Unreachable("no answer")
# PENDING, then an outage, then a final state without RUNNING.
RESTARTED = ((0, "PENDING"), (2, SILENT), (6, "FINISHED"))


def test_earlier_run_after_an_outage_is_not_the_started_run() -> None:
    server = with_log(script(*RESTARTED), started_s=-600.0)
    [*_, finished] = server.watched(1, first=state(1, "PENDING")._replace(requested_s=0.0))
    assert (type(finished.error), finished.facts["exit_code"]) == (RunLost, 8)


def test_end_after_an_outage_without_a_readable_log_is_not_a_success() -> None:
    [*_, finished] = script(*RESTARTED).watched(1, first=state(1, "PENDING")._replace(requested_s=0.0))
    assert (type(finished.error), finished.facts["exit_code"]) == (RunLost, 8)


def test_started_run_that_ends_during_an_outage_is_recognized_by_its_log() -> None:
    server = with_log(script(*RESTARTED), started_s=1.0)
    [*_, finished] = server.watched(1, first=state(1, "PENDING")._replace(requested_s=0.0))
    assert (finished.error, finished.facts["exit_code"]) == (None, 0)


def test_slow_answer_to_the_start_does_not_make_a_run_older() -> None:
    server = with_log(script(*RESTARTED), started_s=-20.0)
    [*_, finished] = server.watched(1, first=state(1, "PENDING")._replace(requested_s=-25.0))
    assert finished.facts["exit_code"] == 0


def test_failure_of_an_earlier_run_after_an_outage_is_not_that_of_the_started_run() -> None:
    server = with_log(script((0, "PENDING"), (2, SILENT), (6, "FAILED")), started_s=-600.0)
    [*_, finished] = server.watched(1, first=state(1, "PENDING")._replace(requested_s=0.0))
    assert finished.facts["exit_code"] == 8


def test_outage_after_running_needs_no_age_of_the_log() -> None:
    server = script((0, "PENDING"), (1, "RUNNING"), (3, SILENT), (8, "FINISHED"))
    [*_, finished] = server.watched(1, first=state(1, "PENDING")._replace(requested_s=0.0))
    assert finished.facts["exit_code"] == 0
