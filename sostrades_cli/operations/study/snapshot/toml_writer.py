"""Write values as lines of TOML, and comments for values that TOML cannot represent."""

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
    """Return ``"key" = value  # comment``, or ``None`` if TOML cannot represent the value exactly."""
    try:
        text = f"{_key(key)} = {_text(value)}"
        text.encode()
        # The line is read back to detect any loss. TOML has no null, for example.
        parsed = tomllib.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if list(parsed) != [key] or not identical(parsed[key], value):
        return None
    return f"{text}  # {visible(comment)}"


def comment_line(key: str, text: str, comment: str) -> str:
    """Return a comment in place of a value."""
    return f"# {_key(visible(key))} {visible(text)}: {visible(comment)}"


def empty_line(key: str, comment: str) -> str:
    """Return a commented line without a value. The user adds a value and removes the ``#``."""
    return f"# {_key(visible(key))} =   # {visible(comment)}"


def _text(value: Json) -> str:
    """Return a value on one line, with sorted keys."""
    # The time of tomlkit's arrays grows with the square of their length, so lists are written here.
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)} = {_text(value[name])}' for name in sorted(value))}}}"
    return tomlkit.item(value).as_string()


def _key(name: str) -> str:
    return SingleKey(name, KeyType.Basic).as_string()
