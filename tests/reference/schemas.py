"""The schemas of `-F json`, and a strict validation of documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "v1"
SCHEMAS: Final = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.json")}


def strict(schema: Any) -> Any:
    """Return a schema that accepts only named fields, unless it explicitly allows others."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    read = {key: strict(value) for key, value in schema.items()}
    is_open = "additionalProperties" in schema or not isinstance(schema.get("required"), list)
    return read if is_open or "properties" not in schema else {**read, "unevaluatedProperties": False}


REGISTRY: Registry[Any] = Registry().with_contents((schema["$id"], strict(schema)) for schema in SCHEMAS.values())


def check(name: str, document: Any) -> None:
    """Validate a document strictly."""
    Draft202012Validator({"$ref": f"urn:sostrades:schema:v1:{name}"}, registry=REGISTRY).validate(document)
