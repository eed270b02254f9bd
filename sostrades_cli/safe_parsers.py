"""Parsers for untrusted JSON and TOML, with a limit on the nesting."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection

# Parameter values and plotly's figures are about a dozen levels deep; recursive functions of Python fail at hundreds.
MOST_NESTED: Final = 100
_JSON_BLANKS: Final = json.decoder.WHITESPACE.match  # type: ignore[attr-defined] # the expression of json itself
_CONTAINERS: Final = frozenset({dict, list})
# Longest part of a key in an error.
LONGEST_SHOWN: Final = 60
# Editors and PowerShell write it in front of UTF-8, where it has no meaning. The codec utf-8-sig removes it.
BYTE_ORDER_MARK: Final = "\ufeff"
_NOTHING: Final = type(None)
# The types that JSON yields for an annotation; a float may come as an integer.
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "str | None": (str, _NOTHING),
    "bool | None": (bool, _NOTHING),
    "float | None": (float, int, _NOTHING),
    "dict[str, Json]": (dict,),
}


class DuplicateKeyError(ValueError):
    """A key occurs twice in an object, so its value is ambiguous."""


class TooDeepError(ValueError):
    """A document is nested more deeply than other code can process."""


class NotADoubleError(ValueError):
    """A number that a double cannot represent: it would become infinite, or 0."""


def double(text: str) -> float:
    """Return the number of a text, as ``parse_float``; ``inf`` and ``nan`` are accepted.

    Raises
    ------
    NotADoubleError
        The number is beyond the range of a double, or so small that it would become 0.
    ValueError
        The text is not a number.

    """
    value = float(text)
    if value and not math.isinf(value):
        return value
    # Only the digits distinguish an overflow from the word inf, and an underflow from a written 0.
    digits = set(text.lower().partition("e")[0])
    if value and digits & set("0123456789"):
        raise NotADoubleError(f"{text[:LONGEST_SHOWN]} is out of the range of a double")
    if not value and digits & set("123456789"):
        raise NotADoubleError(f"{text[:LONGEST_SHOWN]} is too small for a double and would become 0")
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object without duplicate keys, as ``object_pairs_hook``.

    Raises
    ------
    DuplicateKeyError
        A key occurs twice.

    """
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in content if keys.count(key) > 1)
        raise DuplicateKeyError(f"the key {twice[:LONGEST_SHOWN]!r} occurs twice")
    return content


def from_json(text: str | bytes, *, skipped: Collection[str] = (), **options: Any) -> Any:  # noqa: ANN401 - json's own, and a document of any shape
    """Parse a JSON text; ``options`` are those of ``json.loads``.

    If the text is an object, the values of its keys in ``skipped`` are ``None``, and take no memory.

    Raises
    ------
    ValueError
        The text is not JSON, or nested too deeply.

    """
    try:
        document = _partly_parsed(text, skipped, options) if skipped else json.loads(text, **options)
    except RecursionError as error:
        raise TooDeepError("nested too deeply") from error
    return _depth_checked(document)


def _partly_parsed(text: str | bytes, skipped: Collection[str], options: dict[str, Any]) -> Any:  # noqa: ANN401 - a document of any shape
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    whole = json.JSONDecoder(**options)
    # Objects within the skipped values are dropped as soon as they are read.
    dropping = json.JSONDecoder(**{**options, "object_pairs_hook": lambda _: None})
    if _mark(text, 0) != "{":
        return whole.decode(text)
    pairs: list[tuple[str, Any]] = []
    position = _after(text, 0)
    is_more = _mark(text, position) != "}"
    while is_more:
        key, position = whole.raw_decode(text, _JSON_BLANKS(text, position).end())
        if not isinstance(key, str) or _mark(text, position) != ":":
            raise json.JSONDecodeError("Expecting a key", text, position)
        start = _JSON_BLANKS(text, _after(text, position)).end()
        value, position = (dropping if key in skipped else whole).raw_decode(text, start)
        pairs.append((key, None if key in skipped else value))
        is_more = _mark(text, position) == ","
        position = _after(text, position) if is_more else position
    if _mark(text, position) != "}" or _mark(text, _after(text, position)):
        raise json.JSONDecodeError("Expecting the end of the object", text, position)
    return options.get("object_pairs_hook", dict)(pairs)


def _mark(text: str, position: int) -> str:
    """Return the next character that is not blank, empty at the end."""
    start: int = _JSON_BLANKS(text, position).end()
    return text[start : start + 1]


def _after(text: str, position: int) -> int:
    """Return the position behind the next character that is not blank."""
    end: int = _JSON_BLANKS(text, position).end()
    return end + 1


def from_toml(text: str) -> dict[str, Any]:
    """Parse a TOML text.

    Raises
    ------
    ValueError
        The text is not TOML, is nested too deeply, or has a number that a double cannot represent.

    """
    import tomllib

    try:
        document: dict[str, Any] = _depth_checked(tomllib.loads(text, parse_float=double))
    except RecursionError as error:
        raise TooDeepError("nested too deeply") from error
    return document


def is_as_declared(result: object) -> bool:
    """Return whether the plain fields of a dataclass or a named tuple have their declared types.

    The files of the tool may be damaged. Fields of other types are not checked.
    """
    declared = {name: getattr(kind, "__forward_arg__", kind) for name, kind in type(result).__annotations__.items()}
    # `type(...) in`, not isinstance: True is an instance of int.
    return all(type(getattr(result, name)) in _KINDS[kind] for name, kind in declared.items() if kind in _KINDS)


def _depth_checked(value: Any) -> Any:  # noqa: ANN401 - a document of any shape
    """Return a value if its nesting is within the limit."""
    # Level by level, because a recursive check would fail on the documents to be refused.
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(MOST_NESTED + 1):
        if not level:
            return value
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _CONTAINERS
        ]
    raise TooDeepError(f"nested more than {MOST_NESTED} levels deep")
