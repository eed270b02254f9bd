"""Every recorded exchange with a real server, replayed in order against the stub."""

from functools import cache
from typing import Any

import pytest
from collected import failures
from replaying import body_of, check_body, check_headers, entries, route_of, routes, with_keys
from werkzeug.test import Client, TestResponse

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.worlds import build_world
from server_stub.worlds.people import KEYS

ENTRIES = entries("exchanges.jsonl")

# What the stub does not reproduce: name of the entry -> reason.
EXCEPTIONS: dict[str, str] = {}

# Five executes at once came before this one.
EXECUTED_BEFORE = "status-after-concurrent-exec"
# Seconds that passed after an entry when they matter; runs are given time to end, see _pause.
PAUSES = {
    "A-exec": 0.1,
    "A-exec-while-pending": 0.1,
    "A-status-after-second": 12.0,
    "B-exec": 17.0,
    "C-exec": 5.3,
    "C-load-while-running": 0.05,
    "C-readonly-while-running": 0.05,
    "C-params-while-running": 1.0,
    "C-status-after-params": 40.0,
    EXECUTED_BEFORE: 25.0,
    "rapid0-a": 0.032,
    "rapid0-b": 0.0,
}
A_RUN = 25.0
# Enough for an update or a load. Also after `race2-set`, whose value the real server gave at once: the stub
# holds it back for a tenth of a second on purpose, as nobody may build on it.
A_MOMENT = 1.2

# Requests that were made between two entries but not kept, as later answers show: before this name, study 2 was set so.
NOT_KEPT: dict[str, dict[str, Any]] = {
    "immediate-load": {
        "rich.Rich.f": 200.0,
        "rich.Rich.i": 103,
        "rich.Rich.s": "r3",
        **dict.fromkeys(("rich.Rich.s_enum", "rich.Rich.flag", "rich.Rich.lst", "rich.Rich.arr"), None),
        **dict.fromkeys(("rich.Rich.dct", "rich.Rich.df"), None),
    },
    "dl-df": {"rich.Rich.f": 202.0},
    "x-list-int-for-float": {"rich.Rich.f_range": None},
    "after-concurrent-params": {"rich.Rich.f": 16.0},
}


class Replay:
    """One server of the recordings, replayed from its first entry to its last."""

    def __init__(self, server: str) -> None:
        self.clock = ManualClock()
        app = create_app(build_world("recorded", server=server, clock=self.clock, ontology="off"))
        self.client = Client(app)
        self.etags: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self.answers: dict[str, TestResponse] = {}
        for entry in ENTRIES:
            if entry["server"] == server:
                self._step(entry)

    def _step(self, entry: dict[str, Any]) -> None:
        name = entry["name"]
        if name in NOT_KEPT:
            changes = [{"variableId": key, "newValue": value, "unit": "-"} for key, value in NOT_KEPT[name].items()]
            headers = {"Authorization": f"Bearer {KEYS['owner']}"}
            self.client.post("/api/v0/study-case/2/parameters", json=changes, headers=headers)
            self.clock.advance(A_MOMENT)
        if name == EXECUTED_BEFORE:
            self.client.post("/api/v0/calculation/execute/2", headers={"Authorization": f"Bearer {KEYS['owner']}"})
        answer = self._ask(entry["request"])
        self.answers[name] = answer
        started = "/execute/" in entry["request"]["path"] and answer.status_code == 200
        self.clock.advance(PAUSES.get(name, A_RUN if started else A_MOMENT))

    def _ask(self, request: dict[str, Any]) -> TestResponse:
        path = request["path"]
        headers = {name: self._header(name, value, path) for name, value in request["headers"].items()}
        answer = self.client.open(
            path, method=request["method"], headers=headers, data=body_of(request), base_url="http://localhost:5004"
        )
        if answer.status_code == 200 and "ETag" in answer.headers:
            self.etags[path] = answer.headers["ETag"]
            self.sizes[path] = answer.content_length or 0
        return answer

    def _header(self, name: str, value: str, path: str) -> str:
        if name == "Authorization":
            return with_keys(value)
        if name == "If-None-Match":
            return self.etags[path]
        if name == "Range" and value.endswith("-"):
            # Log texts of the recordings are invented: the same distance from the end.
            return f"bytes={self.sizes[path] - {'bytes=6005-': 40, 'bytes=6045-': 0}[value]}-"
        return value


@cache
def replay(server: str) -> Replay:
    """Replay a server once."""
    return Replay(server)


@pytest.mark.parametrize(("server", "route"), routes(ENTRIES))
def test_exchanges_are_answered_as_recorded(server: str, route: str) -> None:
    """The stub answers all recorded requests to a route like that server."""
    answered = [entry for entry in ENTRIES if entry["name"] not in EXCEPTIONS and route_of(entry) == (server, route)]
    assert failures(check_exchange, answered, lambda entry: str(entry["name"])) == []


def check_exchange(entry: dict[str, Any]) -> None:
    """Compare status, headers and text, or the shape of JSON, with the recorded ones."""
    answer = replay(entry["server"]).answers[entry["name"]]
    recorded = entry["response"]
    assert answer.status_code == recorded["status"], answer.text[:500]
    check_headers(answer, recorded["headers"])
    check_body(entry, answer, recorded)


def test_every_exception_belongs_to_a_recording() -> None:
    assert set(EXCEPTIONS) <= {entry["name"] for entry in ENTRIES}
