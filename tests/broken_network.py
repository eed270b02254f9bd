"""A network that breaks, or a process that dies, at one request."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from conftest import StubTransport, User

UPDATE = "/parameters"


class KilledError(BaseException):
    """The death of a process. No code may catch it."""


@dataclass
class BreakingNetwork(httpx.BaseTransport):
    """A stub behind a client that ends at one request and, if `twice`, at each later change.

    `path` is the end of the address, `number` counts its requests. A killed client sends nothing more.
    """

    user: User
    error: type[BaseException]
    path: str | tuple[str, ...]
    number: int
    after: bool = False
    twice: bool = False

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        dead = self.error is KilledError and self.number <= 0
        again = dead or (self.twice and self.number <= 0 and request.url.path.endswith(UPDATE))
        self.number -= request.url.path.endswith(self.path)
        now = request.url.path.endswith(self.path) and self.number == 0
        if (now and not self.after) or again:
            raise self.error
        response = self._stub.handle_request(request)
        if now:
            raise self.error
        return response


@dataclass
class DownServer(httpx.BaseTransport):
    """A stub that goes down at one request, and is restarted after some seconds.

    `kills_runs` says that the processes of runs end with it.
    """

    user: User
    path: str
    number: int
    seconds: float
    after: bool = False
    kills_runs: bool = False
    until: float | None = None

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does, or refuse the connection."""
        now = self.user.world.clock.now()
        if self.until is not None and now < self.until:
            raise httpx.ConnectError("connection refused", request=request)
        if self.until is None and request.url.path.endswith(self.path):
            self.number -= 1
            if self.number == 0:
                response = self._stub.handle_request(request) if self.after else None
                self.until = now + self.seconds
                self.user.world.restart(kills_runs=self.kills_runs)
                if response is not None:
                    return response
                raise httpx.ConnectError("connection refused", request=request)
        return self._stub.handle_request(request)
