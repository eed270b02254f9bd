"""Define a network with one fault. It forwards requests to the stub and applies the fault to the selected ones."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx
from conftest import HOST, StubTransport, WorldClock
from faults.exchange import Exchange

if TYPE_CHECKING:
    from faults.exchange import Kind

    from server_stub.world import World

READING_POST: Final = "/parameter/download"


class Step(NamedTuple):
    """A request of a command: the n-th to its route, from 0."""

    method: str
    route: str
    nth: int

    @property
    def is_write(self) -> bool:
        """Return whether the request changes something. A download is a POST that only reads."""
        return self.method == "POST" and not self.route.endswith(READING_POST)


# How long a fault lasts: for one request, for a route from then on, or for all of the server from then on.
ONCE, ROUTE, SERVER = "once", "route", "server"


@dataclass
class Faulty(httpx.BaseTransport):
    """The stub behind a network. Without a ``kind`` there is no fault."""

    world: World
    kind: Kind | None = None
    step: Step | None = None
    lasting: str = ONCE
    steps: list[Step] = field(default_factory=list)
    writes: Counter[str] = field(default_factory=Counter)
    strangers: list[str] = field(default_factory=list)
    limits_s: list[float] = field(default_factory=list)
    hits: list[Exchange] = field(default_factory=list)
    hit_steps: list[Step] = field(default_factory=list)
    begun: bool = False
    types: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.world)
        self._lock = threading.Lock()
        self._count: Counter[tuple[str, str]] = Counter()

    def reset(self, kind: Kind | None) -> None:
        """Clear the recorded requests and activate a fault."""
        self.kind = kind
        self._count.clear()
        self.begun = False
        for noted in (self.steps, self.writes, self.limits_s):
            noted.clear()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or play the fault."""
        if not str(request.url).startswith(HOST):
            self.strangers.append(str(request.url))
            raise httpx.ConnectError("no such stranger")
        body = request.read()
        with self._lock:
            step = self._note(request, body)
            hit = self._is_hit(step)
        if self.kind is None or not hit or self._spares(step):
            return self._answered(request, step)
        exchange = Exchange(
            request,
            lambda: self._stub.handle_request(request),
            WorldClock(self.world.clock),  # type: ignore[arg-type]
        )
        self.hits.append(exchange)
        self.hit_steps.append(step)
        return self.kind.play(exchange)

    def _spares(self, step: Step) -> bool:
        """Return whether a fault of bodies or of JSON does not apply to a later request."""
        assert self.kind is not None
        is_json = self.types.get(step[:2], "application/json") == "application/json"
        return (self.kind.needs_body and step.method == "HEAD") or (self.kind.needs_json and not is_json)

    def _answered(self, request: httpx.Request, step: Step) -> httpx.Response:
        response = self._stub.handle_request(request)
        self.types.setdefault(step[:2], response.headers.get("content-type", "").split(";")[0])
        return response

    def _note(self, request: httpx.Request, body: bytes) -> Step:
        route = re.sub(r"\d+", "N", request.url.path)
        step = Step(request.method, route, self._count[request.method, route])
        self._count[request.method, route] += 1
        self.steps.append(step)
        self.limits_s.append(float(request.extensions["timeout"]["read"]))
        if step.is_write:
            # The boundary of a form is drawn anew for each.
            kind = request.headers.get("content-type", "")
            plain = body.replace(kind.partition("boundary=")[2].encode() or b"\0", b"")
            self.writes[f"{request.method} {request.url.path} {hashlib.sha256(plain).hexdigest()}"] += 1
        return step

    def _is_hit(self, step: Step) -> bool:
        if self.step is None:
            return False
        at_target = step == self.step
        self.begun = self.begun or at_target
        if self.lasting == ONCE:
            return at_target
        if self.lasting == ROUTE:
            return self.begun and step[:2] == self.step[:2]
        return self.begun
