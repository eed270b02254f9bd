"""Test that hostile text of a server is escaped on a terminal and exact in data."""

from __future__ import annotations

import csv
import io
import json
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, mostly_slow
from security.hostile import ALL_TRICKS, OBEYED, STUDY, TRICKS, enter, hostile_user

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User

LINES = [
    "study load 66",
    "study load 66 --all",
    "study load 66 -F csv",
    "study load 66 -F json",
    "study load 66 -F ndjson",
    "study load 66 --query keys(@)",
    "study list",
    "study logs 66",
    "study url 66",
    "study diff 66 21",
    "study copy 66 another",
    "study export 66 OUT",
    "param list 66",
    "param get 66 *.N0.*",
    "param get 66 T.list",
    "param show 66 T.table",
    "param show 66 T.list",
    "param get 66 nothing",
    "param download 66 T.table",
    "param download 66 --all -d OUT",
    "param set 66 T.list=[1] --dry-run",
    "param reset 66 *.N?.* --yes",
    "param history 66",
    "calc status 66",
    "calc watch 66 -F ndjson",
    "calc run 66 -F ndjson",
    "postproc list 66",
    "postproc show 66 1",
    "postproc show 66 chart",
    "postproc show 66 3 -F csv",
    "postproc export 66 -d OUT --as csv",
    "postproc diff 66 21",
    "postproc load 66",
    "api GET /api/v0/study-case/66",
    "doctor 66",
]


@pytest.mark.parametrize("line", mostly_slow(LINES, 2))
def test_control_characters_of_texts_never_reach_a_terminal(user: User, line: str) -> None:
    hostile_user(user)
    user.types("study", "load", str(STUDY))
    out = str(user.folder / "out")
    words = [out if word == "OUT" else word for word in line.split()]
    for manner in ((), ("-v", "--debug")):
        # A bar moves the cursor by codes of its own: that is for its own tests.
        quiet = ("-q",) if "OUT" in line else ()
        done = user.types(*words, *manner, *quiet, tty=True, NO_COLOR="1", COLUMNS="100")
        assert "a bug in sostrades" not in done.err
        for stream in (done.out, done.err):
            assert OBEYED.search(stream) is None, stream[max(0, OBEYED.search(stream).start() - 60) :][:120]  # type: ignore[union-attr] # it was found
        if "OUT" in line:
            break


@pytest.mark.parametrize("manner", [(), ("-F", "json"), ("-v", "--debug"), ("-F", "json", "--debug")])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_control_characters_of_errors_never_reach_a_terminal(user: User, manner: tuple[str, ...], status: int) -> None:
    body = json.dumps({"statusCode": status, "name": ALL_TRICKS, "description": ALL_TRICKS}, ensure_ascii=False)
    user.world.faults.arm(Fault("status", count=9, status=status, body=body))
    done = user.types("study", "load", "21", *manner, tty=True, NO_COLOR="1")
    assert done.code in {4, 5, 7, 8}
    assert OBEYED.search(done.err) is None
    if manner == ("-F", "json"):
        assert json.loads(done.err)["server"]["description"].startswith(TRICKS[0])


class HostileHeaders(httpx.BaseTransport):
    """A server whose headers are hostile, too."""

    def __init__(self, user: User) -> None:
        self._stub = StubTransport(user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Redirect what is no log, and name a log badly."""
        answer = self._stub.handle_request(request)
        trick = TRICKS[5].encode("latin-1")
        if "logs" not in request.url.path:
            return httpx.Response(302, headers=[(b"location", b"https://else.example/" + trick)])
        disposition = b'inline; filename="../../' + trick + b'"'
        headers = [(b"content-disposition", disposition), (b"content-type", b"text/plain")]
        return httpx.Response(200, headers=headers, content=answer.read())


def test_control_characters_of_headers_never_reach_a_terminal(user: User) -> None:
    user.transport = HostileHeaders(user)
    for line in (["study", "load", "21"], ["study", "logs", "21", "-v"], ["study", "open", "21"]):
        done = user.types(*line, tty=True, NO_COLOR="1")
        assert OBEYED.search(done.out + done.err) is None
    assert user.opened == []


def test_control_characters_of_a_prompt_never_reach_a_terminal(user: User) -> None:
    hostile_user(user)
    names = [name for name in json.loads(user.types("study", "load", "66", "-F", "json").out) if ".N" in name]
    changes = user.folder / "changes.json"
    changes.write_text(json.dumps(dict.fromkeys(names, "x")), encoding="utf-8")
    done = user.types("param", "set", "66", "--from", str(changes), tty=True, stdin=b"n\n", NO_COLOR="1")
    assert "Change these" in done.err
    assert OBEYED.search(done.err) is None


def test_data_is_exact(user: User) -> None:
    hostile_user(user)
    loaded = json.loads(user.types("study", "load", "66", "-F", "json").out)
    assert [loaded[name]["value"] for name in loaded if ".N" in name] == list(TRICKS)
    table = csv.reader(io.StringIO(user.types("study", "load", "66", "-F", "csv").out, newline=""))
    values = [row[3] for row in table if ".N" in row[0]]
    assert values == list(TRICKS)
    value = user.types("param", "get", "66", "T.list", "-F", "json").out
    assert json.loads(value) == list(TRICKS)


HUGE = "\x1b[31m[bold]\u202e" * 70_000


@pytest.mark.slow
@pytest.mark.parametrize("target", ["name", "value", "title", "study"])
def test_megabyte_of_text_is_processed_within_seconds(user: User, target: str) -> None:
    enter(user.world, name=HUGE if target == "study" else "evil", tricks=(HUGE,) if target != "study" else TRICKS)
    lines = {
        "name": ["param list 66", "param get 66 nothing"],
        "value": ["study load 66", "param show 66 T.list"],
        "title": ["postproc list 66", "postproc show 66 1", "postproc show 66 nothing"],
        "study": ["study load 66", "study list"],
    }
    for line in lines[target]:
        began = time.process_time()
        done = user.types(*line.split(), tty=True, NO_COLOR="1")
        assert time.process_time() - began < 30.0, line
        assert "a bug in sostrades" not in done.err
        assert OBEYED.search(done.out + done.err) is None
