"""The stub answers whatever Schemathesis asks as the OpenAPI document says; all behaviours under `-m slow`."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from contract.document import DOCUMENT, METHODS, answer, below, faults, follow, operations
from contract.fuzzing import (
    ANY_TOKENS,
    BAD_TOKENS,
    GOOD_TOKENS,
    LONGEST_WAIT_S,
    MAY_FAIL,
    NAMES,
    PASTS,
    Fuzzed,
    answered_by,
    bounded,
    right,
    wrong,
)
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from server_stub.behaviours import BEHAVIOURS

# How many of each kind of request an operation is asked for.
QUICK, LONG = 2, 24
OPERATIONS = sorted(operations())
ASKED = [pytest.param(method, path, id=f"{method} {path}") for method, path in OPERATIONS]
WITH_BODY = [(method, path) for method, path in OPERATIONS if "requestBody" in DOCUMENT["paths"][path][method.lower()]]
CHANGED = "/api/v0/study-case/{study_id}/parameters"
# What a study answers after a change, in this order, with what is sent.
AFTERWARDS = [
    ("/api/v0/study-case/{study_id}", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/parameter/download", "POST", [{"body": {"parameter_key": one}} for one in NAMES]),
    ("/api/v0/calculation/execute/{study_id}", "POST", [{}]),
    ("/api/v0/calculation/status/{study_id}", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/logs", "GET", [{}]),
    ("/api/v0/post-processing/{study_id}", "GET", [{}]),
    ("/api/v0/post-processing/{study_id}/html", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/read-only-mode", "GET", [{}]),
]
# What chance finds seldom: other than a study's number, what is sent, and what happened before.
READ_ONLY = "/api/v0/study-case/{study_id}/read-only-mode"
FILES = ("/api/v0/study-case/{study_id}/logs", READ_ONLY)
PICKED = [
    *[("POST", CHANGED, {"body": body, "media_type": "application/json"}, PASTS[0]) for body in (5, True, [5], [None])],
    *[("POST", path, {"body": "text", "media_type": "text/plain"}, PASTS[0]) for _, path in WITH_BODY],
    ("POST", "/api/v0/ontology/ontology-usages", {"body": [], "media_type": "application/json"}, PASTS[0]),
    *[("GET", path, {"headers": {"If-None-Match": "*"}}, PASTS[2]) for path in FILES],
    *[("GET", path, {"headers": {"Range": "bytes=5-9"}}, PASTS[2]) for path in FILES],
    *[("GET", path, {"headers": {"Range": "bytes=999999999-"}}, PASTS[2]) for path in FILES],
    ("POST", CHANGED, {"path_parameters": {"study_id": "abc"}, "body": [], "media_type": "application/json"}, PASTS[0]),
    ("GET", "/api/v0/study-case/{study_id}/{seconds}", {"path_parameters": {"study_id": 21, "seconds": 0}}, PASTS[0]),
]
# What is documented and not seen here, with the reason.
NOT_SEEN = {
    ("markdown_documentation", 404): "only of an empty name, which is another address",
    ("ontology_usages", 404): "only of servers before 5.3.1",
    ("load", 400): "on 5.3 only: elsewhere it needs a value that is not fit for JSON",
}

fuzzed = cache(Fuzzed)


def ask_wildly(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Ask for anything, as anybody."""
    operation = stub.wild[path][method]

    @bounded(2 * examples)
    @given(case=st.one_of(right(operation), wrong(operation)), token=st.sampled_from(ANY_TOKENS))
    def asks(case: Any, token: str | None) -> None:
        stub.renew(PASTS[0])
        stub.ask(case, token)

    asks()


def ask_well(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Ask for what the stub has, as somebody whom it knows, whatever happened before."""

    @bounded(2 * examples)
    @given(case=right(stub.aimed[path][method]), token=st.sampled_from(GOOD_TOKENS), past=st.sampled_from(PASTS))
    def asks(case: Any, token: str, past: Any) -> None:
        stub.renew(past)
        stub.ask(case, token)

    asks()


def ask_with_wrong_bodies(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Ask a study that there is, with what is not allowed."""
    operation = stub.aimed[path][method]
    fixed = {"path_parameters": {"study_id": 21}} if operation.path_parameters else {}

    @bounded(examples)
    @given(case=wrong(operation, **fixed))
    def asks(case: Any) -> None:
        stub.renew(PASTS[0])
        stub.ask(case, stub.world.key)

    asks()


DOCUMENTATION = "/api/v0/ontology/{name}/markdown_documentation"


def ask_what_is_picked(stub: Fuzzed) -> None:
    """Ask for what is known to be odd, and as somebody whom a key does not belong to."""
    for token in BAD_TOKENS:
        stub.renew(PASTS[0])
        stub.ask(stub.wild[DOCUMENTATION]["GET"].Case(path_parameters={"name": "model"}), token)
        stub.ask(stub.wild[READ_ONLY]["GET"].Case(path_parameters={"study_id": 21}), token)
    for method, path, sent, past in PICKED:
        stub.renew(past)
        stub.ask(stub.wild[path][method].Case(**{"path_parameters": {"study_id": 21}, **sent}), stub.world.key)


def change_and_look(stub: Fuzzed, examples: int) -> None:
    """Change a study somehow, run it, and ask it for everything."""

    @bounded(examples)
    @given(case=stub.aimed[CHANGED]["POST"].as_strategy(path_parameters={"study_id": 21}))
    def changes(case: Any) -> None:
        stub.renew(PASTS[0])
        stub.ask(case, stub.world.key)
        for path, method, sent in AFTERWARDS:
            stub.world.clock.sleep(LONGEST_WAIT_S)
            for further in sent:
                asked = stub.aimed[path][method].Case(path_parameters={"study_id": 21}, **further)
                stub.ask(asked, stub.world.key)

    changes()


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_answers_are_as_documented(method: str, path: str) -> None:
    """Status, media type, headers and body. Only documented operations answer 500."""
    stub = fuzzed("documented")
    ask_wildly(stub, method, path, QUICK)
    ask_well(stub, method, path, QUICK)
    if (method, path) in WITH_BODY:
        ask_with_wrong_bodies(stub, method, path, QUICK)


def test_answers_of_a_changed_study_are_as_documented() -> None:
    """After any change, loads, runs and charts match the document."""
    change_and_look(fuzzed("documented"), QUICK)


@pytest.mark.parametrize("server", BEHAVIOURS)
def test_odd_requests_are_answered_as_documented(server: str) -> None:
    """Numbers for changes, other media types, ranges, ETags, no waiting time."""
    ask_what_is_picked(fuzzed(server))


@pytest.mark.slow
@pytest.mark.parametrize("server", BEHAVIOURS)
def test_many_requests_get_all_documented_answers_and_no_others(server: str) -> None:
    """Twelve times as many requests get each status that a server of this behaviour gives."""
    stub = Fuzzed(server)
    for method, path in OPERATIONS:
        ask_wildly(stub, method, path, LONG)
        ask_well(stub, method, path, LONG)
        if (method, path) in WITH_BODY:
            ask_with_wrong_bodies(stub, method, path, LONG)
    ask_what_is_picked(stub)
    change_and_look(stub, LONG)
    assert documented(server) - stub.seen - NOT_SEEN.keys() == set()


def documented(server: str) -> set[tuple[str, int]]:
    """Return every operation and status of the document for servers of a behaviour."""
    found = [DOCUMENT["paths"][path][method.lower()] for method, path in OPERATIONS]
    return {
        (operation["operationId"], int(status))
        for operation in found
        for status in operation["responses"]
        if server in answered_by(operation, int(status))
    }


def test_operations_that_may_answer_500_are_documented() -> None:
    assert {name for server in BEHAVIOURS for name, status in documented(server) if status == 500} == MAY_FAIL.keys()


@pytest.mark.parametrize("server", BEHAVIOURS)
def test_undocumented_methods_are_405(server: str) -> None:
    """Also without a key. HEAD and OPTIONS are allowed."""
    client = Client(fuzzed(server).app)
    for path, item in DOCUMENT["paths"].items():
        address = path.format(study_id=21, seconds=1, name="any")
        if server == "5.0" and any("x-since" in operation for operation in item.values() if "tags" in operation):
            assert client.get(address).status_code == 404
            continue
        for method in METHODS - item.keys():
            refused = client.open(address, method=method.upper())
            pointer = answer(method, path, refused.status_code)
            assert pointer is not None, (method, path, refused.status_code)
            assert faults(below(pointer, "content", "application/json", "schema"), refused.get_json()) == []
        assert client.options(address).status_code == 200
        assert client.options(address).data == b""


@pytest.mark.parametrize("server", BEHAVIOURS)
def test_unknown_routes_have_the_documented_404(server: str) -> None:
    """Also with a trailing slash."""
    client = Client(fuzzed(server).app)
    pointer = below("/components/responses", "NotFound", "content", "application/json", "schema")
    for address in ("/", "/api/v0/nope", "/api/v0/study-case/21/", "/api/v0/study-case/21/-1", "/api/v0/21/read-only"):
        refused = client.get(address)
        assert refused.status_code == 404
        assert faults(pointer, refused.get_json()) == []
        assert follow("/components/headers/CacheControl")[1]["schema"]["const"] == refused.headers["Cache-Control"]
