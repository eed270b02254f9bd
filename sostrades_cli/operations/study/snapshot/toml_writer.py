"""Values as lines of TOML, and what TOML cannot hold."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import tomlkit
from tomlkit.items import KeyType, SingleKey

from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.output.text import visible

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json


def line(key: str, value: Json, comment: str) -> str | None:
    """Return ``"key" = value  # comment``, ``None`` where TOML cannot hold the value, type included.

    TOML has no word for no value; what it reads back is compared, so that nothing is written that it would change.
    """
    try:
        text = f"{_key(key)} = {_text(value)}"
        text.encode()
        held = tomllib.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if list(held) != [key] or not identical(held[key], value):
        return None
    return f"{text}  # {visible(comment)}"


def comment_line(key: str, text: str, comment: str) -> str:
    """Return a line that says of a parameter why it has no value in the file."""
    return f"# {_key(visible(key))} {visible(text)}: {visible(comment)}"


def _text(value: Json) -> str:
    """Return a value on one line, whatever is nested in it; objects in the order of their keys.

    Only brackets are put here: tomlkit's own arrays take time that grows with the square of their length.
    """
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)} = {_text(value[name])}' for name in sorted(value))}}}"
    return tomlkit.item(value).as_string()


def _key(name: str) -> str:
    return SingleKey(name, KeyType.Basic).as_string()
