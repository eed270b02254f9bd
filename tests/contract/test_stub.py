"""The stub answers every address and method of the OpenAPI document, and no others, as the document says."""

from __future__ import annotations

import pytest
from contract.document import DOCUMENT, MAY_FAIL, METHODS, answer, below, documented_statuses, faults, follow
from werkzeug.test import Client

from server_stub import create_app
from server_stub.behaviours import BEHAVIOURS
from server_stub.clock import ManualClock
from server_stub.worlds import build_world


def client_of(server: str) -> Client:
    """Return a client of a new stub."""
    return Client(create_app(build_world("demo", server=server, clock=ManualClock())))


def test_operations_that_may_answer_500_are_documented() -> None:
    assert {
        name for server in BEHAVIOURS for name, status in documented_statuses(server) if status == 500
    } == MAY_FAIL.keys()


@pytest.mark.parametrize("server", BEHAVIOURS)
def test_undocumented_methods_are_405(server: str) -> None:
    """Also without a key. HEAD and OPTIONS are allowed."""
    client = client_of(server)
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
    client = client_of(server)
    pointer = below("/components/responses", "NotFound", "content", "application/json", "schema")
    for address in ("/", "/api/v0/nope", "/api/v0/study-case/21/", "/api/v0/study-case/21/-1", "/api/v0/21/read-only"):
        refused = client.get(address)
        assert refused.status_code == 404
        assert faults(pointer, refused.get_json()) == []
        assert follow("/components/headers/CacheControl")[1]["schema"]["const"] == refused.headers["Cache-Control"]
