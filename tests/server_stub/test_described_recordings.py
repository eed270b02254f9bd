"""Every exchange about metadata and documentation with a real server, replayed in order against the stub."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from collected import failures
from replaying import body_of, check_headers, entries, route_of, routes, shape_of_text, with_keys
from werkzeug.test import Client, TestResponse

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.world import World
from server_stub.worlds import build_world

ENTRIES = entries("exchanges-3.jsonl")
STATES = {"ontology": "on", "documented": "off"}
# What the stub does not reproduce: name of the entry -> reason.
EXCEPTIONS = {
    "witness-saved-usages": "the stub does not have this study",
    "witness-saved-doc-labor": "the stub does not have this study",
}
A_MOMENT = 1.2


def stop(world: World) -> None:
    """Stop the ontology service."""
    world.switch_ontology("down")


def start(world: World) -> None:
    """Start the ontology service."""
    world.switch_ontology("on")


def restart_api(world: World) -> None:
    """Restart the API."""
    world.restart()


# Before the entry of this name, something was done that was not kept.
NOT_KEPT: dict[str, Callable[[World], None]] = {
    "down-usages-first": stop,
    "back-usages-within-grace": start,
    "restarted-usages": restart_api,
}


@cache
def replayed(server: str) -> dict[str, TestResponse]:
    """Replay a server once, from its first entry to its last."""
    clock = ManualClock()
    world = build_world("described", clock=clock, ontology=STATES[server])
    client = Client(create_app(world))
    answers = {}
    for entry in ENTRIES:
        if entry["server"] == server:
            NOT_KEPT.get(entry["name"], lambda _world: None)(world)
            request = entry["request"]
            headers = {name: with_keys(value) for name, value in request["headers"].items()}
            answers[entry["name"]] = client.open(
                request["path"], method=request["method"], headers=headers, data=body_of(request)
            )
            clock.advance(A_MOMENT)
    return answers


@pytest.mark.parametrize(("server", "route"), routes(ENTRIES))
def test_exchanges_are_answered_as_recorded(server: str, route: str) -> None:
    answered = [entry for entry in ENTRIES if entry["name"] not in EXCEPTIONS and route_of(entry) == (server, route)]
    assert failures(check_exchange, answered, lambda entry: str(entry["name"])) == []


def check_exchange(entry: dict[str, Any]) -> None:
    """Compare status, headers and body. Only whole answers have the recorded length."""
    answer, recorded = replayed(entry["server"])[entry["name"]], entry["response"]
    assert answer.status_code == recorded["status"], answer.text[:500]
    check_headers(answer, recorded["headers"])
    body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    given, kept = json.loads(body), json.loads(recorded["body"])
    if entry["name"] == "sellar-change":
        check_change(given, kept)
        return
    if entry.get("abridged") and isinstance(kept, dict):
        check_beginning(given, kept)
        return
    assert given == kept
    if not entry.get("abridged"):
        assert answer.headers["Content-Length"] == recorded["headers"]["Content-Length"]


def check_beginning(given: dict[str, Any], kept: dict[str, Any]) -> None:
    """Compare the first entries of metadata, which are all that was kept."""
    assert given.keys() == kept.keys()
    for kind, recorded in kept.items():
        assert dict(list(given[kind].items())[: len(recorded)]) == recorded


def check_change(given: dict[str, Any], kept: dict[str, Any]) -> None:
    """Compare the answer to a change without its times."""
    for study in (given["study_case"], kept["study_case"]):
        for name in ("creation_date", "modification_date"):
            study[name] = shape_of_text(study[name].partition(".")[0])
    assert given == kept


def test_every_exception_belongs_to_an_entry() -> None:
    names = [entry["name"] for entry in ENTRIES]
    assert EXCEPTIONS.keys() | NOT_KEPT.keys() <= {*names}
    assert len({*names}) == len(names) == 80
