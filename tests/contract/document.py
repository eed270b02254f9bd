"""The OpenAPI document of the API: where an exchange is in it, and what it says of it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import server_stub

FILE = Path(server_stub.__file__).parent / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
METHODS = frozenset({"get", "post", "put", "patch", "delete"})
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
    fitting = [one for one in DOCUMENT["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
    return min(fitting, key=lambda one: one.count("{"), default=None)


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
