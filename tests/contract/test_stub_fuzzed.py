"""Test that the stub answers the requests that Schemathesis generates as the OpenAPI document says."""

from __future__ import annotations

from typing import Any

import pytest
from contract.document import DOCUMENT, documented_statuses, operations
from contract.fuzzing import (
    ANY_TOKENS,
    BAD_TOKENS,
    GOOD_TOKENS,
    LONGEST_WAIT_S,
    NAMES,
    PASTS,
    Fuzzed,
    bounded,
    right,
    wrong,
)
from hypothesis import given
from hypothesis import strategies as st

from server_stub.behaviours import BEHAVIOURS

pytestmark = pytest.mark.slow
# The number of generated requests of each kind, per operation.
REQUESTS = 24
OPERATIONS = sorted(operations())
WITH_BODY = [(method, path) for method, path in OPERATIONS if "requestBody" in DOCUMENT["paths"][path][method.lower()]]
CHANGED = "/api/v0/study-case/{study_id}/parameters"
# The requests after a change, in this order, with their bodies.
AFTERWARDS = [
    ("/api/v0/study-case/{study_id}", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/parameter/download", "POST", [{"body": {"parameter_key": name}} for name in NAMES]),
    ("/api/v0/calculation/execute/{study_id}", "POST", [{}]),
    ("/api/v0/calculation/status/{study_id}", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/logs", "GET", [{}]),
    ("/api/v0/post-processing/{study_id}", "GET", [{}]),
    ("/api/v0/post-processing/{study_id}/html", "GET", [{}]),
    ("/api/v0/study-case/{study_id}/read-only-mode", "GET", [{}]),
]
DOCUMENTATION = "/api/v0/ontology/{name}/markdown_documentation"
READ_ONLY = "/api/v0/study-case/{study_id}/read-only-mode"
FILES = ("/api/v0/study-case/{study_id}/logs", READ_ONLY)
# Requests that are rarely generated: method, path, content and the past of the study.
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
# Documented answers that this test does not get, with the reason.
UNTESTED = {
    ("markdown_documentation", 404): "only of an empty name, which is another address",
    ("ontology_usages", 404): "only of servers before 5.3.1",
    ("load", 400): "on 5.3 only: elsewhere it needs a value that is not fit for JSON",
}


def send_arbitrary(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Send arbitrary requests with any key."""
    operation = stub.wild[path][method]

    @bounded(2 * examples)
    @given(case=st.one_of(right(operation), wrong(operation)), token=st.sampled_from(ANY_TOKENS))
    def asks(case: Any, token: str | None) -> None:
        stub.renew(PASTS[0])
        stub.ask(case, token)

    asks()


def send_valid(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Send valid requests with a valid key, in every past of the study."""

    @bounded(2 * examples)
    @given(case=right(stub.aimed[path][method]), token=st.sampled_from(GOOD_TOKENS), past=st.sampled_from(PASTS))
    def asks(case: Any, token: str, past: Any) -> None:
        stub.renew(past)
        stub.ask(case, token)

    asks()


def send_wrong_bodies(stub: Fuzzed, method: str, path: str, examples: int) -> None:
    """Send wrong bodies to an existing study."""
    operation = stub.aimed[path][method]
    fixed = {"path_parameters": {"study_id": 21}} if operation.path_parameters else {}

    @bounded(examples)
    @given(case=wrong(operation, **fixed))
    def asks(case: Any) -> None:
        stub.renew(PASTS[0])
        stub.ask(case, stub.world.key)

    asks()


def send_rare(stub: Fuzzed) -> None:
    """Send the rare requests, and requests with keys that are not accepted."""
    for token in BAD_TOKENS:
        stub.renew(PASTS[0])
        stub.ask(stub.wild[DOCUMENTATION]["GET"].Case(path_parameters={"name": "model"}), token)
        stub.ask(stub.wild[READ_ONLY]["GET"].Case(path_parameters={"study_id": 21}), token)
    for method, path, sent, past in PICKED:
        stub.renew(past)
        stub.ask(stub.wild[path][method].Case(**{"path_parameters": {"study_id": 21}, **sent}), stub.world.key)


def change_and_read(stub: Fuzzed, examples: int) -> None:
    """Change a study at random, and send all requests of ``AFTERWARDS``."""

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


@pytest.mark.parametrize("server", BEHAVIOURS)
def test_many_requests_get_all_documented_answers_and_no_others(server: str) -> None:
    """Each status that a server of this behaviour gives is an answer to some request."""
    stub = Fuzzed(server)
    for method, path in OPERATIONS:
        send_arbitrary(stub, method, path, REQUESTS)
        send_valid(stub, method, path, REQUESTS)
        if (method, path) in WITH_BODY:
            send_wrong_bodies(stub, method, path, REQUESTS)
    send_rare(stub)
    change_and_read(stub, REQUESTS)
    assert documented_statuses(server) - stub.answers - UNTESTED.keys() == set()
