"""Test `sostrades api`, and retries, redirects and addresses, which all requests share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import SERVERS, StubTransport, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

STATUS = "/api/v0/calculation/status/21"
DOWNLOAD = "/api/v0/study-case/21/parameter/download"
GAMMA = '{"parameter_key": "dice.Macro.gamma"}'


@pytest.mark.parametrize("server", SERVERS)
def test_get_prints_the_exact_body_and_a_newline(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("api", "GET", STATUS)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["study_case_id"] == 21
    assert done.out.endswith("}\n")


def test_terminal_indents_json_and_shows_other_bodies_unchanged(user: User) -> None:
    done = user.types("api", "GET", STATUS, tty=True, NO_COLOR="1")
    assert done.out.startswith('{\n  "study_case_id": 21,\n')
    assert done.out.endswith("\n}\n")
    assert user.types("api", "POST", DOWNLOAD, "--data", GAMMA, tty=True).out == "value\n0.3\n"


def test_body_without_a_newline_gets_one_only_on_standard_output(user: User) -> None:
    body = '{"a":  1.50}'
    target = user.folder / "body.json"
    for words, tty in [((), False), (("-o", "-"), False), (("-o", str(target)), False), ((), True)]:
        user.world.faults.arm(Fault("body", path="status", body=body, content_type="application/json"))
        done = user.types("api", "GET", STATUS, *words, tty=tty, NO_COLOR="1")
        if str(target) in words:
            assert target.read_text() == body
        else:
            assert done.out == ('{\n  "a": 1.5\n}\n' if tty else f"{body}\n")


def test_empty_body_stays_empty(user: User) -> None:
    for tty in (True, False):
        assert user.types("api", "HEAD", STATUS, tty=tty).out == ""


def test_method_may_be_lower_case(user: User) -> None:
    assert user.types("api", "get", STATUS).code == 0
    assert user.requests == [f"GET {STATUS}"]


def test_body_is_read_from_argument_file_or_stdin(user: User) -> None:
    file = user.folder / "body.json"
    file.write_text(GAMMA)
    for data, stdin in ((GAMMA, b""), (f"@{file}", b""), ("@-", GAMMA.encode())):
        assert user.types("api", "POST", DOWNLOAD, "--data", data, stdin=stdin).out == "value\n0.3\n"
    assert {request.headers["Content-Type"] for request in user.world.requests} == {"application/json"}


def test_content_type_option_is_sent(user: User) -> None:
    """The stub refuses the type."""
    done = user.types("api", "POST", DOWNLOAD, "--data", GAMMA, "--content-type", "text/plain")
    assert done.code == 8
    assert user.world.requests[0].headers["Content-Type"] == "text/plain"


def test_output_option_writes_the_body_and_needs_overwrite(user: User) -> None:
    target = user.folder / "status.json"
    assert user.types("api", "GET", STATUS, "-o", str(target)).code == 0
    assert json.loads(target.read_text())["study_case_id"] == 21
    user.world.requests.clear()
    assert user.types("api", "GET", STATUS, "-o", str(target)).code == 2
    assert user.requests == []


@pytest.mark.parametrize(
    "path", ["api/v0/calculation/status/21", "//evil.example/x", "http://evil.example/", "", "@evil.example"]
)
def test_invalid_path_is_rejected_before_any_request(user: User, path: str) -> None:
    user.transport = trap = _RecordingNetwork(user)
    assert user.types("api", "GET", path).code == 2
    assert trap.hosts == set()


def test_missing_file_or_method_is_exit_2(user: User) -> None:
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
def test_http_errors_have_their_exit_codes_and_leave_stdout_empty(user: User, path: str, code: int) -> None:
    done = user.types("api", "GET", path)
    assert (done.code, done.out) == (code, "")
    assert "the server:" in done.err


def test_error_of_a_raw_request_names_no_study(user: User) -> None:
    user.types("calc", "run", "21", "--detach")
    done = user.types("api", "POST", "/api/v0/calculation/execute/21")
    assert done.code == 8
    assert "None" not in done.err


# Retries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_get_is_retried_and_each_wait_is_reported(user: User, status: int) -> None:
    user.world.faults.arm(Fault("status", count=2, status=status))
    done = user.types("api", "GET", STATUS)
    assert done.code == 0
    assert done.err.count("retrying in") == 2
    assert json.loads(done.out)["study_case_id"] == 21
    assert len(user.requests) == 3


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("data", [(), ("--data", "{}")])
def test_only_reads_without_a_body_are_retried(user: User, method: str, data: tuple[str, ...]) -> None:
    user.world.faults.arm(Fault("status", status=503))
    code = user.types("api", method, STATUS, *data).code
    is_read = method in {"GET", "HEAD", "OPTIONS"} and not data
    assert (code, len(user.requests)) == ((0, 2) if is_read else (7, 1))


@pytest.mark.parametrize("kind", ["drop", "hang"])
def test_closed_connection_is_retried(user: User, kind: str) -> None:
    user.world.faults.arm(Fault(kind, count=2))
    assert user.types("api", "GET", STATUS).code == 0
    assert len(user.requests) == 3


def test_truncated_body_is_retried_and_never_becomes_a_file(user: User) -> None:
    user.world.faults.arm(Fault("cut", count=99))
    target = user.folder / "t.json"
    assert user.types("api", "GET", STATUS, "-o", str(target)).code in {6, 7}
    assert list(user.folder.glob("*t.json*")) == []


def test_http_500_is_not_retried(user: User) -> None:
    user.world.faults.arm(Fault("status", status=500))
    assert user.types("api", "GET", STATUS).code == 7
    assert len(user.requests) == 1


def test_backoff_grows_and_is_limited(user: User) -> None:
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
def test_post_is_sent_once(user: User, fault: Fault) -> None:
    user.world.faults.arm(fault)
    body = '{"variableId": "dice.Macro.gamma", "newValue": 1.0, "unit": "-"}'
    done = user.types("api", "POST", "/api/v0/study-case/21/parameters", "--data", body)
    assert done.code in {6, 7}
    assert len(user.requests) == 1


def test_retry_after_in_the_past_means_no_wait(user: User) -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    user.world.faults.arm(Fault("status", status=503, headers={"Retry-After": date}))
    began = user.world.clock.now()
    assert user.types("api", "GET", STATUS).code == 0
    assert user.world.clock.now() - began < 0.5


@pytest.mark.parametrize("value", ["soon", "-5", "1e9", "٣", ""])
def test_invalid_retry_after_is_ignored(user: User, value: str) -> None:
    fault = Fault("status", status=503, headers={"Retry-After": value} if value.isascii() else {})
    user.world.faults.arm(fault)
    began = user.world.clock.now()
    assert user.types("api", "GET", STATUS).code == 0
    assert user.world.clock.now() - began < 5


def test_unreachable_host_fails_within_5_seconds(user: User) -> None:
    user.transport = _RecordingNetwork(user, error=httpx.ConnectError("[Errno 111] Connection refused"))
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
    "target", [slow("https://evil.example/login"), "http://127.0.0.1:9999/api", slow("https://127.0.0.1:5004/x")]
)
def test_redirect_to_another_origin_is_not_followed(user: User, arguments: tuple[str, ...], target: str) -> None:
    user.transport = trap = _RecordingNetwork(user, answer=httpx.Response(302, headers={"Location": target}))
    done = user.types(*arguments, secret=user.world.key)
    assert (done.code, done.out) == (7, "")
    assert target in done.err
    assert trap.hosts == {"http://127.0.0.1:5004"}
    assert user.keyring.stored == {}


@pytest.mark.parametrize("arguments", EVERY_COMMAND[:-2], ids=" ".join)
def test_login_page_is_exit_7_for_every_command_except_api(user: User, arguments: tuple[str, ...]) -> None:
    page = httpx.Response(200, html="<html><body><h1>Please log in</h1></body></html>")
    user.transport = _RecordingNetwork(user, answer=page)
    done = user.types(*arguments, secret=user.world.key)
    assert (done.code, done.out) == (7, "")
    assert user.keyring.stored == {}


def test_read_follows_a_redirect_within_the_origin(user: User) -> None:
    done = user.types("api", "GET", "/api/v0//calculation/status/21")
    assert done.code == 0
    assert json.loads(done.out)["study_case_id"] == 21


def test_write_does_not_follow_a_redirect(user: User) -> None:
    user.transport = trap = _RecordingNetwork(user, answer=httpx.Response(307, headers={"Location": "/elsewhere"}))
    assert user.types("api", "POST", STATUS, "--data", "{}").code == 7
    assert trap.count == 1


def test_redirect_loop_is_exit_7(user: User) -> None:
    user.transport = trap = _RecordingNetwork(user, answer=httpx.Response(302, headers={"Location": STATUS}))
    assert user.types("api", "GET", STATUS).code == 7
    assert trap.count < 20


# Streams ------------------------------------------------------------------------------------------------


def test_control_characters_are_escaped_only_on_a_terminal(user: User) -> None:
    for tty, expected in ((True, "\\x1b]0;owned\\x07\n"), (False, "\x1b]0;owned\x07\n")):
        user.world.faults.arm(Fault("body", body="\x1b]0;owned\x07\n"))
        assert user.types("api", "GET", STATUS, tty=tty).out == expected


def test_verbose_logs_requests_to_stderr(user: User) -> None:
    done = user.types("api", "GET", STATUS, "-v")
    assert f"GET {STATUS} -> 200" in done.err
    assert json.loads(done.out)["study_case_id"] == 21


def test_path_of_the_address_is_kept(user: User) -> None:
    user.transport = trap = _RecordingNetwork(user, answer=httpx.Response(200, json={}))
    assert user.types("api", "GET", STATUS, "--host", "https://corp.example/sostrades/").code == 0
    assert trap.urls == [f"https://corp.example/sostrades{STATUS}"]


class _RecordingNetwork(httpx.BaseTransport):
    """A transport that records URLs and returns one fixed answer, an error, or the answer of the stub."""

    def __init__(
        self, user: User, *, answer: httpx.Response | None = None, error: httpx.TransportError | None = None
    ) -> None:
        self._inner = StubTransport(user.world)
        self._answer = answer
        self._error = error
        self.urls: list[str] = []

    @property
    def hosts(self) -> set[str]:
        """Return the requested origins."""
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
