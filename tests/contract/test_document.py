"""The OpenAPI document is one, says of every route of the stub, and is served by it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from contract.document import DOCUMENT, FILE, METHODS, below, faults, operations
from werkzeug.test import Client

from server_stub import create_app
from server_stub.app import routes
from server_stub.behaviours import BEHAVIOURS
from server_stub.clock import ManualClock
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = Client(create_app(build_world("recorded", clock=ManualClock(), ontology="off")))


def served_routes() -> set[tuple[str, str, str]]:
    """Return method, path and the kinds of the path's parts of every route of the stub's API."""
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), str(rule))
        for rule in routes().url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods or ()
    }


@pytest.mark.slow
def test_document_is_valid_openapi() -> None:
    """Version 3.1, with its schemas and references."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415 - a large import, for a slow test only

    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_examples_match_their_schemas() -> None:
    """Examples of bodies, headers and schemas."""
    result = [(pointer, value, faults(pointer, value)) for pointer, value in examples("", DOCUMENT)]
    assert len(result) > 30
    assert [item for item in result if item[2]] == []


def examples(pointer: str, node: Any) -> Iterator[tuple[str, Any]]:
    """Yield every example with the pointer to its schema."""
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from examples(below(pointer, index), inner)
    if not isinstance(node, dict):
        return
    schema = below(pointer, "schema") if "schema" in node else pointer
    if "example" in node:
        yield schema, node["example"]
    named = node.get("examples", [])
    for item in named.values() if isinstance(named, dict) else named:
        yield schema, item["value"] if isinstance(named, dict) else item
    for name, inner in node.items():
        if name not in ("example", "examples"):
            yield from examples(below(pointer, name), inner)


def test_document_is_formatted_for_diffs() -> None:
    """Two blanks of indentation, and a line for each entry."""
    assert FILE.read_text(encoding="utf-8") == json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"


def test_document_has_the_routes_of_the_stub() -> None:
    """The same methods and paths, except for those that Flask adds to all routes."""
    asked = {(method, path) for method, path, _ in served_routes()}
    assert {(method, path) for method, path in asked if method.lower() in METHODS} == operations()
    assert {path for method, path in asked if method == "HEAD"} == {path for way, path in operations() if way == "GET"}
    assert {path for method, path in asked if method == "OPTIONS"} == set(DOCUMENT["paths"])


def test_integer_parts_of_routes_are_integers_in_the_document() -> None:
    """All other parts are strings."""
    for _, path, rule in served_routes():
        for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", rule):
            item = DOCUMENT["paths"][path]
            declared = [_resolved(parameter) for parameter in item["parameters"]]
            schema = next(_resolved(element["schema"]) for element in declared if element["name"] == name)
            assert schema["type"] == ("integer" if kind == "int" else "string"), (path, name)


def test_behaviours_in_the_document_exist() -> None:
    """A text about all behaviours names all three."""
    for path, method in ((path, method) for method, path in operations()):
        operation = DOCUMENT["paths"][path][method.lower()]
        assert set(operation.get("x-behaviours", BEHAVIOURS)) == set(BEHAVIOURS), path
        for response in map(_resolved, operation["responses"].values()):
            given = set(response.get("x-answered-by", []))
            assert given <= set(BEHAVIOURS)
            assert not given or "x-behaviours" in operation, path


def test_every_component_is_used() -> None:
    text = FILE.read_text(encoding="utf-8")
    unused = [
        f"{kind}/{name}"
        for kind, named in DOCUMENT["components"].items()
        if kind != "securitySchemes"
        for name in named
        if f'"#/components/{kind}/{name}"' not in text
    ]
    assert unused == []


def test_stub_serves_the_document() -> None:
    """Byte for byte, and without a key."""
    served = CLIENT.get("/stub/openapi.json")
    assert (served.status_code, served.content_type) == (200, "application/json")
    assert served.data == FILE.read_bytes()


def _resolved(node: dict[str, object]) -> dict[str, object]:
    """Follow a reference to a component."""
    if "$ref" not in node:
        return node
    result: dict[str, object] = DOCUMENT
    for name in str(node["$ref"]).split("/")[1:]:
        result = result[name]  # type: ignore[assignment] # the document's own references lead to objects
    return result
