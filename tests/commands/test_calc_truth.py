"""Runs whose outcome others have touched: what is said must be true."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
from conftest import HOST, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


class _MeanwhileAtLook(httpx.BaseTransport):
    """The stub, with something that happens elsewhere just before one look at the status."""

    def __init__(self, user: User, look: int, happens: Callable[[], None]) -> None:
        self._inner = StubTransport(user.world)
        self._left = look
        self._happens = happens

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if "/status/" in request.url.path:
            self._left -= 1
            if self._left == 0:
                self._happens()
        return self._inner.handle_request(request)


def _replace_run(user: User, *, passing_s: float) -> None:
    """Change the study and start it anew, as somebody else; then let time pass."""
    headers = {"Authorization": f"Bearer {user.world.key}", "Content-Type": "application/json"}
    body = json.dumps([{"variableId": "dice.Macro.gamma", "newValue": 0.7, "unit": "-"}]).encode()
    with httpx.Client(transport=StubTransport(user.world), base_url=HOST, headers=headers) as other:
        other.post("/api/v0/study-case/21/parameters", content=body)
        user.world.clock.sleep(1)
        other.post("/api/v0/calculation/execute/21")
    user.world.clock.sleep(passing_s)


def test_a_run_that_was_replaced_is_not_reported_as_ours(user: User) -> None:
    """When someone changes the study and starts another run between two looks, that run's FINISHED is not ours."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _MeanwhileAtLook(user, 6, lambda: _replace_run(user, passing_s=30))
    done = user.types("calc", "watch", "21", "--interval", "1")
    assert (done.code, done.kind) == (8, "run_lost")


def test_wait_start_waits_for_a_new_run_though_an_old_one_finished(user: User) -> None:
    """`--wait-start` is not satisfied by the end of a run that was over before."""

    def start() -> None:
        headers = {"Authorization": f"Bearer {user.world.key}"}
        with httpx.Client(transport=StubTransport(user.world), base_url=HOST, headers=headers) as other:
            other.post("/api/v0/calculation/execute/21")

    user.transport = _MeanwhileAtLook(user, 3, start)
    done = user.types("calc", "watch", "21", "--wait-start", "10")
    assert done.code == 0
    assert [line.split("  ")[2] for line in done.out.splitlines()] == ["PENDING", "RUNNING", "FINISHED"]


def test_wait_start_is_not_satisfied_by_a_run_that_is_over(user: User) -> None:
    """When no run was started in time the old FINISHED is not the answer: exit 8."""
    done = user.types("calc", "watch", "21", "--wait-start", "10")
    assert done.code == 8
    assert "no run of study 21 was started within 10 s" in done.err


def test_a_replaced_run_is_told_though_its_successor_was_seen_pending(user: User) -> None:
    """A new run that is seen from its PENDING on is still another run than the one that was watched."""
    user.types("calc", "run", "21", "--detach")
    user.transport = _MeanwhileAtLook(user, 6, lambda: _replace_run(user, passing_s=0))
    done = user.types("calc", "watch", "21", "--interval", "1")
    assert [line.split("  ")[2] for line in done.out.splitlines()][:4] == ["PENDING", "RUNNING", "PENDING", "RUNNING"]
    assert (done.code, done.kind) == (8, "run_lost")


def test_the_time_limit_holds_while_a_request_hangs(user: User) -> None:
    """`--timeout 5` ends after about 5 s though a look hangs, and says that the state is the last one seen."""
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(4)
    began = user.world.clock.now()
    user.transport = _MeanwhileAtLook(user, 2, lambda: user.world.faults.arm(Fault("hang", path="status", count=5)))
    done = user.types("calc", "watch", "21", "--timeout", "5")
    assert done.code == 124
    assert user.world.clock.now() - began < 12
    assert "was last seen RUNNING" in done.err


def test_the_time_of_a_failure_is_that_of_its_status(user: User) -> None:
    """A log that is slow to come does not make the run look longer."""
    user.world.faults.arm(Fault("slow", seconds=8.0, path="logs", count=9))
    done = user.types("calc", "run", "22", "-F", "ndjson")
    assert done.code == 3
    assert json.loads(done.out.splitlines()[-1])["elapsed_s"] < 20


def test_a_study_that_cannot_be_started_is_named(user: User) -> None:
    """The refusal of a study that cannot be loaded names the study, the effect and a way on."""
    done = user.types("calc", "run", "24")
    assert done.code == 8
    assert "could not start study 24, whose status may now be FAILED" in done.err
    assert "sostrades param set 24 KEY=VALUE" in done.err
