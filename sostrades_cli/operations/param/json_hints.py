"""Suggest how to write the list or the dict that a text seems to be: mostly JSON whose quotes a shell removed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sostrades_cli import number_text
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.models import Json

# A longer suggestion would hide the rest of the error.
LONGEST: Final = 200
_FILES: Final = (".csv", ".xlsx")
_PAIR: Final = re.compile(r"([^:=]+)[:=](.+)")
_LIST_EXAMPLE: Final = """write JSON, for example [1.0, 2.0] or ["a", "b"]"""
_DICT_EXAMPLE: Final = """write JSON, for example '{"a": 1.0}'"""
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}


def file_hint(text: str, key: str) -> str | None:
    """Return how to give a file if a text is the name of one without its ``@``; ``None`` for other texts."""
    from sostrades_cli.operations.tables.file_types import split_sheet

    if not text.strip() or "\n" in text or "\0" in text:
        return None
    file, _ = split_sheet(Path(text))
    named = file.suffix.lower() in _FILES
    return f"give a file: {shell_quoted(f'{key}=@{text}')}" if named or _is_file(file) else None


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):  # too long for a name, for example
        return False


def list_hint(text: str, key: str) -> str:
    """Return a suggestion how to write a list."""
    items = _items(text)
    # A dict, or another separator: the items are not certain.
    if items is None or text.lstrip().startswith("{") or any(mark in text for mark in ";|\t"):
        return file_hint(text, key) or _LIST_EXAMPLE
    return file_hint(text, key) or _json_hint(key, f"[{', '.join(_as_json(items))}]", _LIST_EXAMPLE)


def dict_hint(text: str, key: str) -> str:
    """Return a suggestion how to write a dict."""
    pairs = [_PAIR.fullmatch(item) for item in _items(text) or []]
    if not pairs or not all(pairs):
        return file_hint(text, key) or _DICT_EXAMPLE
    names = [json.dumps(_bare(pair[1]), ensure_ascii=False) for pair in pairs if pair]
    values = [_as_json([pair[2].strip()])[0] for pair in pairs if pair]
    if len(set(names)) < len(names):
        return _DICT_EXAMPLE
    entries = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
    return file_hint(text, key) or _json_hint(key, f"{{{entries}}}", _DICT_EXAMPLE)


def whole_value_hint(key: str, value: Json) -> str:
    """Return how to give a whole list or dict: the present value, ready to edit, unless it is long or has no values."""
    kind = "dict" if isinstance(value, dict) else "list"
    edit = f"give the whole {kind}: `sostrades param edit STUDY {key}` opens it in your editor"
    if not isinstance(value, list | dict):
        return edit
    try:
        word = shell_quoted(f"{key}={json.dumps(value, ensure_ascii=False, allow_nan=False)}")
    except ValueError:
        return edit
    return edit if len(word) > LONGEST else f"edit the present value, and give all of it: {word}"


def _json_hint(key: str, value: str, example: str) -> str:
    hint = f"write JSON: {shell_quoted(f'{key}={value}')}"
    return hint if len(hint) <= LONGEST else example


def _items(text: str) -> list[str] | None:
    """Split the text of a flat list or dict at its commas; ``None`` if it is nested, or if a comma may be in a text."""
    inner = text.strip()
    if inner[:1] + inner[-1:] in {"[]", "{}", "()"}:
        inner = inner[1:-1]
    inner = inner.strip().strip("[](){}") if set(inner) & set("[](){}") and inner.count("[") <= 1 else inner
    items = [item.strip() for item in inner.split(",")]
    if items and not items[-1]:  # a comma at the end
        items.pop()
    if not items or set(inner) & set("[](){}\n") or not all(items):
        return None
    return None if any(item.count('"') % 2 or item.count("'") % 2 for item in items) else items


def _as_json(items: Sequence[str]) -> list[str]:
    """Return items as JSON: all as texts if one of them is neither a number nor another value."""
    plain = [item for item in items if number_text.is_number(item)]
    if len(plain) == len(items):
        return list(map(_number, items))
    if all(item.lower() in _WORDS or number_text.is_number(item) for item in items):
        return [json.dumps(_WORDS[item.lower()]) if item.lower() in _WORDS else _number(item) for item in items]
    return [json.dumps(_bare(item), ensure_ascii=False) for item in items]


def _number(text: str) -> str:
    """Return a number as JSON writes it, with the same digits if possible."""
    try:
        json.loads(text)
    except ValueError:  # such as .5, 1. and +1
        return repr(float(text))
    return text


def _bare(text: str) -> str:
    """Return a text without the quotes around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
