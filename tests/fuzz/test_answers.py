"""Test corrupted answers: whatever a server sends, a command ends with a documented exit code, and never with 1."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import httpx
import pytest
from conftest import StubTransport
from fuzz.effort import effort
from fuzz.hostile import spoilt
from fuzz.workspace import STUDY, Workspace
from hypothesis import given
from hypothesis import strategies as st

NUMBER = str(STUDY)
KEY = "dice.Macro.population"
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "content-disposition", "retry-after", "etag", "content-range", "last-modified"]),
    st.sampled_from(
        ["", "text/html", "application/json", "text/csv", "7", "-1", "9" * 400, "inline; filename=", "bytes x"]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
    max_size=2,
)
# By route: the commands that ask it.
ROUTES = {
    r"study-case/21(/\d+)?$": [("study", "load"), ("param", "list"), ("param", "get", KEY), ("study", "copy", "x")],
    r"read-only-mode$": [("study", "load"), ("param", "show", KEY), ("postproc", "list"), ("postproc", "show", "1")],
    r"status/21$": [("calc", "status"), ("calc", "watch", "--timeout", "9"), ("calc", "run", "--timeout", "9")],
    r"execute/21$": [("calc", "run", "--timeout", "9"), ("calc", "run", "--detach")],
    r"/parameters$": [("param", "set", "Macro.gamma=0.5"), ("param", "reset", "dice.Macro.periods")],
    r"/url$": [("study", "url")],
    r"/copy$": [("study", "copy", "x")],
    r"/logs$": [("study", "logs"), ("study", "logs", "--lines", "2")],
    r"post-processing/21$": [("postproc", "load"), ("postproc", "list"), ("postproc", "show", "1", "-F", "csv")],
    r"post-processing/21/html$": [("postproc", "html"), ("postproc", "list")],
    r"/download$": [("param", "download", KEY), ("param", "show", KEY), ("param", "get", KEY)],
}
# What stands in place of a study that is named after the rest of the words.
FORMS = [(), ("-F", "json"), ("-F", "csv"), ("-F", "tsv"), ("--query", "@")]


@dataclass
class Spoiling(httpx.BaseTransport):
    """A stub that corrupts the answers of one route."""

    workspace: Workspace
    route: str
    data: st.DataObject
    statuses: tuple[int, ...] = ()
    bodies: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.workspace.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and spoil it."""
        response = self._stub.handle_request(request)
        body = b"".join(response.stream)  # type: ignore[arg-type]
        if not re.search(self.route, request.url.path) or len(self.bodies) > 3:
            return httpx.Response(response.status_code, headers=response.headers, content=body)
        headers = {k: v for k, v in response.headers.items() if k not in {"content-length", "content-encoding"}}
        headers |= self.data.draw(HEADERS)
        result = self._spoilt(body)
        self.bodies.append(result)
        status = self.data.draw(
            st.sampled_from([response.status_code, response.status_code, 200, 400, 403, 500, 416, 206])
        )
        return httpx.Response(status, headers=headers, content=result)

    def _spoilt(self, body: bytes) -> bytes:
        try:
            return self.data.draw(spoilt(json.loads(body)))
        except ValueError:
            return self._bytes(body)

    def _bytes(self, body: bytes) -> bytes:
        """Corrupt an answer that is not JSON: truncate it, insert bytes, or replace it."""
        ends = sorted(self.data.draw(st.lists(st.integers(0, len(body)), min_size=2, max_size=2)))
        inner = self.data.draw(st.sampled_from([b"", b"\xff\xfe", b"\x00", b'"', b",", b"\n", b"(" * 300, b"[" * 300]))
        return self.data.draw(st.sampled_from([body[: ends[0]] + inner + body[ends[1] :], body[: ends[0]], inner]))


@pytest.mark.parametrize("route", ROUTES)
@effort(10)
@given(data=st.data(), server=st.sampled_from(["documented", "5.3"]))
def test_corrupted_answer_ends_with_a_documented_exit_code(route: str, data: st.DataObject, server: str) -> None:
    workspace = Workspace.new(server)
    try:
        command = data.draw(st.sampled_from(ROUTES[route]))
        form = data.draw(st.sampled_from(FORMS))
        workspace.user.transport = Spoiling(workspace, route, data)
        words = [*command[:2], NUMBER, *command[2:]]
        if command[:2] == ("postproc", "html"):
            words += ["-o", str(workspace.folder / "page.html")]
        elif "-F" not in command:
            words += form
        workspace.types(*words)
    finally:
        workspace.user.transport = None
        workspace.close()
