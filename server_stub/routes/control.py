"""Faults, list of requests and API document over HTTP. These routes are not part of the API and need no key."""

import dataclasses
from importlib.resources import files
from itertools import islice

from flask import Blueprint, Response, request

from server_stub.errors import ApiError
from server_stub.faults import Fault
from server_stub.routes.request_context import answer, world

blueprint = Blueprint("control", __name__)
_LAST_REQUESTS = 100


@blueprint.get("/stub/faults")
def armed() -> tuple[str, int, dict[str, str]]:
    """Return the armed faults."""
    return answer([{**dataclasses.asdict(fault), "left": left} for fault, left in world().faults.armed()])


@blueprint.post("/stub/faults")
def arm() -> tuple[str, int, dict[str, str]]:
    """Arm a fault or a list of faults."""
    body = request.get_json()
    try:
        faults = [Fault(**fields) for fields in (body if isinstance(body, list) else [body])]
    except (TypeError, ValueError) as error:
        raise ApiError(400, str(error)) from error
    for fault in faults:
        world().faults.arm(fault)
    return armed()


@blueprint.delete("/stub/faults")
def clear() -> tuple[str, int, dict[str, str]]:
    """Remove all faults."""
    world().faults.clear()
    return answer([])


@blueprint.get("/stub/requests")
def requests() -> tuple[str, int, dict[str, str]]:
    """Return the number of requests to the API, and the last ones."""
    with world().lock:
        received = list(world().requests)
    last = [dataclasses.asdict(request) for request in islice(received, max(0, len(received) - _LAST_REQUESTS), None)]
    return answer({"count": len(received), "last": last})


@blueprint.delete("/stub/requests")
def forget() -> tuple[str, int, dict[str, str]]:
    """Clear the list of requests."""
    world().requests.clear()
    return answer({"count": 0, "last": []})


@blueprint.get("/stub/ontology")
def ontology() -> tuple[str, int, dict[str, str]]:
    """Return the state of the ontology service."""
    return answer({"state": world().ontology.state})


@blueprint.put("/stub/ontology")
def switch_ontology() -> tuple[str, int, dict[str, str]]:
    """Change the state of the ontology service."""
    body = request.get_json()
    try:
        world().switch_ontology(body["state"])
    except (KeyError, TypeError, ValueError) as error:
        raise ApiError(400, str(error)) from error
    return ontology()


@blueprint.get("/stub/openapi.json")
def document() -> Response:
    """Return the API as an OpenAPI document."""
    content = files("server_stub").joinpath("openapi.json").read_bytes()
    return Response(content, headers={"Content-Type": "application/json"})
