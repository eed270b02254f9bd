"""`sostrades calc watch` while the server has its troubles."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import Outcome, User

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  \d+  \S.*")


class Troubled(httpx.BaseTransport):
    """The stub, whose looks at a status go wrong from one of them on; it keeps the time of each."""

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
def started(user: User) -> User:
    """Return a user whose study 21 has just been started."""
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


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}{fault.status}")
def test_an_outage_is_one_event_and_its_end_another(started: User, fault: Fault) -> None:
    """Every kind of outage is one `outage` with its reason, one `recovered` with its length, and the run's end."""
    started.transport = Troubled(started, fault)
    done = started.types("calc", "watch", "21", "-F", "ndjson")
    told = events(done)
    [outage] = [event for event in told if event["event"] == "outage"]
    [recovered] = [event for event in told if event["event"] == "recovered"]
    assert {"event", "time", "study", "status", "reason"} == outage.keys()
    assert {"event", "time", "study", "status", "outage_s"} == recovered.keys()
    assert recovered["outage_s"] > 1
    assert (done.code, done.err, told[-1]["outcome"]) == (0, "", "FINISHED")


@pytest.mark.parametrize(("fault", "code"), [(Fault("drop"), 6), (Fault("hang"), 6), (Fault("status", status=500), 7)])
def test_an_outage_at_the_first_look_is_not_ridden_out(user: User, fault: Fault, code: int) -> None:
    """The watching ends soon with one event, whose outcome says that no look was answered, as does the message."""
    user.world.faults.arm(replace(fault, count=100, path="status"))
    began = user.world.clock.now()
    done = user.types("calc", "watch", "21", "-F", "ndjson", "--on-finish", "true", "--read-timeout", "2s")
    [told] = events(done)
    assert (done.code, told["event"], told["outcome"], told["status"], told["exit_code"]) == (
        code,
        "finished",
        "UNKNOWN",
        "",
        code,
    )
    assert user.world.clock.now() - began < 5
    assert user.programs[-1][1]["SOSTRADES_OUTCOME"] == "UNKNOWN"


def test_a_study_without_a_run_has_an_empty_outcome(user: User) -> None:
    """That there is no run is an answer, and not the same as none."""
    [_, told] = events(user.types("calc", "watch", "22", "-F", "ndjson"))
    assert (told["event"], told["outcome"]) == ("finished", "")


def test_a_pipe_gets_a_line_for_an_outage_and_its_end(started: User) -> None:
    """A pipe has one line when contact is lost and one when it is back, each with its time."""
    started.transport = Troubled(started, FAULTS[0])
    done = started.types("calc", "watch", "21")
    assert done.code == 0
    assert all(LINE.fullmatch(line) for line in done.out.splitlines())
    assert sum("no answer" in line for line in done.out.splitlines()) == 1
    assert sum("answers again" in line for line in done.out.splitlines()) == 1


@pytest.mark.parametrize("form", [(), ("-F", "ndjson"), ("-F", "json"), ("--quiet",)])
def test_an_outage_that_lasts_is_exit_6_with_the_last_state(started: User, form: tuple[str, ...]) -> None:
    """After `--max-outage` it is exit 6, with the last known state; looks were at most 5 s apart."""
    looks = started.transport = Troubled(started, Fault("drop", count=999, path="status"), after=5)
    done = started.types("calc", "watch", "21", "--max-outage", "2m", *form)
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
def test_what_is_no_outage_ends_at_once(started: User, fault: Fault, code: int) -> None:
    """401, 403, 500 and a whole answer that is no status end at the first, with the last known state."""
    looks = started.transport = Troubled(started, fault)
    done = started.types("calc", "watch", "21", "-F", "ndjson")
    assert (done.code, events(done)[-1]["exit_code"]) == (code, code)
    assert "outage" not in {event["event"] for event in events(done)}
    assert looks.times[-1] - looks.times[2] < 2
    assert "last known state: " in done.err


def test_a_404_ends_at_once(started: User) -> None:
    """A 404 ends at the first, and is not the run's failure."""
    started.transport = Troubled(started, Fault("status", count=9, path="status", status=404))
    done = started.types("calc", "watch", "21", "-F", "ndjson")
    assert done.code in {5, 7}
    assert "ended FAILED" not in done.err


def test_a_stalled_run_is_told_once(user: User) -> None:
    """Study 26, which stays RUNNING for ever, is one `stalled` event, and the watching goes on to its time."""
    user.types("calc", "run", "26", "--detach")
    done = user.types("calc", "watch", "26", "--stall-warning", "5m", "--timeout", "1h", "-F", "ndjson")
    [stalled] = [event for event in events(done) if event["event"] == "stalled"]
    assert {"event", "time", "study", "status", "still_s"} == stalled.keys()
    assert stalled["still_s"] >= 300
    assert (done.code, events(done)[-1]["status"]) == (124, "RUNNING")


def test_a_stalled_run_is_one_line_of_a_pipe(user: User) -> None:
    """A pipe has one line about a stall, as a question, and never an end of the run."""
    user.types("calc", "run", "26", "--detach")
    lines = user.types("calc", "watch", "26", "--timeout", "1h").out.splitlines()
    [stalled] = [line for line in lines if "may be dead" in line]
    assert "RUNNING" in stalled
    assert not any("FAILED" in line for line in lines)


def test_a_pipe_has_a_heartbeat_at_most_once_a_minute(user: User) -> None:
    """Where nothing changes a pipe gets about a line a minute, no line twice, and no escape code."""
    user.types("calc", "run", "26", "--detach")
    lines = user.types("calc", "watch", "26", "--timeout", "1h", "--stall-warning", "2h").out.splitlines()
    beats = [line for line in lines if "still" in line]
    minutes = [int(line[14:16]) * 60 + int(line[17:19]) for line in beats]
    assert 45 <= len(beats) <= 60
    assert all((b - a) % 3600 >= 60 for a, b in itertools.pairwise(minutes))
    assert len(set(lines)) == len(lines)
    assert "\x1b" not in "".join(lines)


def test_quiet_prints_nothing_but_errors(user: User) -> None:
    """`--quiet` prints nothing for a good end, and one error for another."""
    done = user.types("calc", "run", "21", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    failed = user.types("calc", "run", "22", "--quiet")
    assert (failed.code, failed.out, failed.err.count("error:")) == (3, "", 1)
