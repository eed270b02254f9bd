"""Test the session: reads are retried, writes are sent once, and the key is sent to one origin only."""

from __future__ import annotations

import base64
import inspect
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeAlias

import httpx
import pytest

from sostrades_cli.api.http.retry import ATTEMPTS
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.protocol import Reply
from sostrades_cli.errors import (
    KeyRejected,
    NoStudy,
    RedirectRefused,
    Refused,
    ServerFault,
    SostradesError,
    Unreachable,
    UnusableAnswer,
)
from sostrades_cli.exit_codes import exit_code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "https://corp.example/sostrades"
KEY = "0123456789abcdef0123456789abcdef"
BASE64 = base64.b64encode(KEY.encode()).decode()
Answer: TypeAlias = httpx.Response | Exception


@dataclass
class FakeClock:
    """A clock that only sleeping and answers advance."""

    seconds: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Return seconds."""
        return self.seconds

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Network:
    """A network that answers from a list, whose last answer repeats, and records the requests."""

    answers: list[Answer | Callable[[httpx.Request], httpx.Response]]
    clock: FakeClock = field(default_factory=FakeClock)
    cost_s: float = 0.0
    sent: list[httpx.Request] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        request.read()
        self.sent.append(request)
        # The header is changed in place for the other form of the key.
        self.keys.append(request.headers.get("Authorization"))
        self.clock.seconds += self.cost_s
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def session(self, host: str = HOST, forms: tuple[str, ...] = (KEY, BASE64)) -> Session:
        """Open a session over this network."""
        connection = Connection(host, forms, transport=httpx.MockTransport(self.answer))
        return Session(connection, self.clock, self.notes.append, self.traces.append)

    @property
    def addresses(self) -> list[str]:
        """Return the requests as `METHOD URL`."""
        return [f"{request.method} {request.url}" for request in self.sent]


def ok() -> httpx.Response:
    """Return a success."""
    return httpx.Response(200, json={"a": 1})


def busy(status: int = 503, **headers: str) -> httpx.Response:
    """Return an error of a proxy."""
    return httpx.Response(
        status, text="<html>busy</html>", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def fault(status: int, description: str) -> httpx.Response:
    """Return an error of the application."""
    return httpx.Response(status, json={"statusCode": status, "name": "x", "description": description})


def redirect(status: int, location: str) -> httpx.Response:
    """Return a redirect."""
    return httpx.Response(status, headers={"Location": location})


class Broken(httpx.SyncByteStream):
    """A body that fails after its first chunk."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"a": '
        raise self._error


def read_error(network: Network) -> SostradesError:
    """Read once and return the error."""
    with pytest.raises(SostradesError) as raised:
        network.session().read("GET", "/api/v0/x", study=21)
    return raised.value


def write_error(network: Network) -> SostradesError:
    """Write once and return the error."""
    with pytest.raises(SostradesError) as raised:
        network.session().write("/api/v0/x", study=21, json={"a": 1})
    return raised.value


# Reads


def test_read_is_joined_to_the_path_of_the_host() -> None:
    network = Network([httpx.Response(200, json={}, headers={"X-One": "1"})])
    reply = network.session().read("GET", "/api/v0/study-case/21/30")
    assert isinstance(reply, Reply)
    assert network.addresses == ["GET https://corp.example/sostrades/api/v0/study-case/21/30"]
    assert reply.headers["x-one"] == "1"


def test_read_is_retried_with_growing_waits() -> None:
    network = Network([busy(), busy(502), busy(504), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}
    assert len(network.sent) == 4
    assert network.clock.slept == sorted(network.clock.slept)
    assert 0.3 <= network.clock.slept[0] <= 0.5
    assert sum(network.clock.slept) < 15
    assert len(network.notes) == 3
    assert f" {network.clock.slept[0]:.1f} s" in network.notes[0]


def test_read_gives_up_after_four_attempts() -> None:
    network = Network([busy()])
    error = read_error(network)
    assert type(error) is ServerFault
    assert exit_code_of(error) == 7
    assert len(network.sent) == 4


def test_reading_post_is_retried() -> None:
    network = Network([busy(), ok()])
    network.session().read("POST", "/api/v0/x", json={"parameter_key": "a.b"})
    assert [request.content for request in network.sent] == [b'{"parameter_key":"a.b"}'] * 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 415, 500])
def test_permanent_error_is_not_retried(status: int) -> None:
    network = Network([lambda _: fault(status, "no")])
    session = network.session(forms=(KEY,))
    with pytest.raises(SostradesError):
        session.read("GET", "/api/v0/x")
    assert len(network.sent) == 1


def test_retry_after_in_seconds_is_respected() -> None:
    network = Network([busy(429, Retry_After="17"), ok()])
    network.session().read("GET", "/api/v0/x")
    assert network.clock.slept == [17.0]


def test_retry_after_as_a_date_is_respected() -> None:
    network = Network([])
    later = format_datetime(network.clock.now() + timedelta(seconds=17), usegmt=True)
    network.answers = [busy(503, Retry_After=later), ok()]
    network.session().read("GET", "/api/v0/x")
    assert network.clock.slept == [pytest.approx(17.0, abs=1.0)]


@pytest.mark.parametrize(("seconds", "requests"), [("60", 2), ("61", 1), ("86400", 1)])
def test_retry_after_of_more_than_a_minute_is_an_error(seconds: str, requests: int) -> None:
    network = Network([busy(503, Retry_After=seconds), ok()])
    try:
        network.session().read("GET", "/api/v0/x")
    except ServerFault:
        assert network.clock.slept == []
    assert len(network.sent) == requests


def test_truncated_body_is_read_again() -> None:
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    network = Network([httpx.Response(200, stream=Broken(cut)), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}


def test_accepted_status_is_returned() -> None:
    network = Network([httpx.Response(416)])
    assert network.session().read("GET", "/api/v0/x", accept=frozenset({416})).status == 416


def test_stream_is_reopened_only_before_its_body() -> None:
    """A part of the body may be used already."""
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    network = Network([busy(), httpx.Response(200, stream=Broken(cut))])
    pieces: list[bytes] = []
    with (
        pytest.raises(ServerFault) as raised,
        network.session().stream("GET", "/api/v0/x", study=21) as (_, chunks),
    ):
        pieces += chunks
    assert b"".join(pieces) in {b"", b'{"a": '}
    assert raised.value.transient
    assert len(network.sent) == 2


def test_stream_with_an_error_status_is_that_error() -> None:
    network = Network([fault(403, "You do not have the necessary rights to access this study case")])
    with pytest.raises(SostradesError) as raised, network.session().stream("GET", "/api/v0/x", study=25):
        pass
    assert exit_code_of(raised.value) == 4


# Writes


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_write_is_sent_once(status: int) -> None:
    network = Network([lambda _: busy(status, Retry_After="1")])
    error = write_error(network)
    assert len(network.sent) == 1
    assert network.clock.slept == []
    assert error.answer_lost is (status >= 500)


@pytest.mark.parametrize(
    "broken",
    [httpx.ReadTimeout("late"), httpx.ReadError("reset"), httpx.WriteError("reset"), httpx.RemoteProtocolError("gone")],
    ids=lambda e: type(e).__name__,
)
def test_write_without_an_answer_is_lost(broken: Exception) -> None:
    network = Network([broken])
    error = write_error(network)
    assert error.answer_lost
    assert len(network.sent) == 1


def test_write_with_a_truncated_answer_is_lost() -> None:
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    network = Network([httpx.Response(200, stream=Broken(cut))])
    assert write_error(network).answer_lost
    assert len(network.sent) == 1


@pytest.mark.parametrize("refused", [httpx.ConnectError("refused"), httpx.ConnectTimeout("late")])
def test_write_that_was_never_sent_is_not_lost(refused: Exception) -> None:
    network = Network([refused])
    error = write_error(network)
    assert not error.answer_lost
    assert exit_code_of(error) == 6


# Answers that are not the whole


def part(status: int, **headers: str) -> httpx.Response:
    """Return a partial success whose half document is valid JSON."""
    return httpx.Response(status, json={"a": 1}, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("status", [202, 204, 205, 206, 207, 226])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_incomplete_success_is_an_invalid_answer(method: str, status: int) -> None:
    network = Network([lambda _: part(status, Content_Range="bytes 0-7/16")])
    with pytest.raises(UnusableAnswer, match=str(status)) as raised:
        network.session().read(method, "/api/v0/x")
    assert raised.value.hint is not None
    with (
        pytest.raises(UnusableAnswer, match=str(status)),
        network.session().stream(method, "/api/v0/x", study=21),
    ):
        pass
    assert len(network.sent) == 2


@pytest.mark.parametrize("status", [200, 203])
def test_answer_rewritten_by_a_proxy_is_complete(status: int) -> None:
    """A proxy marks it with 203."""
    assert Network([part(status)]).session().read("GET", "/api/v0/x").json() == {"a": 1}


def test_raw_answer_may_be_empty_but_not_partial() -> None:
    for status in (202, 204):
        with Network([part(status)]).session().stream("GET", "/x", study=None, page=True) as (_, chunks):
            assert b"".join(chunks) == b'{"a":1}'
    with pytest.raises(UnusableAnswer), Network([part(206)]).session().stream("GET", "/x", study=None, page=True):
        pass


@pytest.mark.parametrize("page", [False, True])
def test_answer_to_a_write_may_be_empty_but_not_partial(*, page: bool) -> None:
    """A partial answer counts as lost."""
    assert Network([httpx.Response(204)]).session().write("/api/v0/x", json={}, page=page).status == 204
    with pytest.raises(UnusableAnswer) as raised:
        Network([part(206)]).session().write("/api/v0/x", json={}, page=page)
    assert raised.value.answer_lost


@pytest.mark.parametrize(
    "status",
    [304, 302, 300],
)
def test_redirect_without_an_address_is_an_invalid_answer(status: int) -> None:
    """The answer to a change is lost."""
    answer = httpx.Response(status)
    error = read_error(Network([answer]))
    assert (error.kind, str(status) in error.message) == ("unusable_answer", True)
    assert "--host" not in str(error.hint)
    assert write_error(Network([answer])).answer_lost


# Answers that are no HTTP

NO_HTTP = [
    "bad Content-Length",
    "illegal chunk header: bytearray(b'zz')",
    "it begins with 'SSH-2.0-Open'",
    "InformationalResponse status_code should be in range [100, 200), not 0",
    "Receive buffer too long",
    "Invalid URL in location header: Invalid port: 'x'.",
]


@pytest.mark.parametrize("text", NO_HTTP)
def test_invalid_http_is_a_server_fault(text: str) -> None:
    for answer in (
        httpx.RemoteProtocolError(text),
        httpx.Response(200, stream=Broken(httpx.RemoteProtocolError(text))),
    ):
        network = Network([answer])
        error = read_error(network)
        assert (error.kind, error.detail, len(network.sent)) == ("server_fault", text, 1)
        assert error.hint
    assert write_error(Network([httpx.RemoteProtocolError(text)])).answer_lost


def test_connection_closed_before_the_answer_is_exit_6_after_retries() -> None:
    network = Network([httpx.RemoteProtocolError("Server disconnected without sending a response."), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}
    gone = Network([httpx.RemoteProtocolError("Server disconnected without sending a response.")])
    assert exit_code_of(read_error(gone)) == 6


def test_key_in_invalid_http_is_redacted() -> None:
    error = read_error(Network([httpx.RemoteProtocolError(f"illegal status line: {KEY} {'x' * 100_000}")]))
    assert KEY not in str(error.detail)
    assert len(str(error.detail)) < 1000


@pytest.mark.parametrize(
    "error",
    [
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        httpx.DecodingError("Error -3 while decompressing data: incorrect header check"),
    ],
)
def test_truncated_and_undecodable_answers_have_a_hint(error: httpx.HTTPError) -> None:
    assert read_error(Network([httpx.Response(200, stream=Broken(error)) for _ in range(ATTEMPTS)])).hint


# Redirects


def test_read_follows_a_redirect_within_the_origin() -> None:
    for method in ("GET", "HEAD"):
        network = Network([redirect(308, "/sostrades/api/v0/y"), httpx.Response(200)])
        assert network.session().read(method, "/api/v0/x").status == 200
        assert network.addresses[1] == f"{method} https://corp.example/sostrades/api/v0/y"
        assert network.keys == [f"Bearer {KEY}"] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["https://evil.example/x", "http://corp.example/x", "https://corp.example:8443/x", "//evil.example/x"],
)
def test_redirect_to_another_origin_is_rejected(status: int, location: str) -> None:
    network = Network([redirect(status, location)])
    error = read_error(network)
    assert type(error) is RedirectRefused
    assert exit_code_of(error) == 7
    assert location in error.message
    assert [request.url.host for request in network.sent] == ["corp.example"]


def test_second_redirect_to_another_origin_is_rejected() -> None:
    network = Network([redirect(302, "/a"), redirect(302, "https://evil.example/x")])
    assert type(read_error(network)) is RedirectRefused
    assert [request.url.host for request in network.sent] == ["corp.example", "corp.example"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_write_does_not_follow_a_redirect(status: int) -> None:
    network = Network([redirect(status, "/sostrades/api/v0/y")])
    assert type(write_error(network)) is RedirectRefused
    assert len(network.sent) == 1


@pytest.mark.parametrize("status", [302, 307])
def test_reading_post_does_not_follow_a_redirect(status: int) -> None:
    network = Network([redirect(status, "/sostrades/api/v0/y")])
    with pytest.raises(RedirectRefused):
        network.session().read("POST", "/api/v0/x", json={})
    assert len(network.sent) == 1


def test_redirect_loop_is_an_invalid_answer() -> None:
    network = Network([lambda _: redirect(302, "/again")])
    assert type(read_error(network)) is UnusableAnswer
    assert len(network.sent) <= 6


@pytest.mark.parametrize("location", ["http://[", "https://corp.example:99999/x", "ftp://corp.example/", "mailto:a@b"])
def test_redirect_to_an_invalid_address_is_a_server_fault(location: str) -> None:
    network = Network([lambda _: redirect(302, location)])
    error = read_error(network)
    assert exit_code_of(error) == 7
    assert "--host" not in str(error.hint)
    assert len(network.sent) == 1


# The key


def test_other_key_form_is_tried_once_and_kept() -> None:
    def old_server(request: httpx.Request) -> httpx.Response:
        return ok() if request.headers["Authorization"] == f"Bearer {BASE64}" else fault(401, "Invalid API key format")

    network = Network([old_server])
    session = network.session()
    session.read("GET", "/api/v0/x")
    assert session.accepted_form == BASE64
    session.write("/api/v0/x", json={})
    session.read("GET", "/api/v0/y")
    assert network.keys == [f"Bearer {KEY}", *[f"Bearer {BASE64}"] * 3]


def test_write_with_the_other_key_form_has_its_body() -> None:
    def old_server(request: httpx.Request) -> httpx.Response:
        return ok() if request.headers["Authorization"] == f"Bearer {BASE64}" else fault(401, "Invalid API key format")

    network = Network([old_server])
    network.session().write("/api/v0/x", json={"a": 1})
    assert [request.content for request in network.sent] == [b'{"a":1}'] * 2


def test_rejected_key_is_tried_in_both_forms_only() -> None:
    network = Network([lambda _: fault(401, "Invalid api-key")])
    error = read_error(network)
    assert type(error) is KeyRejected
    assert network.keys == [f"Bearer {KEY}", f"Bearer {BASE64}"]
    assert network.session().accepted_form is None


def test_accepted_key_form_is_not_changed_later() -> None:
    network = Network([ok(), fault(401, "Invalid api-key")])
    session = network.session()
    session.read("GET", "/api/v0/x")
    with pytest.raises(KeyRejected):
        session.read("GET", "/api/v0/x")
    assert network.keys == [f"Bearer {KEY}"] * 2


def test_session_without_a_key_sends_no_authorization() -> None:
    network = Network([ok()])
    network.session(forms=()).read("GET", "/api/ping")
    assert network.keys == [None]


def test_cookies_are_not_kept() -> None:
    """They contain a name and an e-mail address."""
    network = Network([lambda _: httpx.Response(200, json={}, headers={"Set-Cookie": "session=anna; Path=/"})])
    session = network.session()
    for _ in range(2):
        session.read("GET", "/api/v0/x")
    assert [request.headers.get("Cookie") for request in network.sent] == [None, None]


@pytest.mark.parametrize(
    "answer",
    [
        fault(401, "Invalid api-key"),
        redirect(302, "https://evil.example/x"),
        busy(500),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        httpx.DecodingError("bad gzip"),
        httpx.InvalidURL("bad"),
    ],
    ids=lambda a: type(a).__name__ if isinstance(a, Exception) else str(a.status_code),
)
def test_errors_do_not_contain_the_key(answer: Answer) -> None:
    network = Network([answer])
    error = read_error(network)
    parts = [str(error), repr(error), repr(vars(error)), *network.notes, *network.traces]
    assert not any(KEY in part or BASE64 in part for part in parts)


def test_reprs_do_not_contain_the_key() -> None:
    connection = Connection(HOST, (KEY, BASE64))
    session = Network([ok()]).session()
    for shown in (repr(connection), repr(session), str(session)):
        assert KEY not in shown
        assert BASE64 not in shown


# What httpx raises


def every_httpx_error() -> list[Exception]:
    """Return one of each error that httpx can raise while sending."""
    request = httpx.Request("GET", HOST)
    kinds = [k for k in vars(httpx).values() if inspect.isclass(k) and issubclass(k, httpx.HTTPError)]
    made: list[Exception] = [
        k("broken", request=request, response=httpx.Response(500, request=request))
        if issubclass(k, httpx.HTTPStatusError)
        else k("broken")
        for k in kinds
    ]
    return [*made, httpx.InvalidURL("broken")]


@pytest.mark.parametrize("error", every_httpx_error(), ids=lambda e: type(e).__name__)
def test_every_httpx_error_is_converted(error: Exception) -> None:
    assert exit_code_of(read_error(Network([error]))) in {6, 7}
    assert exit_code_of(write_error(Network([error]))) in {6, 7}
    assert exit_code_of(read_error(Network([lambda _: httpx.Response(200, stream=Broken(error))]))) in {6, 7}
    with (
        pytest.raises(SostradesError),
        Network([lambda _: httpx.Response(200, stream=Broken(error))]).session().stream("GET", "/x", study=21) as (
            _,
            chunks,
        ),
    ):
        list(chunks)


@pytest.mark.parametrize("path", ["/api/v0/\x00", "/api/v0/\n", "/api/v0/\udcff", "/" + "x" * 70_000], ids=range(4))
def test_invalid_path_is_a_usage_error(path: str) -> None:
    network = Network([ok()])
    with pytest.raises(SostradesError) as raised:
        network.session().read("GET", path)
    assert exit_code_of(raised.value) == 2
    assert network.sent == []


def test_unencodable_value_is_a_usage_error() -> None:
    """A command line can contain a lone surrogate."""
    network = Network([ok()])
    with pytest.raises(SostradesError) as raised:
        network.session().write("/api/v0/x", json=["\udcff"])
    assert exit_code_of(raised.value) == 2
    assert network.sent == []


def test_undecodable_body_is_a_server_fault() -> None:
    network = Network([lambda _: httpx.Response(200, content=b"no gzip", headers={"Content-Encoding": "gzip"})])
    assert exit_code_of(read_error(network)) == 7


@pytest.mark.parametrize(
    ("error", "cost_s"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), 0.0),
        (httpx.ConnectError("[Errno -2] Name or service not known"), 1.0),
        (httpx.ConnectTimeout("timed out"), 4.0),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), 0.1),
        (httpx.ProxyError("407"), 0.1),
    ],
    ids=["refused", "no name", "silence", "certificate", "proxy"],
)
def test_unreachable_address_fails_within_5_seconds(error: Exception, cost_s: float) -> None:
    network = Network([error], cost_s=cost_s)
    began = network.clock.monotonic()
    result = read_error(network)
    assert type(result) is Unreachable
    assert exit_code_of(result) == 6
    assert network.clock.monotonic() - began < 5


@pytest.mark.parametrize("cost_s", [0.0, 0.3, 0.6, 0.9, 1.5, 2.0, 3.0, 3.9])
def test_slow_refusal_fails_within_5_seconds(cost_s: float) -> None:
    network = Network([httpx.ConnectError("refused")], cost_s=cost_s)
    began = network.clock.monotonic()
    read_error(network)
    assert network.clock.monotonic() - began < 5


def test_known_server_is_retried() -> None:
    network = Network([ok(), httpx.ConnectError("refused")])
    session = network.session()
    session.read("GET", "/api/v0/x")
    with pytest.raises(Unreachable):
        session.read("GET", "/api/v0/x")
    assert len(network.sent) == 5


def test_untrusted_certificate_is_reported_with_its_variable() -> None:
    network = Network([httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")])
    error = read_error(network)
    assert "certificate" in error.message
    assert "SOSTRADES_CA_BUNDLE" in str(error.hint)
    assert len(network.sent) == 1


def test_requests_are_traced() -> None:
    network = Network([ok()], cost_s=0.5)
    network.session().read("GET", "/api/v0/x")
    assert network.traces == ["GET /api/v0/x -> 200 in 0.50 s"]


def test_read_timeout_option_overrides_that_of_the_route() -> None:
    """The connect timeout is unchanged."""
    network = Network([ok()])
    connection = Connection(HOST, (KEY,), read_timeout_s=7.0, transport=httpx.MockTransport(network.answer))
    Session(connection, network.clock, network.notes.append).read("GET", "/x", read_timeout_s=300.0)
    network.session().read("GET", "/x", read_timeout_s=300.0)
    assert [request.extensions["timeout"]["read"] for request in network.sent] == [7.0, 300.0]
    assert {request.extensions["timeout"]["connect"] for request in network.sent} == {4.0}


def test_unknown_study_is_not_found() -> None:
    text = "InvalidStudy(This study case doesn't exist.)"
    assert type(read_error(Network([lambda _: fault(403, text)]))) is NoStudy
    assert type(write_error(Network([lambda _: fault(403, text)]))) is NoStudy


def test_refusal_contains_the_text_of_the_server() -> None:
    error = read_error(Network([fault(400, "No files or parameters found in request.")]))
    assert type(error) is Refused
    assert error.server is not None
    assert (error.server.status, error.server.description) == (400, "No files or parameters found in request.")
