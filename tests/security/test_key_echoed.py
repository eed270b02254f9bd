"""A server that repeats the key: whatever it says, in whatever form, the key is not shown, kept or passed on."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import HOST, StubTransport
from hypothesis import given
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
    """Return the form of a key that has a name."""
    forms = (key, base64_of(key), base64_of(f"{key}:{E_MAIL}"), key[:16], key[16:])
    return dict(zip(FORMS, forms, strict=True))[name]


def nothing_is_told(user: User, done: Outcome, line: str) -> None:
    """Search the streams and every file of a user."""
    search = Search(user.world.key)
    search.outcome(done, line)
    search.below(user.folder)
    assert search.found == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "place", ["description", "page", "wrong shape", "redirect", "reason", "header", "cut description", "retry"]
)
def test_an_error_that_repeats_the_key_does_not_tell_it(user: User, form: str, place: str) -> None:
    """In a description, cut in the middle of the key or not; in a page, another shape, a redirect, a header."""
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
        user.world.faults.arm(faults[place])
        done = user.types("study", "load", "21", *manner)
        assert user.world.faults.armed() == []
        nothing_is_told(user, done, f"{place} {manner}")


class Saying(httpx.BaseTransport):
    """The stub, with a text of its own in every body in place of a word."""

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
@pytest.mark.parametrize("line", LINES)
def test_what_repeats_the_key_is_neither_shown_nor_kept(user: User, form: str, line: str) -> None:
    """In names, values, tables, charts and logs: the word for it stands there instead, in streams, files and cache."""
    user.transport = Saying(user, "population" if "download" in line else "o", form_of(user.world.key, form))
    user.transport = Saying(user, "a", f"a{form_of(user.world.key, form)}") if "logs" in line else user.transport
    out = str(user.folder / "out.zip")
    done = user.types(*[out if word == "OUT" else word for word in line.split()], "-v", "--debug")
    nothing_is_told(user, done, line)


def test_the_log_has_the_word_for_it(user: User) -> None:
    """`study logs` shows the rest of a line, and where the key was."""
    user.transport = Saying(user, "INFO", f"Authorization: Bearer {user.world.key}")
    done = user.types("study", "logs", "21")
    assert done.code == 0
    assert f"Authorization: Bearer {REDACTED} in" in done.out


class Broken(httpx.BaseTransport):
    """A network whose library has a bug that tells all of a request."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raise."""
        told = f"bad state: {request.headers['authorization']} \x1b]0;owned\x07 {request.url}"
        raise RuntimeError(told)


@pytest.mark.parametrize("manner", [("--debug",), ("-v", "--debug"), ("--debug", "-F", "json")])
def test_a_traceback_of_a_bug_does_not_tell_the_key(user: User, manner: tuple[str, ...]) -> None:
    """With --debug there is a traceback, in which the key is hidden and nothing is obeyed by a terminal."""
    user.transport = Broken()
    done = user.types("study", "load", "21", *manner, tty=True, NO_COLOR="1")
    assert done.code == 1
    assert "Traceback (most recent call last)" in done.err
    assert f"Bearer {REDACTED}" in done.err
    assert "\x1b" not in done.err
    nothing_is_told(user, done, str(manner))


def test_a_bug_before_the_first_request_does_not_tell_the_key(user: User) -> None:
    """What is typed after the program is shown in errors of usage, but for the key."""
    done = user.types("study", "load", user.world.key)
    assert done.code == 2
    nothing_is_told(user, done, "an argument")


def test_the_key_never_goes_into_an_address(user: User) -> None:
    """A raw request whose path holds the key is refused, and nothing is sent."""
    done = user.types("api", "GET", f"/api/v0/study-case/21?key={user.world.key}")
    assert (done.code, user.requests) == (2, [])
    nothing_is_told(user, done, "an address")


def test_the_library_does_not_tell_the_key(user: User) -> None:
    """Neither its notes nor its errors, nor the text of an object."""
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
    assert search.found == []


@pytest.mark.parametrize("given_as", [KEY, base64_of(KEY), f"{KEY}:{E_MAIL}", base64_of(f"{KEY}:{E_MAIL}")])
def test_every_form_is_known_from_any(given_as: str) -> None:
    """Whatever form of the key is given, the others are hidden too."""
    hiding = Redactor([given_as])
    for tell in (KEY, KEY[:16], KEY[16:], base64_of(KEY)):
        assert hiding.text(f"<{tell}>") == f"<{REDACTED}>"
        assert hiding.contains_key(f"<{tell}>")
    assert KEY in forms_of(given_as)


@given(before=st.binary(max_size=60), after=st.binary(max_size=60), data=st.data())
def test_a_key_in_pieces_is_hidden(before: bytes, after: bytes, data: st.DataObject) -> None:
    """However a network cuts a body, the key in it is hidden and all else is there."""
    secret = data.draw(st.sampled_from(tells_of(KEY)[:5])).encode()
    whole = before + secret + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    ends = [0, *cuts, len(whole)]
    pieces = [whole[start:end] for start, end in itertools.pairwise(ends)]
    assert b"".join(Redactor([KEY]).body(pieces)) == before + REDACTED.encode() + after


def test_a_short_key_hides_nothing_else() -> None:
    """What is too short to be a key stands in answers by accident, and they stay as they are."""
    body = b'{"abc": 1}'
    assert b"".join(Redactor(["abc"]).body([body])) == body
    assert b"".join(Redactor([]).body([body])) == body
    assert HOST
