"""Test that outcomes are correct although somebody else changes or restarts the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
from conftest import HOST, StubTransport

from server_stub.faults import Fault
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


class _ChangesBeforePoll(httpx.BaseTransport):
    """A stub on which something happens just before the n-th status request."""

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
    """Change the study and restart it as somebody else, then advance the clock."""
    headers = {"Authorization": f"Bearer {user.world.key}", "Content-Type": "application/json"}
    body = json.dumps([{"variableId": "dice.Macro.gamma", "newValue": 0.7, "unit": "-"}]).encode()
    with httpx.Client(transport=StubTransport(user.world), base_url=HOST, headers=headers) as other:
        other.post("/api/v0/study-case/21/parameters", content=body)
        user.world.clock.sleep(1)
        other.post("/api/v0/calculation/execute/21")
    user.world.clock.sleep(passing_s)


def test_outcome_of_a_replaced_run_is_not_reported(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _ChangesBeforePoll(user, 6, lambda: _replace_run(user, passing_s=30))
    done = user.types("calc", "watch", "21", "--interval", "1")
    assert (done.code, done.kind) == (8, "run_lost")


def test_wait_start_ignores_a_finished_run(user: User) -> None:
    def start() -> None:
        headers = {"Authorization": f"Bearer {user.world.key}"}
        with httpx.Client(transport=StubTransport(user.world), base_url=HOST, headers=headers) as other:
            other.post("/api/v0/calculation/execute/21")

    user.transport = _ChangesBeforePoll(user, 3, start)
    done = user.types("calc", "watch", "21", "--wait-start", "10")
    assert done.code == 0
    assert [line.split("  ")[2] for line in done.out.splitlines()] == ["PENDING", "RUNNING", "FINISHED"]


def test_wait_start_without_a_new_run_is_exit_8(user: User) -> None:
    done = user.types("calc", "watch", "21", "--wait-start", "10")
    assert done.code == 8
    assert "no run of study 21 was started within 10 s" in done.err


def test_replaced_run_is_detected_from_pending(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.transport = _ChangesBeforePoll(user, 6, lambda: _replace_run(user, passing_s=0))
    done = user.types("calc", "watch", "21", "--interval", "1")
    assert [line.split("  ")[2] for line in done.out.splitlines()][:4] == ["PENDING", "RUNNING", "PENDING", "RUNNING"]
    assert (done.code, done.kind) == (8, "run_lost")


def test_timeout_applies_to_a_hanging_request(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    user.world.clock.sleep(4)
    began = user.world.clock.now()
    user.transport = _ChangesBeforePoll(user, 2, lambda: user.world.faults.arm(Fault("hang", path="status", count=5)))
    done = user.types("calc", "watch", "21", "--timeout", "5")
    assert done.code == 124
    assert user.world.clock.now() - began < 12
    assert "was last seen RUNNING" in done.err


def test_duration_of_a_failed_run_excludes_reading_its_log(user: User) -> None:
    user.world.faults.arm(Fault("slow", seconds=8.0, path="logs", count=9))
    done = user.types("calc", "run", "22", "-F", "ndjson")
    assert done.code == 3
    assert json.loads(done.out.splitlines()[-1])["elapsed_s"] < 20


def test_refused_start_names_the_study_and_a_remedy(user: User) -> None:
    done = user.types("calc", "run", "24")
    assert done.code == 8
    assert "could not start study 24, whose status may now be FAILED" in done.err
    assert "sostrades param set 24 KEY=VALUE" in done.err


class _RestartsWithoutData(httpx.BaseTransport):
    """A stub that does not answer two status requests after a start, and has lost everything since its beginning."""

    def __init__(self, user: User, look: int) -> None:
        self._inner = StubTransport(user.world)
        self._user = user
        self._left = look

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or fail."""
        if "/status/" in request.url.path:
            self._left -= 1
            if self._left == 0:
                world = build_world("demo", server="documented", speed=1.0, clock=self._user.world.clock)
                self._inner = StubTransport(world)
            if -2 < self._left <= 0:
                message = "connection refused"
                raise httpx.ConnectError(message)
        return self._inner.handle_request(request)


def test_earlier_run_of_a_restarted_server_is_not_a_success(user: User) -> None:
    user.transport = _RestartsWithoutData(user, 4)
    done = user.types("calc", "run", "21", "--set", "Macro.gamma=0.9", "--interval", "1")
    assert (done.code, done.kind) == (8, "run_lost")
    assert "FINISHED" in done.err
