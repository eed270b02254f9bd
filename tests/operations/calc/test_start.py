"""Test starting a run."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import Refused, RunActive, ServerFault, SostradesError, Unreachable
from sostrades_cli.operations.calc.start import begin, require_no_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.context import Context


NOW = datetime(2026, 11, 22, 22, 40, 50, tzinfo=UTC)


def state(status: str, cpu: str = "----") -> RunStatus:
    """Return a status."""
    payload = {"study_case_execution_status": status, "study_case_execution_cpu": cpu}
    return RunStatus.from_api(payload, 21)


class FakeServer:
    """A server with a sequence of states, whose last one stays, and an answer to execute."""

    def __init__(
        self, folder: Path, states: list[str | RunStatus | SostradesError], execute: str | SostradesError = "PENDING"
    ) -> None:
        self.requests: list[str] = []
        self.notes: list[str] = []
        self.slept: list[float] = []
        self._states = states
        self._execute = execute
        self._folder = folder
        self.took_s = 0.0
        self._now_s = 0.0

    def start(self, *, attach: bool = False) -> RunStatus:
        """Start study 21."""
        calculations = SimpleNamespace(status=self._status, execute=self._start)
        api = SimpleNamespace(calculations=calculations, session=SimpleNamespace(host="http://127.0.0.1:1"))
        clock = SimpleNamespace(monotonic=lambda: self._now_s, now=lambda: NOW, sleep=self._sleep)
        notes = self.notes.append
        context = SimpleNamespace(
            api=api,
            clock=clock,
            notify=notes,
            inform=notes,
            state=self._folder,
            mark_checked=lambda _: None,
            still_waiting=notes,
            waiting=nullcontext,
        )
        return begin(cast("Context", context), 21, [], attach=attach)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now_s += seconds

    def _status(self, _: int) -> RunStatus:
        self.requests.append("status")
        current = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(current, SostradesError):
            raise current
        return current if isinstance(current, RunStatus) else state(current)

    def _start(self, _: int) -> RunStatus:
        self.requests.append("execute")
        self._now_s += self.took_s
        if isinstance(self._execute, SostradesError):
            raise self._execute
        return state(self._execute)


@pytest.fixture
def fake(tmp_path: Path) -> Callable[..., FakeServer]:
    """Return a function that makes a server."""
    return lambda *states, **more: FakeServer(tmp_path, list(states), **more)


LOST = ServerFault("the server failed (502)", answer_lost=True)


@pytest.mark.parametrize("before", ["", "NOT EXECUTED", "FINISHED", "FAILED", "STOPPED", "POD ERROR"])
def test_inactive_study_is_started_once(fake: Callable[..., FakeServer], before: str) -> None:
    context = fake(before)
    assert context.start().status == "PENDING"
    assert context.requests == ["status", "execute"]


@pytest.mark.parametrize("before", ["PENDING", "RUNNING", "POD PENDING", "POD WARMING UP"])
def test_active_run_is_not_started_again(fake: Callable[..., FakeServer], before: str) -> None:
    context = fake(before)
    with pytest.raises(RunActive, match=before):
        context.start()
    assert context.requests == ["status"]


@pytest.mark.parametrize("before", ["PENDING", "RUNNING", "POD PENDING"])
def test_attach_returns_the_active_run(fake: Callable[..., FakeServer], before: str) -> None:
    context = fake(before)
    assert context.start(attach=True).status == before
    assert context.requests == ["status"]
    assert len(context.notes) == 1


def test_attach_starts_an_inactive_study(fake: Callable[..., FakeServer]) -> None:
    context = fake("FINISHED")
    context.start(attach=True)
    assert context.requests == ["status", "execute"]


def test_attach_is_not_suggested_for_an_unknown_status() -> None:
    with pytest.raises(RunActive) as caught:
        require_no_run(state("POD WARMING UP"))
    assert "--attach" not in str(caught.value.hint)


@pytest.mark.parametrize("later", ["PENDING", "RUNNING", "POD PENDING"])
def test_start_with_a_lost_answer_is_detected_and_not_repeated(fake: Callable[..., FakeServer], later: str) -> None:
    context = fake("FINISHED", "FINISHED", later, execute=LOST)
    assert context.start().status == later
    assert context.requests.count("execute") == 1
    assert len(context.notes) == 2


def test_lost_start_of_a_finished_run_is_detected(fake: Callable[..., FakeServer]) -> None:
    context = fake("", state("FAILED", "0.0/2"), execute=LOST)
    assert context.start().status == "FAILED"


@pytest.mark.parametrize("states", [[], ["FINISHED"]], ids=["at once", "later"])
def test_lost_start_without_a_status_is_unverified(fake: Callable[..., FakeServer], states: list[str]) -> None:
    context = fake("FINISHED", *states, ServerFault("the server failed (500)"), execute=LOST)
    with pytest.raises(ServerFault, match="study 21") as caught:
        context.start()
    assert caught.value.in_doubt
    assert "the server failed (500)" in str(caught.value.detail)
    assert context.requests.count("execute") == 1


@pytest.mark.parametrize(("took_s", "expected"), [(0.1, "no run of study 21"), (60.0, "study 21 may")])
def test_lost_start_without_an_effect_is_not_repeated(
    fake: Callable[..., FakeServer], took_s: float, expected: str
) -> None:
    context = fake("FINISHED", execute=LOST)
    context.took_s = took_s
    with pytest.raises(ServerFault, match=expected):
        context.start()
    assert context.requests.count("execute") == 1
    assert sum(context.slept) < 10


@pytest.mark.parametrize(
    ("error", "after"), [(Refused("400"), ["status"]), (Unreachable("refused"), [])], ids=["no", "refused"]
)
def test_refused_start_is_reported_as_refused(
    fake: Callable[..., FakeServer], error: SostradesError, after: list[str]
) -> None:
    context = fake("FINISHED", execute=error)
    with pytest.raises(type(error)) as raised:
        context.start()
    assert context.requests == ["status", "execute", *after]
    assert (raised.value.detail, raised.value.in_doubt) == (None, False)
