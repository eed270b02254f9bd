"""Define the kinds of faults: what a network or server does to one request."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Final

import httpx
from faults.exchange import Exchange, Kind, NeverEndsError, Pieces, Play, body_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


MB: Final = 1_000_000
HUGE: Final = 100_000
# Python's own reader of JSON follows this, and little that works on what it has read.
DEEP: Final = 800
GARBAGE_BYTES: Final = 20 * MB
# A drip that nobody stops: after so many pieces the client is taken for one that never gives up.
FOR_EVER: Final = 5000
CUT: Final = "peer closed connection without sending complete message body (received 7 bytes, expected 14)"


def raising(error: type[httpx.TransportError], text: str, *, done: bool = False) -> Play:
    """Break the connection, before or after the request is executed."""

    def play(exchange: Exchange) -> httpx.Response:
        if done:
            exchange.answer()
        raise error(text)

    return play


def silent(*, done: bool = False) -> Play:
    """Answer nothing until the client times out."""

    def play(exchange: Exchange) -> httpx.Response:
        if done:
            exchange.answer()
        exchange.clock.sleep(exchange.limit_s)
        raise httpx.ReadTimeout("The read operation timed out")

    return play


def cut(share: float) -> Play:
    """End the connection inside the body, or after it if more was promised."""

    def play(exchange: Exchange) -> httpx.Response:
        good = exchange.answer()
        body = body_of(good)

        def pieces() -> Iterator[bytes]:
            yield body[: int(len(body) * share)]
            raise httpx.RemoteProtocolError(CUT)

        return httpx.Response(good.status_code, headers=good.headers, stream=Pieces(pieces, exchange))

    return play


def part(exchange: Exchange) -> httpx.Response:
    """Answer half of the body with 206 and a range."""
    good = exchange.answer()
    body = body_of(good)
    half = body[: len(body) // 2]
    headers = {
        "content-type": good.headers.get("content-type", ""),
        "content-range": f"bytes 0-{len(half)}/{len(body)}",
    }
    return httpx.Response(206, headers=headers, stream=httpx.ByteStream(half))


def short(exchange: Exchange) -> httpx.Response:
    """Promise half of the body, so that the rest is never read."""
    good = exchange.answer()
    body = body_of(good)
    headers = {**good.headers, "content-length": str(len(body) // 2)}
    return httpx.Response(good.status_code, headers=headers, stream=httpx.ByteStream(body[: len(body) // 2]))


def drip(exchange: Exchange) -> httpx.Response:
    """Send a byte now and then, forever."""
    good = exchange.answer()
    body = body_of(good)

    def pieces() -> Iterator[bytes]:
        for at in range(FOR_EVER):
            exchange.clock.sleep(exchange.limit_s / 3)
            yield body[at : at + 1] or b" "
        raise NeverEndsError("a drip was listened to for ever")

    return httpx.Response(good.status_code, headers=good.headers, stream=Pieces(pieces, exchange))


def status(code: int, kind: str = "html", *, done: bool = False, words: str = "", **headers: str) -> Play:
    """Answer an error as a proxy or as the application does. Both repeat the key."""

    def play(exchange: Exchange) -> httpx.Response:
        if done:
            exchange.answer()
        # The key stands where a text that is cut short would be cut within it.
        description = words or f"{'no way ' * 70}{exchange.token}"
        own = json.dumps({"statusCode": code, "name": "Error", "description": description})
        body = own if kind == "json" else f"<html><h1>{code}</h1>{exchange.token}</html>"
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        if more.get("Retry-After") == "date":
            more["Retry-After"] = format_datetime(_in(exchange.clock.now(), 7), usegmt=True)
        return httpx.Response(code, headers={"content-type": _TYPES[kind], **more}, stream=_stream(body.encode()))

    return play


def redirect(where: str) -> Play:
    """Redirect the client. `{}` is its own address."""

    def play(exchange: Exchange) -> httpx.Response:
        to = where.format(exchange.request.url, token=exchange.token)
        return httpx.Response(307, headers={"location": to, "content-type": "text/html"}, stream=_stream(b"moved"))

    return play


def saying(body: bytes, kind: str = "json") -> Play:
    """Answer 200 with another body."""
    return lambda exchange: httpx.Response(200, headers={"content-type": _TYPES[kind]}, stream=_stream(body))


def garbage(exchange: Exchange) -> httpx.Response:
    """Answer 200 and 20 MB of garbage. Larger floods need their own process."""
    block = b"x" * 65536

    def pieces() -> Iterator[bytes]:
        for _ in range(GARBAGE_BYTES // len(block)):
            yield block

    return httpx.Response(200, headers={"content-type": "application/octet-stream"}, stream=Pieces(pieces, exchange))


def edited(edit: Callable[[bytes], bytes]) -> Play:
    """Execute the request, and edit its answer if that is a JSON object. Otherwise answer an invalid object."""

    def play(exchange: Exchange) -> httpx.Response:
        good = exchange.answer()
        body = body_of(good)
        spoilt = edit(body.strip()) if body.lstrip()[:1] == b"{" else edit(b'{"a": 1}')
        headers = {"content-type": good.headers.get("content-type", "application/json")}
        return httpx.Response(good.status_code, headers=headers, stream=_stream(spoilt))

    return play


@cache
def _bomb_body() -> bytes:
    return gzip.compress(b'{"a": "' + b"a" * (100 * MB), 6)


def bomb(exchange: Exchange) -> httpx.Response:
    """Execute the request, and answer a small body that decompresses to a large one."""
    good = exchange.answer()
    headers = {"content-type": good.headers.get("content-type", "application/json"), "content-encoding": "gzip"}
    return httpx.Response(200, headers=headers, stream=Pieces(lambda: iter([_bomb_body()]), exchange))


def _again(body: bytes) -> bytes:
    """Repeat the first key of an object with another value."""
    first = next(iter(json.loads(body)), "a")
    return body[:-1] + b"," + json.dumps(first).encode() + b": null}" if len(body) > 2 else b'{"a": 1, "a": 2}'


def _with_huge_key(body: bytes) -> bytes:
    return b'{"' + b"k" * HUGE + b'": 1, ' + body[1:] if len(body) > 2 else b'{"' + b"k" * HUGE + b'": 1}'


def _with_deep_key(body: bytes) -> bytes:
    return b'{"deep": ' + b"[" * DEEP + b"]" * DEEP + (b", " if len(body) > 2 else b"") + body[1:]


def _stream(body: bytes) -> httpx.ByteStream:
    return httpx.ByteStream(body)


def _in(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


_TYPES: Final = {"html": "text/html", "json": "application/json"}
_UNTRUSTED: Final = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {}"
_CONNECT: Final = httpx.ConnectError
_RIGHTS: Final = "You do not have the necessary rights to access this study case"
KINDS: Final = (
    Kind("refused", "connect", raising(_CONNECT, "[Errno 111] Connection refused")),
    Kind("no such name", "connect", raising(_CONNECT, "[Errno -2] Name or service not known")),
    Kind("untrusted", "TLS", raising(_CONNECT, _UNTRUSTED.format("self-signed certificate"))),
    Kind("expired", "TLS", raising(_CONNECT, _UNTRUSTED.format("certificate has expired"))),
    Kind("wrong name", "TLS", raising(_CONNECT, _UNTRUSTED.format("Hostname mismatch"))),
    Kind("reset before", "reset", raising(httpx.WriteError, "[Errno 104] Connection reset by peer")),
    Kind(
        "reset during", "reset", raising(httpx.RemoteProtocolError, "Server disconnected without sending a response.")
    ),
    Kind(
        "reset after", "reset", raising(httpx.ReadError, "[Errno 104] Connection reset by peer", done=True), done=True
    ),
    Kind("cut body", "cut", cut(0.5), done=True),
    Kind("length too long", "cut", cut(1.0), done=True),
    Kind("length too short", "cut", short, done=True),
    Kind("a part", "cut", part, done=True),
    Kind("silence", "silence", silent()),
    Kind("silence after", "silence", silent(done=True), done=True),
    Kind("drip", "drip", drip, done=True),
    Kind("no HTTP", "no HTTP", raising(httpx.RemoteProtocolError, "bad Content-Length")),
    Kind(
        "no HTTP after",
        "no HTTP",
        raising(httpx.RemoteProtocolError, "illegal status line: bytearray(b'SSH-2.0-OpenSSH_9.2')", done=True),
        done=True,
    ),
    Kind("401", "401 403", status(401, "json")),
    Kind("401 of a proxy", "401 403", status(401)),
    Kind("403", "401 403", status(403, "json", words=_RIGHTS)),
    Kind("403 of a proxy", "401 403", status(403)),
    Kind("404", "404", status(404, "json")),
    Kind("404 of a proxy", "404", status(404)),
    Kind("408", "408 429", status(408)),
    Kind("413", "413 415", status(413)),
    Kind("415", "413 415", status(415, "json")),
    Kind("429 seconds", "408 429", status(429, Retry_After="7")),
    Kind("429 date", "408 429", status(429, Retry_After="date")),
    Kind("429 a day", "408 429", status(429, Retry_After="86400")),
    Kind("500", "5xx", status(500)),
    Kind("500 after", "5xx", status(500, done=True), done=True),
    Kind("500 in JSON", "5xx", status(500, "json")),
    Kind("502", "5xx", status(502)),
    Kind("503", "5xx", status(503)),
    Kind("503 after", "5xx", status(503, done=True), done=True),
    Kind("redirect", "redirect", redirect("{}")),
    Kind("304", "redirect", status(304)),
    Kind("redirect away", "redirect", redirect("https://evil.example/?{token}")),
    Kind("[]", "wrong JSON", saying(b"[]")),
    Kind("{}", "wrong JSON", saying(b"{}")),
    Kind("null", "wrong JSON", saying(b"null")),
    Kind("a number", "wrong JSON", saying(b"17.5")),
    Kind("a text", "wrong JSON", saying(b'"text"')),
    Kind("other keys", "wrong JSON", saying(b'{"a": [1, {"b": null}], "c": {"d": 1}}')),
    Kind("a key twice", "wrong JSON", edited(_again), done=True),
    Kind("a huge key", "wrong JSON", edited(_with_huge_key), done=True),
    Kind("a deep key", "wrong JSON", edited(_with_deep_key), done=True),
    Kind("brackets", "no JSON", saying(b"[" * HUGE)),
    Kind("HTML", "no JSON", saying(b"<html>please log in</html>", "html")),
    Kind("no UTF-8", "no JSON", saying(b'{"a\xff\xfe": "\x80"}')),
    Kind("garbage", "no JSON", garbage),
    Kind("bomb", "bomb", bomb, done=True),
)
COLUMNS: Final = tuple(dict.fromkeys(kind.column for kind in KINDS))
