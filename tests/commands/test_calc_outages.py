"""Test `sostrades calc watch` while the server has outages."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport, mostly_slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import Outcome, User

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \d+  \S.*")


class TroubledServer(httpx.BaseTransport):
    """A stub whose status requests fail from the n-th on. It records the time of each request."""

    def __init__(self, user: User, fault: Fault, *, after: int = 3) -> None:
        self._inner = StubTransport(user.world)
        self._world = user.world
        self._fault = fault
        self._after = after
        self.times: list[float] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or fail."""
        if "/status/" in request.url.path:
            if len(self.times) == self._after:
                self._world.faults.arm(self._fault)
            self.times.append(self._world.clock.now())
        return self._inner.handle_request(request)


@pytest.fixture
def started_user(user: User) -> User:
    """Return a user who has just started study 21."""
    user.types("calc", "run", "21", "--detach")
    return user


def events(done: Outcome) -> list[dict[str, Any]]:
    """Return the events of `-F ndjson`."""
    return [json.loads(line) for line in done.out.splitlines()]


FAULTS = [
    Fault("drop", count=3, path="status"),
    Fault("cut", count=3, path="status"),
    Fault("slow", count=2, path="status", seconds=31.0),
    *(Fault("status", count=3, path="status", status=number) for number in (502, 503, 504)),
    Fault("status", count=3, path="status", status=502, body="<html>Bad Gateway</html>"),
]


@pytest.mark.parametrize("fault", mostly_slow(FAULTS, 3), ids=lambda fault: f"{fault.kind}{fault.status}")
def test_outage_emits_one_outage_and_one_recovered_event(started_user: User, fault: Fault) -> None:
    started_user.transport = TroubledServer(started_user, fault)
    done = started_user.types("calc", "watch", "21", "-F", "ndjson")
    emitted = events(done)
    [outage] = [event for event in emitted if event["event"] == "outage"]
    [recovered] = [event for event in emitted if event["event"] == "recovered"]
    assert {"event", "time", "study", "status", "reason"} == outage.keys()
    assert {"event", "time", "study", "status", "outage_s"} == recovered.keys()
    assert recovered["outage_s"] > 1
    assert (done.code, done.err, emitted[-1]["outcome"]) == (0, "", "FINISHED")


@pytest.mark.parametrize(("fault", "code"), [(Fault("drop"), 6), (Fault("hang"), 6), (Fault("status", status=500), 7)])
def test_outage_at_the_first_request_ends_the_watch(user: User, fault: Fault, code: int) -> None:
    user.world.faults.arm(replace(fault, count=100, path="status"))
    began = user.world.clock.now()
    done = user.types("calc", "watch", "21", "-F", "ndjson", "--on-finish", "true", "--read-timeout", "2s")
    [emitted] = events(done)
    assert (done.code, emitted["event"], emitted["outcome"], emitted["status"], emitted["exit_code"]) == (
        code,
        "finished",
        "UNKNOWN",
        "",
        code,
    )
    assert user.world.clock.now() - began < 5
    assert user.programs[-1][1]["SOSTRADES_OUTCOME"] == "UNKNOWN"


def test_study_without_a_run_has_an_empty_outcome(user: User) -> None:
    """The outcome differs from the one of an unreachable server."""
    [_, emitted] = events(user.types("calc", "watch", "22", "-F", "ndjson"))
    assert (emitted["event"], emitted["outcome"]) == ("finished", "")


def test_outage_is_two_lines_in_a_pipe(started_user: User) -> None:
    started_user.transport = TroubledServer(started_user, FAULTS[0])
    done = started_user.types("calc", "watch", "21")
    assert done.code == 0
    assert all(LINE.fullmatch(line) for line in done.out.splitlines())
    assert sum("no answer" in line for line in done.out.splitlines()) == 1
    assert sum("answers again" in line for line in done.out.splitlines()) == 1


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json"), ("--quiet",)])
def test_outage_longer_than_max_outage_is_exit_6_with_the_last_state(started_user: User, form: tuple[str, ...]) -> None:
    """The polls are at most 5 s apart."""
    looks = started_user.transport = TroubledServer(started_user, Fault("drop", count=999, path="status"), after=5)
    done = started_user.types("calc", "watch", "21", "--max-outage", "2m", *form)
    assert done.code == 6
    assert "last known state: RUNNING" in done.err
    during = looks.times[5:]
    assert 120 <= during[-1] - during[0] <= 126
    assert max(b - a for a, b in itertools.pairwise(during)) <= 5.01
    assert "Traceback" not in done.err


ENDS = [
    (Fault("status", count=9, path="status", status=401), 4),
    (Fault("status", count=9, path="status", status=403), 4),
    (Fault("status", count=9, path="status", status=500), 7),
    (Fault("body", count=9, path="status", body="<html>Please log in</html>"), 7),
    (Fault("body", count=9, path="status", body='{"other": 1}', content_type="application/json"), 7),
    (Fault("body", count=9, path="status", body="[]", content_type="application/json"), 7),
    (Fault("body", count=9, path="status", body='{"study_case_', content_type="application/json"), 7),
]


@pytest.mark.parametrize(("fault", "code"), ENDS, ids=lambda value: getattr(value, "body", None) or str(value)[-30:])
def test_other_errors_end_the_watch_at_once(started_user: User, fault: Fault, code: int) -> None:
    """401, 403, 500 and an invalid status are not outages."""
    looks = started_user.transport = TroubledServer(started_user, fault)
    done = started_user.types("calc", "watch", "21", "-F", "ndjson")
    assert (done.code, events(done)[-1]["exit_code"]) == (code, code)
    assert "outage" not in {event["event"] for event in events(done)}
    assert looks.times[-1] - looks.times[2] < 2
    assert "last known state: " in done.err


def test_http_404_ends_the_watch_at_once(started_user: User) -> None:
    started_user.transport = TroubledServer(started_user, Fault("status", count=9, path="status", status=404))
    done = started_user.types("calc", "watch", "21", "-F", "ndjson")
    assert done.code in {5, 7}
    assert "ended FAILED" not in done.err


def test_stalled_run_emits_one_event_and_is_watched_further(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    done = user.types("calc", "watch", "26", "--stall-warning", "5m", "--timeout", "12m", "-F", "ndjson")
    [stalled] = [event for event in events(done) if event["event"] == "stalled"]
    assert {"event", "time", "study", "status", "still_s"} == stalled.keys()
    assert stalled["still_s"] >= 300
    assert (done.code, events(done)[-1]["status"]) == (124, "RUNNING")


def test_stalled_run_is_one_line_in_a_pipe(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    lines = user.types("calc", "watch", "26", "--timeout", "1h").out.splitlines()
    [stalled] = [line for line in lines if "may be dead" in line]
    assert "RUNNING" in stalled
    assert not any("FAILED" in line for line in lines)


def test_pipe_gets_at_most_one_heartbeat_per_minute(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    lines = user.types("calc", "watch", "26", "--timeout", "20m", "--stall-warning", "2h").err.splitlines()
    beats = [line for line in lines if "still RUNNING after" in line]
    minutes = [int(line[14:16]) * 60 + int(line[17:19]) for line in beats]
    assert 15 <= len(beats) <= 20
    assert all((b - a) % 3600 >= 60 for a, b in itertools.pairwise(minutes))
    assert len(set(lines)) == len(lines)
    assert "\x1b" not in "".join(lines)


def test_quiet_prints_only_errors(user: User) -> None:
    done = user.types("calc", "run", "21", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    failed = user.types("calc", "run", "22", "--quiet")
    assert (failed.code, failed.out, failed.err.count("error:")) == (3, "", 1)


def test_heartbeat_continues_during_an_outage(user: User) -> None:
    """CI systems stop a job that writes nothing for ten minutes, and an outage may be longer."""
    user.transport = TroubledServer(user, Fault("drop", count=1000, path="status"))
    done = user.types("calc", "watch", "26", "--max-outage", "15m")
    assert done.code == 6
    assert done.err.count("no answer, last seen RUNNING after") in {14, 15}
    assert "miss" not in user.types("calc", "watch", "26", "--max-outage", "1m", "-F", "ndjson").out


@pytest.mark.parametrize("line", [("calc", "watch", "26"), ("calc", "status", "26", "--watch")], ids=" ".join)
def test_watches_have_the_same_heartbeat_and_outage_by_default(user: User, line: tuple[str, ...]) -> None:
    """The outage ends both after 5 minutes."""
    user.types("calc", "run", "26", "--detach")
    user.transport = TroubledServer(user, Fault("drop", count=1000, path="status"))
    done = user.types(*line)
    assert (done.code, done.err.count("no answer, last seen RUNNING after")) == (6, 4)
