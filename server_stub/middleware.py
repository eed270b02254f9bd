"""Faults and the list of requests, between the socket and the app."""

import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from server_stub.disconnect import await_disconnect
from server_stub.faults import DROP_UPDATE, GONE, ConnectionDropped, Fault
from server_stub.values import Value
from server_stub.world import Request, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The key of the world in the environment of a request.
WORLD = "server_stub.world"
SLOW_SECONDS = 1.0
HANG_SECONDS = 120.0
# The application never sends them, only a proxy in front of it.
_OF_A_PROXY = (408, 413, 429, 502, 503, 504)
_PHRASES = {int(status): status.phrase for status in HTTPStatus}
_Headers: TypeAlias = list[tuple[str, str]]
_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class Answer:
    """A complete answer of the app, before it is sent."""

    def __init__(self, app: "WSGIApplication", environ: "WSGIEnvironment") -> None:
        self.status = "500 Internal Server Error"
        self.headers: _Headers = []
        parts = app(environ, self._start)
        try:
            self.body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _start(self, status: str, headers: _Headers, _exc_info: _ExcInfo = None, /) -> Value:
        self.status, self.headers = status, headers
        return lambda _data: None


class FaultyApp:
    """The app behind a faulty network."""

    def __init__(self, app: "WSGIApplication", world: World) -> None:
        self._app = app
        self._world = world

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, with a fault if one is armed for it."""
        environ[WORLD] = self._world
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        # The routes that control the stub have no faults, and are not in the list of requests.
        if not path.startswith("/api"):
            return self._app(environ, start_response)
        fault = self._world.faults.take(method, path)
        try:
            status, headers, body = self._answer(environ, fault)
        except ConnectionDropped:
            self._record(environ, 0)
            raise
        self._record(environ, int(status.split(" ", 1)[0]))
        start_response(status, headers)
        return body

    def _answer(self, environ: "WSGIEnvironment", fault: Fault | None) -> tuple[str, _Headers, Iterable[bytes]]:
        if fault is not None:
            early = self._before(environ, fault)
            if early is not None:
                return early
        answer = Answer(self._app, environ)
        if GONE in environ or (fault is not None and fault.kind == "drop"):
            raise ConnectionDropped
        if fault is not None and fault.kind == "status":
            return _fault_answer(fault)
        if fault is not None and fault.kind == "cut":
            return answer.status, answer.headers, _first_half(answer.body)
        return answer.status, answer.headers, [answer.body]

    def _before(self, environ: "WSGIEnvironment", fault: Fault) -> tuple[str, _Headers, Iterable[bytes]] | None:
        """Apply a fault before the request takes effect, or instead of the request."""
        if fault.kind == "slow":
            self._world.clock.sleep(SLOW_SECONDS if fault.seconds is None else fault.seconds)
        elif fault.kind == "hang":
            await_disconnect(environ, HANG_SECONDS if fault.seconds is None else fault.seconds)
            raise ConnectionDropped
        elif fault.kind == "drop_update":
            environ[DROP_UPDATE] = True
        elif fault.kind == "body" or (fault.kind == "status" and fault.when == "before"):
            return _fault_answer(fault)
        elif fault.kind == "drop" and fault.when == "before":
            raise ConnectionDropped
        return None

    def _record(self, environ: "WSGIEnvironment", status: int) -> None:
        headers = {
            key.removeprefix("HTTP_").replace("_", "-").title(): str(value)
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        }
        received = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, status)
        with self._world.lock:
            self._world.requests.append(received)


def _first_half(body: bytes) -> Iterator[bytes]:
    """Send half of the promised bytes. The server then closes the connection."""
    yield body[: len(body) // 2]


def _fault_answer(fault: Fault) -> tuple[str, _Headers, Iterable[bytes]]:
    """Answer in place of the app: with the body of the fault, an error of the app, or the page of a proxy."""
    status = 200 if fault.kind == "body" else fault.status
    phrase = _PHRASES.get(status, "Unknown")
    is_of_app = fault.body is None and status not in _OF_A_PROXY
    content_type = fault.content_type or ("application/json" if is_of_app else "text/html")
    error = {"statusCode": status, "name": phrase, "description": "A fault of the stub"}
    page = f"<html><head><title>{status} {phrase}</title></head><body><h1>{status} {phrase}</h1></body></html>"
    body = fault.body if fault.body is not None else json.dumps(error) if is_of_app else page
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body.encode()))), *fault.headers.items()]
    return f"{status} {phrase}", headers, [body.encode()]
