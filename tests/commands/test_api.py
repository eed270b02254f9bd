"""`sostrades api`, and what every request has in common: retries, redirects, addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

STATUS = "/api/v0/calculation/status/21"
DOWNLOAD = "/api/v0/study-case/21/parameter/download"
GAMMA = '{"parameter_key": "dice.Macro.gamma"}'


@pytest.mark.parametrize("server", SERVERS)
def test_a_get_prints_the_body_as_it_is(user_of: Callable[..., User], server: str) -> None:
    """The body of the answer is on standard output, nothing else, and standard error is empty."""
    done = user_of(server).types("api", "GET", STATUS)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["study_case_id"] == 21
    assert not done.out.endswith("\n\n")


def test_the_method_may_be_written_small(user: User) -> None:
    """`get` is GET."""
    assert user.types("api", "get", STATUS).code == 0
    assert user.requests == [f"GET {STATUS}"]


def test_a_body_comes_from_the_line_a_file_or_standard_input(user: User) -> None:
    """`--data` takes a text, `@FILE` or `@-`, and sends it as JSON unless said otherwise."""
    file = user.folder / "body.json"
    file.write_text(GAMMA)
    for data, stdin in ((GAMMA, b""), (f"@{file}", b""), ("@-", GAMMA.encode())):
        assert user.types("api", "POST", DOWNLOAD, "--data", data, stdin=stdin).out == "value\n0.3\n"
    assert {request.headers["Content-Type"] for request in user.world.requests} == {"application/json"}


def test_another_content_type_is_sent(user: User) -> None:
    """`--content-type` is what the server sees, here to its dislike."""
    done = user.types("api", "POST", DOWNLOAD, "--data", GAMMA, "--content-type", "text/plain")
    assert done.code == 8
    assert user.world.requests[0].headers["Content-Type"] == "text/plain"


def test_the_result_can_go_to_a_file(user: User) -> None:
    """`-o FILE` holds the exact body; an existing file is exit 2 without a request."""
    target = user.folder / "status.json"
    assert user.types("api", "GET", STATUS, "-o", str(target)).code == 0
    assert json.loads(target.read_text())["study_case_id"] == 21
    user.world.requests.clear()
    assert user.types("api", "GET", STATUS, "-o", str(target)).code == 2
    assert user.requests == []


@pytest.mark.parametrize(
    "path", ["api/v0/calculation/status/21", "//evil.example/x", "http://evil.example/", "", "@evil.example"]
)
def test_a_path_is_a_path(user: User, path: str) -> None:
    """What is no path on the server is exit 2, and nothing is sent anywhere."""
    user.transport = trap = _Trap(user)
    assert user.types("api", "GET", path).code == 2
    assert trap.hosts == set()


def test_a_missing_file_or_method_is_exit_2(user: User) -> None:
    """A body file that is not there, a method that is none and a format are exit 2 without a request."""
    for arguments in (("POST", STATUS, "--data", "@missing"), ("BREW", STATUS), ("GET", STATUS, "-F", "csv")):
        assert user.types("api", *arguments).code == 2
    assert user.requests == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v0/nothing/here", 7),
        ("/api/v0/calculation/status/99999", 5),
        ("/api/v0/calculation/status/25", 4),
        ("/api/v0/study-case/21/0", 8),
    ],
)
def test_errors_have_their_exit_codes(user: User, path: str, code: int) -> None:
    """An answer that is no success is an error with the server's words, and standard output stays empty."""
    done = user.types("api", "GET", path)
    assert (done.code, done.out) == (code, "")
    assert "the server:" in done.err


def test_an_error_never_speaks_of_study_none(user: User) -> None:
    """A raw request has no study: the error of a refused execute does not invent one called None."""
    user.types("calc", "run", "21", "--detach")
    done = user.types("api", "POST", "/api/v0/calculation/execute/21")
    assert done.code == 8
    assert "None" not in done.err


# Retries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_repeated_with_every_wait_shown(user: User, status: int) -> None:
    """A GET that fails for a moment is repeated; each wait is a line on standard error, the result is unharmed."""
    user.world.faults.arm(Fault("status", count=2, status=status))
    done = user.types("api", "GET", STATUS)
    assert done.code == 0
    assert done.err.count("retrying in") == 2
    assert json.loads(done.out)["study_case_id"] == 21
    assert len(user.requests) == 3


@pytest.mark.parametrize("kind", ["drop", "hang"])
def test_a_closed_connection_is_repeated(user: User, kind: str) -> None:
    """A connection that breaks before the answer is tried again."""
    user.world.faults.arm(Fault(kind, count=2))
    assert user.types("api", "GET", STATUS).code == 0
    assert len(user.requests) == 3


def test_a_broken_body_in_a_file_is_repeated_or_refused(user: User) -> None:
    """A body that is cut never becomes a file."""
    user.world.faults.arm(Fault("cut", count=99))
    target = user.folder / "t.json"
    assert user.types("api", "GET", STATUS, "-o", str(target)).code in {6, 7}
    assert list(user.folder.glob("*t.json*")) == []


def test_other_server_errors_are_not_repeated(user: User) -> None:
    """A 500 is no moment of weakness: exit 7 after one request."""
    user.world.faults.arm(Fault("status", status=500))
    assert user.types("api", "GET", STATUS).code == 7
    assert len(user.requests) == 1


def test_waits_grow(user: User) -> None:
    """The waits between repetitions become longer, and end within a minute."""
    user.world.faults.arm(Fault("status", count=99, status=503))
    began = user.world.clock.now()
    done = user.types("api", "GET", STATUS)
    waits = [float(line.split(" in ")[1].split()[0]) for line in done.err.splitlines() if "retrying" in line]
    assert (done.code, done.out) == (7, "")
    assert len(waits) >= 2
    assert waits == sorted(waits)
    assert user.world.clock.now() - began < 60


@pytest.mark.parametrize(
    "fault",
    [
        Fault("drop"),
        Fault("drop", when="after"),
        Fault("cut"),
        Fault("status", status=503),
        Fault("status", status=429, headers={"Retry-After": "1"}),
    ],
    ids=["drop", "drop-after", "cut", "503", "429"],
)
def test_a_post_is_sent_once(user: User, fault: Fault) -> None:
    """A raw POST may change something: it is never repeated."""
    user.world.faults.arm(fault)
    body = '{"variableId": "dice.Macro.gamma", "newValue": 1.0, "unit": "-"}'
    done = user.types("api", "POST", "/api/v0/study-case/21/parameters", "--data", body)
    assert done.code in {6, 7}
    assert len(user.requests) == 1


def test_retry_after_as_a_date_is_honoured(user: User) -> None:
    """A Retry-After that lies in the past means at once."""
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    user.world.faults.arm(Fault("status", status=503, headers={"Retry-After": date}))
    began = user.world.clock.now()
    assert user.types("api", "GET", STATUS).code == 0
    assert user.world.clock.now() - began < 0.5


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", "٣", ""])
def test_a_retry_after_that_is_none_does_no_harm(user: User, value: str) -> None:
    """A Retry-After that cannot be read is as if it were not there."""
    fault = Fault("status", status=503, headers={"Retry-After": value} if value.isascii() else {})
    user.world.faults.arm(fault)
    began = user.world.clock.now()
    assert user.types("api", "GET", STATUS).code == 0
    assert user.world.clock.now() - began < 5


def test_a_host_that_never_answers_is_told_soon(user: User) -> None:
    """An address where nobody listens is exit 6 in under 5 s, with the address and something to try."""
    user.transport = _Trap(user, error=httpx.ConnectError("[Errno 111] Connection refused"))
    began = user.world.clock.now()
    done = user.types("study", "load", "21")
    assert (done.code, done.out) == (6, "")
    assert user.world.clock.now() - began < 5
    assert "http://127.0.0.1:5004" in done.err
    assert "try:" in done.err


# Redirects ----------------------------------------------------------------------------------------------

EVERY_COMMAND = [
    ("study", "load", "21"),
    ("study", "url", "21"),
    ("study", "logs", "21"),
    ("study", "copy", "21", "x"),
    ("param", "list", "21"),
    ("param", "get", "21", "dice.Macro.gamma"),
    ("param", "download", "21", "dice.Macro.gamma"),
    ("param", "set", "21", "dice.Macro.gamma=1"),
    ("calc", "run", "21"),
    ("calc", "status", "21"),
    ("calc", "watch", "21"),
    ("postproc", "load", "21"),
    ("postproc", "html", "21", "-o", "-"),
    ("auth", "login"),
    ("api", "GET", STATUS),
    ("api", "POST", STATUS),
]


@pytest.mark.parametrize("arguments", EVERY_COMMAND, ids=" ".join)
@pytest.mark.parametrize(
    "target", ["https://evil.example/login", "http://127.0.0.1:9999/api", "https://127.0.0.1:5004/x"]
)
def test_a_redirect_to_another_origin_is_never_followed(user: User, arguments: tuple[str, ...], target: str) -> None:
    """Another scheme, host or port is never asked: exit 7 that names it, and nothing on standard output."""
    user.transport = trap = _Trap(user, answer=httpx.Response(302, headers={"Location": target}))
    done = user.types(*arguments, secret=user.world.key)
    assert (done.code, done.out) == (7, "")
    assert target in done.err
    assert trap.hosts == {"http://127.0.0.1:5004"}
    assert user.keyring.stored == {}


@pytest.mark.parametrize("arguments", EVERY_COMMAND[:-2], ids=" ".join)
def test_a_login_page_is_exit_7_for_every_command(user: User, arguments: tuple[str, ...]) -> None:
    """A proxy's login page, HTML with 200, is exit 7 for all but a raw request, and not on standard output."""
    page = httpx.Response(200, html="<html><body><h1>Please log in</h1></body></html>")
    user.transport = _Trap(user, answer=page)
    done = user.types(*arguments, secret=user.world.key)
    assert (done.code, done.out) == (7, "")
    assert user.keyring.stored == {}


def test_a_redirect_within_the_origin_is_followed_for_reads(user: User) -> None:
    """The server corrects a doubled slash with a 308: a read goes there, with the key."""
    done = user.types("api", "GET", "/api/v0//calculation/status/21")
    assert done.code == 0
    assert json.loads(done.out)["study_case_id"] == 21


def test_a_redirect_of_a_write_is_not_followed(user: User) -> None:
    """A change is not sent a second time to where a redirect points."""
    user.transport = trap = _Trap(user, answer=httpx.Response(307, headers={"Location": "/elsewhere"}))
    assert user.types("api", "POST", STATUS, "--data", "{}").code == 7
    assert trap.count == 1


def test_redirects_in_a_circle_end(user: User) -> None:
    """A redirect onto itself is exit 7 after a few requests."""
    user.transport = trap = _Trap(user, answer=httpx.Response(302, headers={"Location": STATUS}))
    assert user.types("api", "GET", STATUS).code == 7
    assert trap.count < 20


# Streams ------------------------------------------------------------------------------------------------


def test_control_characters_are_visible_on_a_terminal_only(user: User) -> None:
    """A body with escape codes is shown on a terminal and exact in a pipe."""
    for tty, expected in ((True, "\\x1b]0;owned\\x07\n"), (False, "\x1b]0;owned\x07\n")):
        user.world.faults.arm(Fault("body", body="\x1b]0;owned\x07\n"))
        assert user.types("api", "GET", STATUS, tty=tty).out == expected


def test_verbose_shows_requests_on_standard_error(user: User) -> None:
    """`-v` shows each request with its status, and the result stays alone on standard output."""
    done = user.types("api", "GET", STATUS, "-v")
    assert f"GET {STATUS} -> 200" in done.err
    assert json.loads(done.out)["study_case_id"] == 21


def test_an_address_with_a_path_is_kept(user: User) -> None:
    """`/api/v0/...` is joined to the path of the address."""
    user.transport = trap = _Trap(user, answer=httpx.Response(200, json={}))
    assert user.types("api", "GET", STATUS, "--host", "https://corp.example/sostrades/").code == 0
    assert trap.urls == [f"https://corp.example/sostrades{STATUS}"]


class _Trap(httpx.BaseTransport):
    """A network that notes where requests go, and gives one answer to all, or an error, or that of the stub."""

    def __init__(
        self, user: User, *, answer: httpx.Response | None = None, error: httpx.TransportError | None = None
    ) -> None:
        self._inner = StubTransport(user.world)
        self._answer = answer
        self._error = error
        self.urls: list[str] = []

    @property
    def hosts(self) -> set[str]:
        """Return the origins that were asked."""
        return {"/".join(url.split("/")[:3]) for url in self.urls}

    @property
    def count(self) -> int:
        """Return the number of requests."""
        return len(self.urls)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Note and answer."""
        request.read()
        self.urls.append(str(request.url))
        if self._error is not None:
            raise self._error
        if self._answer is None:
            return self._inner.handle_request(request)
        return httpx.Response(self._answer.status_code, headers=self._answer.headers, content=self._answer.content)
