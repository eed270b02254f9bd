"""The session: reads that are repeated, writes that are sent once, a key that goes to one origin only."""

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
    """Time that only sleeping and answers move."""

    seconds: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Return seconds."""
        return self.seconds

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Network:
    """A network that answers from a list, the last answer for ever, and notes what was sent."""

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
    """Return a fresh success."""
    return httpx.Response(200, json={"a": 1})


def busy(status: int = 503, **headers: str) -> httpx.Response:
    """Return a fresh failure of a proxy."""
    return httpx.Response(
        status, text="<html>busy</html>", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def fault(status: int, description: str) -> httpx.Response:
    """Return a fresh error answer of the application."""
    return httpx.Response(status, json={"statusCode": status, "name": "x", "description": description})


def redirect(status: int, location: str) -> httpx.Response:
    """Return a fresh redirect."""
    return httpx.Response(status, headers={"Location": location})


class Broken(httpx.SyncByteStream):
    """A body that ends with an error after its first piece."""

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


def test_a_read_is_joined_to_the_hosts_path() -> None:
    """A host with a path is kept in front of the route, and the answer's headers are lower-case."""
    network = Network([httpx.Response(200, json={}, headers={"X-One": "1"})])
    reply = network.session().read("GET", "/api/v0/study-case/21/30")
    assert isinstance(reply, Reply)
    assert network.addresses == ["GET https://corp.example/sostrades/api/v0/study-case/21/30"]
    assert reply.headers["x-one"] == "1"


def test_a_read_is_repeated_with_growing_waits() -> None:
    """A read meets a busy server three times and succeeds at the fourth; each wait is longer, and is told."""
    network = Network([busy(), busy(502), busy(504), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}
    assert len(network.sent) == 4
    assert network.clock.slept == sorted(network.clock.slept)
    assert 0.3 <= network.clock.slept[0] <= 0.5
    assert sum(network.clock.slept) < 15
    assert len(network.notes) == 3
    assert f" {network.clock.slept[0]:.1f} s" in network.notes[0]


def test_a_read_gives_up() -> None:
    """A server that stays busy is asked four times; then its last answer is the error."""
    network = Network([busy()])
    error = read_error(network)
    assert type(error) is ServerFault
    assert exit_code_of(error) == 7
    assert len(network.sent) == 4


def test_a_post_that_only_reads_is_repeated() -> None:
    """A download is a POST that changes nothing: it is repeated, with its body."""
    network = Network([busy(), ok()])
    network.session().read("POST", "/api/v0/x", json={"parameter_key": "a.b"})
    assert [request.content for request in network.sent] == [b'{"parameter_key":"a.b"}'] * 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 415, 500])
def test_a_lasting_error_is_not_asked_again(status: int) -> None:
    """An answer that will not change is not asked for again."""
    network = Network([lambda _: fault(status, "no")])
    session = network.session(forms=(KEY,))
    with pytest.raises(SostradesError):
        session.read("GET", "/api/v0/x")
    assert len(network.sent) == 1


def test_retry_after_in_seconds_is_kept() -> None:
    """The wait that the server asks for is the wait."""
    network = Network([busy(429, Retry_After="17"), ok()])
    network.session().read("GET", "/api/v0/x")
    assert network.clock.slept == [17.0]


def test_retry_after_as_a_date_is_kept() -> None:
    """A date is counted from the clock that the session was given, to the second."""
    network = Network([])
    later = format_datetime(network.clock.now() + timedelta(seconds=17), usegmt=True)
    network.answers = [busy(503, Retry_After=later), ok()]
    network.session().read("GET", "/api/v0/x")
    assert network.clock.slept == [pytest.approx(17.0, abs=1.0)]


@pytest.mark.parametrize(("seconds", "requests"), [("60", 2), ("61", 1), ("86400", 1)])
def test_a_wait_of_more_than_a_minute_is_no_wait(seconds: str, requests: int) -> None:
    """A server that asks for more than 60 s is reported at once."""
    network = Network([busy(503, Retry_After=seconds), ok()])
    try:
        network.session().read("GET", "/api/v0/x")
    except ServerFault:
        assert network.clock.slept == []
    assert len(network.sent) == requests


def test_a_cut_body_is_read_again() -> None:
    """A read whose body was cut is asked for again, whole."""
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    network = Network([httpx.Response(200, stream=Broken(cut)), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}


def test_an_accepted_status_is_an_answer() -> None:
    """A status that the caller names is returned, not raised."""
    network = Network([httpx.Response(416)])
    assert network.session().read("GET", "/api/v0/x", accept=frozenset({416})).status == 416


def test_a_stream_is_opened_again_and_its_body_is_not() -> None:
    """What fails before the body is repeated; a body that breaks is an error, since part of it is used already."""
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


def test_a_stream_with_an_error_answer_is_that_error() -> None:
    """A stream's error answer is read and understood."""
    network = Network([fault(403, "You do not have the necessary rights to access this study case")])
    with pytest.raises(SostradesError) as raised, network.session().stream("GET", "/api/v0/x", study=25):
        pass
    assert exit_code_of(raised.value) == 4


# Writes


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_write_is_sent_once(status: int) -> None:
    """A write is never repeated, whatever the answer, and a 5xx says that only reading back can tell."""
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
def test_a_write_without_an_answer_is_lost(broken: Exception) -> None:
    """A write whose connection broke after it was sent may have been carried out: it is not sent again."""
    network = Network([broken])
    error = write_error(network)
    assert error.answer_lost
    assert len(network.sent) == 1


def test_a_write_with_a_cut_answer_is_lost() -> None:
    """A write whose answer was cut was carried out perhaps: once, and said so."""
    cut = httpx.RemoteProtocolError("peer closed connection without sending complete message body")
    network = Network([httpx.Response(200, stream=Broken(cut))])
    assert write_error(network).answer_lost
    assert len(network.sent) == 1


@pytest.mark.parametrize("refused", [httpx.ConnectError("refused"), httpx.ConnectTimeout("late")])
def test_a_write_that_was_never_sent_is_not_lost(refused: Exception) -> None:
    """Without a connection nothing was sent."""
    network = Network([refused])
    error = write_error(network)
    assert not error.answer_lost
    assert exit_code_of(error) == 6


# Answers that are not the whole


def part(status: int, **headers: str) -> httpx.Response:
    """Return a fresh success with half a document, which is JSON itself."""
    return httpx.Response(status, json={"a": 1}, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("status", [202, 204, 205, 206, 207, 226])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_success_without_the_whole_is_no_answer(method: str, status: int) -> None:
    """A part that nobody asked for, or a success without a body, is exit 7, for what is kept and what is passed on."""
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
def test_a_whole_answer_is_one_whoever_passed_it_on(status: int) -> None:
    """What a proxy has rewritten, which it says by 203, is whole."""
    assert Network([part(status)]).session().read("GET", "/api/v0/x").json() == {"a": 1}


def test_a_page_or_a_raw_answer_may_be_empty_and_never_a_part() -> None:
    """Who asks for whatever comes gets 204 and 202, and no part either."""
    for status in (202, 204):
        with Network([part(status)]).session().stream("GET", "/x", study=None, page=True) as (_, chunks):
            assert b"".join(chunks) == b'{"a":1}'
    with pytest.raises(UnusableAnswer), Network([part(206)]).session().stream("GET", "/x", study=None, page=True):
        pass


@pytest.mark.parametrize("page", [False, True])
def test_a_change_may_be_answered_with_nothing_and_not_with_a_part(*, page: bool) -> None:
    """A change whose answer is a part of one may have been made: it is lost. 204 is an answer."""
    assert Network([httpx.Response(204)]).session().write("/api/v0/x", json={}, page=page).status == 204
    with pytest.raises(UnusableAnswer) as raised:
        Network([part(206)]).session().write("/api/v0/x", json={}, page=page)
    assert raised.value.answer_lost


@pytest.mark.parametrize(
    "status",
    [304, 302, 300],
)
def test_redirect_without_an_address_is_an_unusable_answer(status: int) -> None:
    """The hint does not suggest another address; for a change the answer is lost."""
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
def test_what_is_no_http_is_a_fault_of_the_server(text: str) -> None:
    """It is exit 7 with its reason and what to look at, asked for once, before a body or within; a change is lost."""
    for answer in (
        httpx.RemoteProtocolError(text),
        httpx.Response(200, stream=Broken(httpx.RemoteProtocolError(text))),
    ):
        network = Network([answer])
        error = read_error(network)
        assert (error.kind, error.detail, len(network.sent)) == ("server_fault", text, 1)
        assert error.hint
    assert write_error(Network([httpx.RemoteProtocolError(text)])).answer_lost


def test_a_server_that_goes_without_an_answer_is_not_reached() -> None:
    """A connection that ends before an answer is exit 6, and asked for again."""
    network = Network([httpx.RemoteProtocolError("Server disconnected without sending a response."), ok()])
    assert network.session().read("GET", "/api/v0/x").json() == {"a": 1}
    gone = Network([httpx.RemoteProtocolError("Server disconnected without sending a response.")])
    assert exit_code_of(read_error(gone)) == 6


def test_what_is_no_http_does_not_tell_the_key() -> None:
    """The reason may repeat what came: the key in it is hidden, and what is long is cut."""
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
def test_cut_and_undecodable_answers_have_a_hint(error: httpx.HTTPError) -> None:
    assert read_error(Network([httpx.Response(200, stream=Broken(error)) for _ in range(ATTEMPTS)])).hint


# Redirects


def test_a_read_follows_a_redirect_within_the_origin() -> None:
    """GET and HEAD follow a redirect to the same scheme, host and port, with the key."""
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
def test_another_origin_is_refused(status: int, location: str) -> None:
    """A redirect to another origin is exit 7, names it, and the key never goes there."""
    network = Network([redirect(status, location)])
    error = read_error(network)
    assert type(error) is RedirectRefused
    assert exit_code_of(error) == 7
    assert location in error.message
    assert [request.url.host for request in network.sent] == ["corp.example"]


def test_a_second_hop_to_another_origin_is_refused() -> None:
    """The origin is looked at on every hop."""
    network = Network([redirect(302, "/a"), redirect(302, "https://evil.example/x")])
    assert type(read_error(network)) is RedirectRefused
    assert [request.url.host for request in network.sent] == ["corp.example", "corp.example"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_write_follows_no_redirect(status: int) -> None:
    """A write is not sent again to another address, not even on the same origin."""
    network = Network([redirect(status, "/sostrades/api/v0/y")])
    assert type(write_error(network)) is RedirectRefused
    assert len(network.sent) == 1


@pytest.mark.parametrize("status", [302, 307])
def test_a_reading_post_follows_no_redirect(status: int) -> None:
    """Of reads only GET and HEAD follow a redirect."""
    network = Network([redirect(status, "/sostrades/api/v0/y")])
    with pytest.raises(RedirectRefused):
        network.session().read("POST", "/api/v0/x", json={})
    assert len(network.sent) == 1


def test_redirects_in_a_circle_end() -> None:
    """A circle of redirects is an unusable answer after a few of them."""
    network = Network([lambda _: redirect(302, "/again")])
    assert type(read_error(network)) is UnusableAnswer
    assert len(network.sent) <= 6


@pytest.mark.parametrize("location", ["http://[", "https://corp.example:99999/x", "ftp://corp.example/", "mailto:a@b"])
def test_a_redirect_to_nonsense_is_refused(location: str) -> None:
    """An address that is none is a fault of the server, not a bug of the tool, and not asked for again."""
    network = Network([lambda _: redirect(302, location)])
    error = read_error(network)
    assert exit_code_of(error) == 7
    assert "--host" not in str(error.hint)
    assert len(network.sent) == 1


# The key


def test_the_other_form_is_tried_once_and_remembered() -> None:
    """After a 401 the base64 form is sent, once, and from then on it is the form."""

    def old_server(request: httpx.Request) -> httpx.Response:
        return ok() if request.headers["Authorization"] == f"Bearer {BASE64}" else fault(401, "Invalid API key format")

    network = Network([old_server])
    session = network.session()
    session.read("GET", "/api/v0/x")
    assert session.accepted_form == BASE64
    session.write("/api/v0/x", json={})
    session.read("GET", "/api/v0/y")
    assert network.keys == [f"Bearer {KEY}", *[f"Bearer {BASE64}"] * 3]


def test_a_write_with_the_other_form_carries_its_body() -> None:
    """The second form of the key goes with the same body, files included."""

    def old_server(request: httpx.Request) -> httpx.Response:
        return ok() if request.headers["Authorization"] == f"Bearer {BASE64}" else fault(401, "Invalid API key format")

    network = Network([old_server])
    network.session().write("/api/v0/x", json={"a": 1})
    assert [request.content for request in network.sent] == [b'{"a":1}'] * 2


def test_a_rejected_key_is_tried_in_both_forms_only() -> None:
    """A key that the server does not know costs two requests, and exit 4."""
    network = Network([lambda _: fault(401, "Invalid api-key")])
    error = read_error(network)
    assert type(error) is KeyRejected
    assert network.keys == [f"Bearer {KEY}", f"Bearer {BASE64}"]
    assert network.session().accepted_form is None


def test_a_key_that_was_accepted_is_not_tried_in_another_form() -> None:
    """Once a form was taken, a later 401 is a rejection."""
    network = Network([ok(), fault(401, "Invalid api-key")])
    session = network.session()
    session.read("GET", "/api/v0/x")
    with pytest.raises(KeyRejected):
        session.read("GET", "/api/v0/x")
    assert network.keys == [f"Bearer {KEY}"] * 2


def test_no_form_no_header() -> None:
    """A session without a key sends none."""
    network = Network([ok()])
    network.session(forms=()).read("GET", "/api/ping")
    assert network.keys == [None]


def test_cookies_are_not_kept() -> None:
    """A cookie that the server sets, which carries a name and an e-mail, is never sent back."""
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
def test_no_error_holds_the_key(answer: Answer) -> None:
    """Neither the text nor the parts of an error, nor a note or a trace, hold the key in any form."""
    network = Network([answer])
    error = read_error(network)
    parts = [str(error), repr(error), repr(vars(error)), *network.notes, *network.traces]
    assert not any(KEY in part or BASE64 in part for part in parts)


def test_no_repr_holds_the_key() -> None:
    """The values that carry the key do not show it."""
    connection = Connection(HOST, (KEY, BASE64))
    session = Network([ok()]).session()
    for shown in (repr(connection), repr(session), str(session)):
        assert KEY not in shown
        assert BASE64 not in shown


# What httpx raises


def every_httpx_error() -> list[Exception]:
    """Return one of each error that httpx can raise while it sends."""
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
def test_no_httpx_error_escapes(error: Exception) -> None:
    """Whatever httpx raises while sending or reading becomes one of our errors, exit 6 or 7."""
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
def test_a_path_that_is_no_address_is_wrong_usage(path: str) -> None:
    """A path that cannot be put into a URL is exit 2, and nothing is sent."""
    network = Network([ok()])
    with pytest.raises(SostradesError) as raised:
        network.session().read("GET", path)
    assert exit_code_of(raised.value) == 2
    assert network.sent == []


def test_a_value_that_is_no_text_is_wrong_usage() -> None:
    """A lone surrogate, which a command line can carry, is exit 2, and nothing is sent."""
    network = Network([ok()])
    with pytest.raises(SostradesError) as raised:
        network.session().write("/api/v0/x", json=["\udcff"])
    assert exit_code_of(raised.value) == 2
    assert network.sent == []


def test_a_body_that_does_not_decode_is_a_fault_of_the_server() -> None:
    """A body that claims gzip and is not is exit 7."""
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
def test_an_address_that_never_answers_is_given_up_soon(error: Exception, cost_s: float) -> None:
    """On first contact an unreachable server is reported in under 5 s, exit 6."""
    network = Network([error], cost_s=cost_s)
    began = network.clock.monotonic()
    found = read_error(network)
    assert type(found) is Unreachable
    assert exit_code_of(found) == 6
    assert network.clock.monotonic() - began < 5


@pytest.mark.parametrize("cost_s", [0.0, 0.3, 0.6, 0.9, 1.5, 2.0, 3.0, 3.9])
def test_a_slow_refusal_is_given_up_soon(cost_s: float) -> None:
    """However long a refusal takes up to the limit of a connection, first contact ends in under 5 s."""
    network = Network([httpx.ConnectError("refused")], cost_s=cost_s)
    began = network.clock.monotonic()
    read_error(network)
    assert network.clock.monotonic() - began < 5


def test_a_server_that_was_there_is_waited_for() -> None:
    """After a first answer a refused connection is an outage: it is asked again up to four times."""
    network = Network([ok(), httpx.ConnectError("refused")])
    session = network.session()
    session.read("GET", "/api/v0/x")
    with pytest.raises(Unreachable):
        session.read("GET", "/api/v0/x")
    assert len(network.sent) == 5


def test_a_certificate_is_named() -> None:
    """A certificate that is not trusted is said to be that, with the variable that helps, and is asked for once."""
    network = Network([httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")])
    error = read_error(network)
    assert "certificate" in error.message
    assert "SOSTRADES_CA_BUNDLE" in str(error.hint)
    assert len(network.sent) == 1


def test_requests_are_traced() -> None:
    """Every request leaves a line with its status and the time it took."""
    network = Network([ok()], cost_s=0.5)
    network.session().read("GET", "/api/v0/x")
    assert network.traces == ["GET /api/v0/x -> 200 in 0.50 s"]


def test_the_users_read_timeout_beats_the_routes() -> None:
    """`--read-timeout` replaces a route's own limit; connecting keeps its own."""
    network = Network([ok()])
    connection = Connection(HOST, (KEY,), read_timeout_s=7.0, transport=httpx.MockTransport(network.answer))
    Session(connection, network.clock, network.notes.append).read("GET", "/x", read_timeout_s=300.0)
    network.session().read("GET", "/x", read_timeout_s=300.0)
    assert [request.extensions["timeout"]["read"] for request in network.sent] == [7.0, 300.0]
    assert {request.extensions["timeout"]["connect"] for request in network.sent} == {4.0}


def test_an_unknown_study_is_not_found() -> None:
    """The server's 403 for an unknown study becomes exit 5, for reads and for writes."""
    text = "InvalidStudy(This study case doesn't exist.)"
    assert type(read_error(Network([lambda _: fault(403, text)]))) is NoStudy
    assert type(write_error(Network([lambda _: fault(403, text)]))) is NoStudy


def test_a_refusal_has_the_servers_words() -> None:
    """A refused request carries the status and the useful text."""
    error = read_error(Network([fault(400, "No files or parameters found in request.")]))
    assert type(error) is Refused
    assert error.server is not None
    assert (error.server.status, error.server.description) == (400, "No files or parameters found in request.")
