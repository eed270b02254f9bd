"""The OpenAPI document of the API: where an exchange is in it, and what it says of it."""

from __future__ import annotations

import json
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import server_stub

FILE = Path(server_stub.__file__).parent / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
# The operations that answer 500, as the real server does, and the requests that cause it.
MAY_FAIL: Final = {
    "url": "a user's key on 5.3",
    "change_parameters": "a number where changes should be",
    "logs": "a study that never ran",
    "read_only_mode": "an unknown study",
    "saved_ontology_usages": "an unknown study",
    "saved_documentation": "an unknown study",
    "ontology_usages": "a list as the body",
}
_URI = "urn:api"
_REGISTRY: Registry[Any] = Registry().with_resource(_URI, DRAFT202012.create_resource(DOCUMENT))


def follow(pointer: str) -> tuple[str, Any]:
    """Return what a JSON pointer leads to, references followed, and where that stands in the end."""
    node = DOCUMENT
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        node = node[int(name)] if isinstance(node, list) else node[name]
    return follow(node["$ref"].removeprefix("#")) if "$ref" in node else (pointer, node)


def below(pointer: str, *names: object) -> str:
    """Return the pointer to something below another one."""
    return "/".join([pointer, *(str(name).replace("~", "~0").replace("/", "~1") for name in names)])


@cache
def validator(pointer: str) -> Draft202012Validator:
    """Return a validator of the schema that a pointer leads to."""
    return Draft202012Validator({"$ref": f"{_URI}#{pointer}"}, registry=_REGISTRY)


def faults(pointer: str, value: Any) -> list[str]:
    """Say where a value is not what a schema says."""
    return [f"{error.json_path}: {error.message[:300]}" for error in validator(pointer).iter_errors(value)]


@cache
def template(path: str) -> str | None:
    """Return the path of the document that an address is of: one that names more comes first."""
    fitting = [element for element in DOCUMENT["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", element), path)]
    return min(fitting, key=lambda path: path.count("{"), default=None)


def operations() -> set[tuple[str, str]]:
    """Return method and path of all that can be asked."""
    return {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item if method in METHODS}


def answer(method: str, path: str, status: int) -> str | None:
    """Return the pointer to what the document says of an answer."""
    item = below("/paths", path)
    # HEAD is answered as GET is.
    operation = {"head": "get"}.get(method.lower(), method.lower())
    if operation not in DOCUMENT["paths"][path]:
        return follow(below(item, "x-other-methods"))[0] if status == 405 else None
    responses = below(item, operation, "responses")
    return follow(below(responses, status))[0] if str(status) in follow(responses)[1] else None


def answered_by(operation: dict[str, Any], status: int) -> list[str]:
    """Return the behaviours that give an answer, as the document says. Older servers answer 404 on a later route."""
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    given: list[str] = response.get("x-answered-by", ["documented", "5.0", "5.3"])
    exists_in_5_0 = "x-since" not in operation or status == HTTPStatus.NOT_FOUND
    return given if exists_in_5_0 else [server for server in given if server != "5.0"]


def documented_statuses(server: str) -> set[tuple[str, int]]:
    """Return every operation and status of the document for servers of a behaviour."""
    result = [DOCUMENT["paths"][path][method.lower()] for method, path in operations()]
    return {
        (operation["operationId"], int(status))
        for operation in result
        for status in operation["responses"]
        if server in answered_by(operation, int(status))
    }
