"""Test that the key is redacted everywhere if a server repeats it, in any form."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import HOST, StubTransport, mostly_slow
from hypothesis import given, settings
from hypothesis import strategies as st
from security.searching import E_MAIL, Search, base64_of, tells_of

from server_stub.faults import Fault
from sostrades_cli.redaction import REDACTED, Redactor, forms_of

if TYPE_CHECKING:
    from conftest import Outcome, User

MANNERS = [(), ("-v",), ("--debug",), ("-F", "json"), ("-v", "--debug", "-F", "json")]
KEY = "00112233445566778899aabbccddeeff"
FORMS = ("the key", "its base64 form", "with an e-mail", "its first half", "its second half")


def form_of(key: str, name: str) -> str:
    """Return the form of a key with this name."""
    forms = (key, base64_of(key), base64_of(f"{key}:{E_MAIL}"), key[:16], key[16:])
    return dict(zip(FORMS, forms, strict=True))[name]


def assert_key_is_absent(user: User, done: Outcome, line: str) -> None:
    """Search the streams and every file of a user for the key."""
    search = Search(user.world.key)
    search.outcome(done, line)
    search.below(user.folder)
    assert search.findings == []


@pytest.mark.parametrize("form", mostly_slow(FORMS, 3))
@pytest.mark.parametrize(
    "position", ["description", "page", "wrong shape", "redirect", "reason", "header", "cut description", "retry"]
)
def test_key_in_an_error_answer_is_redacted(user: User, form: str, position: str) -> None:
    echo = form_of(user.world.key, form)
    document = {"statusCode": 400, "name": "Bad", "description": f"no {echo} here"}
    faults = {
        "description": Fault("status", status=400, body=json.dumps(document)),
        "page": Fault("status", status=403, body=f"<html>{echo}</html>", content_type="text/html"),
        "wrong shape": Fault("body", body=json.dumps({echo: echo, "type": [echo]})),
        "redirect": Fault("status", status=302, headers={"Location": f"https://else.example/{echo}?t={echo}"}),
        "reason": Fault("status", status=400, body=json.dumps({**document, "name": echo})),
        "header": Fault("body", body=echo, content_type=f"text/{echo}"),
        "cut description": Fault(
            "status", status=400, body=json.dumps({**document, "description": f"{'x' * 490}{echo}"})
        ),
        "retry": Fault("status", status=403, body=json.dumps(document), headers={"Retry-After": echo}),
    }
    for manner in MANNERS:
        user.world.faults.arm(faults[position])
        done = user.types("study", "load", "21", *manner)
        assert user.world.faults.armed() == []
        assert_key_is_absent(user, done, f"{position} {manner}")


class EchoServer(httpx.BaseTransport):
    """A stub that replaces a word in every body."""

    def __init__(self, user: User, word: str, text: str) -> None:
        self._stub, self._word, self._text = StubTransport(user.world), word.encode(), text.encode()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does, in other words."""
        answer = self._stub.handle_request(request)
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        body = answer.read().replace(self._word, self._text)
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))


LINES = [
    "study load 21",
    "study load 21 -F json",
    "param get 21 Macro.scenario",
    "param download 21 dice.Macro.population",
    "param download 21 --all -d OUT",
    "study export 21 OUT",
    "study logs 21",
    "postproc export 21 -d OUT --as json",
    "postproc html 21 -o OUT",
    "api GET /api/v0/study-case/21",
    "calc status 21 -F json",
    "doctor 21 --bundle OUT",
]


@pytest.mark.parametrize("form", ["the key", "its base64 form"])
@pytest.mark.parametrize("line", mostly_slow(LINES, 2))
def test_key_in_data_is_redacted_on_streams_and_in_files(user: User, form: str, line: str) -> None:
    user.transport = EchoServer(user, "population" if "download" in line else "o", form_of(user.world.key, form))
    user.transport = EchoServer(user, "a", f"a{form_of(user.world.key, form)}") if "logs" in line else user.transport
    out = str(user.folder / "out.zip")
    done = user.types(*[out if word == "OUT" else word for word in line.split()], "-v", "--debug")
    assert_key_is_absent(user, done, line)


def test_key_in_a_log_is_redacted(user: User) -> None:
    user.transport = EchoServer(user, "INFO", f"Authorization: Bearer {user.world.key}")
    done = user.types("study", "logs", "21")
    assert done.code == 0
    assert f"Authorization: Bearer {REDACTED} in" in done.out


class BrokenNetwork(httpx.BaseTransport):
    """A network whose library has a bug that reveals the whole request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raise."""
        text = f"bad state: {request.headers['authorization']} \x1b]0;owned\x07 {request.url}"
        raise RuntimeError(text)


@pytest.mark.parametrize("manner", [("--debug",), ("-v", "--debug"), ("--debug", "-F", "json")])
def test_key_in_a_traceback_is_redacted(user: User, manner: tuple[str, ...]) -> None:
    user.transport = BrokenNetwork()
    done = user.types("study", "load", "21", *manner, tty=True, NO_COLOR="1")
    assert done.code == 1
    assert "Traceback (most recent call last)" in done.err
    assert f"Bearer {REDACTED}" in done.err
    assert "\x1b" not in done.err
    assert_key_is_absent(user, done, str(manner))


def test_key_in_a_usage_error_is_redacted(user: User) -> None:
    done = user.types("study", "load", user.world.key)
    assert done.code == 2
    assert_key_is_absent(user, done, "an argument")


def test_path_that_contains_the_key_is_rejected(user: User) -> None:
    done = user.types("api", "GET", f"/api/v0/study-case/21?key={user.world.key}")
    assert (done.code, user.requests) == (2, [])
    assert_key_is_absent(user, done, "an address")


def test_key_in_library_errors_and_notes_is_redacted(user: User) -> None:
    body = json.dumps({"statusCode": 400, "name": "Bad", "description": f"no {user.world.key}"})
    user.world.faults.arm(Fault("status", status=400, body=body))
    client = user.client()
    with pytest.raises(Exception, match="refused") as raised:
        client.study(21).parameters()
    search = Search(user.world.key)
    error: BaseException | None = raised.value
    while error is not None:
        search.within(f"{error!r} {vars(error)}", "an error")
        error = error.__cause__ or error.__context__
    search.within(f"{user.noted} {client!r}", "notes")
    assert search.findings == []


@pytest.mark.parametrize("given_as", [KEY, base64_of(KEY), f"{KEY}:{E_MAIL}", base64_of(f"{KEY}:{E_MAIL}")])
def test_every_form_is_redacted_whichever_is_given(given_as: str) -> None:
    hiding = Redactor([given_as])
    for tell in (KEY, KEY[:16], KEY[16:], base64_of(KEY)):
        assert hiding.text(f"<{tell}>") == f"<{REDACTED}>"
        assert hiding.contains_key(f"<{tell}>")
    assert KEY in forms_of(given_as)


@settings(deadline=None, max_examples=25)
@given(before=st.binary(max_size=60), after=st.binary(max_size=60), data=st.data())
def test_key_split_over_chunks_is_redacted(before: bytes, after: bytes, data: st.DataObject) -> None:
    secret = data.draw(st.sampled_from(tells_of(KEY)[:5])).encode()
    whole = before + secret + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    ends = [0, *cuts, len(whole)]
    pieces = [whole[start:end] for start, end in itertools.pairwise(ends)]
    assert b"".join(Redactor([KEY]).body(pieces)) == before + REDACTED.encode() + after


def test_short_key_does_not_redact_other_text() -> None:
    """A very short key occurs in answers by chance."""
    body = b'{"abc": 1}'
    assert b"".join(Redactor(["abc"]).body([body])) == body
    assert b"".join(Redactor([]).body([body])) == body
    assert HOST
