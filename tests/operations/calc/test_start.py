"""Starting a run, as operations see it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import Refused, RunActive, ServerFault, SostradesError, Unreachable
from sostrades_cli.operations.calc.start import begin, require_no_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.operations.context import Context


def state(status: str, cpu: str = "----") -> RunStatus:
    """Return a state."""
    payload = {"study_case_execution_status": status, "study_case_execution_cpu": cpu}
    return RunStatus.from_api(payload, 21)


class Fake:
    """A server with states in order, the last one for ever, and an answer to execute."""

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

    def begins(self, *, attach: bool = False) -> RunStatus:
        """Start study 21."""
        calculations = SimpleNamespace(status=self._status, execute=self._start)
        api = SimpleNamespace(calculations=calculations, session=SimpleNamespace(host="http://127.0.0.1:1"))
        clock = SimpleNamespace(monotonic=lambda: self._now_s, sleep=self._sleep)
        notes = self.notes.append
        context = SimpleNamespace(api=api, clock=clock, notify=notes, inform=notes, state=self._folder)
        return begin(cast("Context", context), 21, [], attach=attach)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now_s += seconds

    def _status(self, _: int) -> RunStatus:
        self.requests.append("status")
        seen = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(seen, SostradesError):
            raise seen
        return seen if isinstance(seen, RunStatus) else state(seen)

    def _start(self, _: int) -> RunStatus:
        self.requests.append("execute")
        self._now_s += self.took_s
        if isinstance(self._execute, SostradesError):
            raise self._execute
        return state(self._execute)


@pytest.fixture
def fake(tmp_path: Path) -> Callable[..., Fake]:
    """Make a server."""
    return lambda *states, **more: Fake(tmp_path, list(states), **more)


LOST = ServerFault("the server failed (502)", answer_lost=True)


@pytest.mark.parametrize("before", ["", "NOT EXECUTED", "FINISHED", "FAILED", "STOPPED", "POD ERROR"])
def test_what_is_over_can_be_started(fake: Callable[..., Fake], before: str) -> None:
    """A study without a run, or whose run is over, is looked at once and started once."""
    context = fake(before)
    assert context.begins().status == "PENDING"
    assert context.requests == ["status", "execute"]


@pytest.mark.parametrize("before", ["PENDING", "RUNNING", "POD PENDING", "POD WARMING UP"])
def test_what_goes_on_is_never_started(fake: Callable[..., Fake], before: str) -> None:
    """A run that goes on, or a status that may be one, is refused before anything is sent."""
    context = fake(before)
    with pytest.raises(RunActive, match=before):
        context.begins()
    assert context.requests == ["status"]


@pytest.mark.parametrize("before", ["PENDING", "RUNNING", "POD PENDING"])
def test_attach_takes_the_run_that_goes_on(fake: Callable[..., Fake], before: str) -> None:
    """With `attach` a run that goes on is returned, said so, and nothing is started."""
    context = fake(before)
    assert context.begins(attach=True).status == before
    assert context.requests == ["status"]
    assert len(context.notes) == 1


def test_attach_starts_where_nothing_goes_on(fake: Callable[..., Fake]) -> None:
    """With `attach` a study whose run is over is started."""
    context = fake("FINISHED")
    context.begins(attach=True)
    assert context.requests == ["status", "execute"]


def test_no_advice_to_attach_to_what_cannot_be_attached_to() -> None:
    """For a status that nobody knows `--attach` is refused as well, so it is not what to type next."""
    with pytest.raises(RunActive) as caught:
        require_no_run(state("POD WARMING UP"))
    assert "--attach" not in str(caught.value.hint)


@pytest.mark.parametrize("later", ["PENDING", "RUNNING", "POD PENDING"])
def test_a_lost_answer_is_looked_into(fake: Callable[..., Fake], later: str) -> None:
    """When the answer to the start is lost the status tells that it has begun; it is sent once."""
    context = fake("FINISHED", "FINISHED", later, execute=LOST)
    assert context.begins().status == later
    assert context.requests.count("execute") == 1
    assert len(context.notes) == 2


def test_a_lost_answer_whose_run_is_over_already(fake: Callable[..., Fake]) -> None:
    """A fresh end after a lost answer is the end of the run that was started."""
    context = fake("", state("FAILED", "0.0/2"), execute=LOST)
    assert context.begins().status == "FAILED"


@pytest.mark.parametrize("seen", [[], ["FINISHED"]], ids=["at once", "later"])
def test_a_start_that_cannot_be_looked_into_is_in_doubt(fake: Callable[..., Fake], seen: list[str]) -> None:
    """When the status, too, is lost after a lost answer, it is said that whether a run has begun cannot be told."""
    context = fake("FINISHED", *seen, ServerFault("the server failed (500)"), execute=LOST)
    with pytest.raises(ServerFault, match="study 21") as caught:
        context.begins()
    assert caught.value.in_doubt
    assert "the server failed (500)" in str(caught.value.detail)
    assert context.requests.count("execute") == 1


@pytest.mark.parametrize(("took_s", "said"), [(0.1, "no run of study 21"), (60.0, "study 21 may")])
def test_a_start_that_left_no_trace(fake: Callable[..., Fake], took_s: float, said: str) -> None:
    """When the status stays as it was it is said which case it is, and the start is not sent again."""
    context = fake("FINISHED", execute=LOST)
    context.took_s = took_s
    with pytest.raises(ServerFault, match=said):
        context.begins()
    assert context.requests.count("execute") == 1
    assert sum(context.slept) < 10


@pytest.mark.parametrize(
    ("error", "after"), [(Refused("400"), ["status"]), (Unreachable("refused"), [])], ids=["no", "refused"]
)
def test_a_start_that_was_refused_is_not_claimed(
    fake: Callable[..., Fake], error: SostradesError, after: list[str]
) -> None:
    """An answer that says no is passed on, after one look at what goes on; what was never sent is not looked after."""
    context = fake("FINISHED", execute=error)
    with pytest.raises(type(error)) as raised:
        context.begins()
    assert context.requests == ["status", "execute", *after]
    assert (raised.value.detail, raised.value.in_doubt) == (None, False)
