"""Reading JSON and TOML, whoever wrote it: nothing is nested deeper than all that works on it can follow."""

from __future__ import annotations

import json
import math
from typing import Any, Final

# Values of parameters and plotly's figures nest a dozen deep; Python's own functions reach a few hundred.
MOST_NESTED: Final = 100
# Of a key in an error.
LONGEST_SHOWN: Final = 60
# Editors and PowerShell put it in front of UTF-8, where it says nothing. The codec utf-8-sig drops it from files.
BYTE_ORDER_MARK: Final = "\ufeff"
_NOTHING: Final = type(None)
# By annotation; JSON gives these types themselves, and whole numbers for floats.
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
    """A key stands twice in an object: which of its values counts is anybody's guess."""


class TooDeepError(ValueError):
    """A document is nested deeper than what works on it can follow."""


class NotADoubleError(ValueError):
    """A number that a double cannot hold: it would become infinite, or 0."""


def double(text: str) -> float:
    """Return the number that a text stands for, as ``parse_float``; the words for the infinite and nan are those.

    Raises
    ------
    NoDoubleError
        It is beyond the range of a double, or so small that it would become 0.
    ValueError
        It is no number.

    """
    value = float(text)
    if value and not math.isinf(value):
        return value
    digits = set(text.lower().partition("e")[0])
    if value and digits & set("0123456789"):
        raise NotADoubleError(f"{text[:LONGEST_SHOWN]} is beyond the range of a double")
    if not value and digits & set("123456789"):
        raise NotADoubleError(f"{text[:LONGEST_SHOWN]} is too small for a double: it would become 0")
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, as ``object_pairs_hook``.

    Raises
    ------
    RepeatedKeyError
        A key of it stands twice.

    """
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise DuplicateKeyError(f"the key {twice[:LONGEST_SHOWN]!r} stands twice")
    return found


def from_json(text: str | bytes, **options: Any) -> Any:  # noqa: ANN401 - json's own, and a document of any shape
    """Return the content of a JSON text; ``options`` are those of ``json.loads``.

    Raises
    ------
    ValueError
        It is no JSON, or nested too deeply.

    """
    try:
        found = json.loads(text, **options)
    except RecursionError as error:
        raise TooDeepError("nested without end") from error
    return _followed(found)


def from_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises
    ------
    ValueError
        It is no TOML, or nested too deeply, or holds a number that a double cannot.

    """
    import tomllib  # noqa: PLC0415 - start-up: in CI there is no such file

    try:
        found: dict[str, Any] = _followed(tomllib.loads(text, parse_float=double))
    except RecursionError as error:
        raise TooDeepError("nested without end") from error
    return found


def is_as_declared(result: object) -> bool:
    """Return whether the plain fields of a dataclass or a named tuple hold what they are declared to hold.

    What was read from a file of ours may have been spoilt there; fields of other kinds are not looked at.
    """
    declared = {name: getattr(kind, "__forward_arg__", kind) for name, kind in type(result).__annotations__.items()}
    return all(type(getattr(result, name)) in _KINDS[kind] for name, kind in declared.items() if kind in _KINDS)


def _followed(value: Any) -> Any:  # noqa: ANN401 - a document of any shape
    """Return a value, level by level looked through without recursion."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_NESTED + 1):
        if not level:
            return value
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
    raise TooDeepError(f"nested more than {MOST_NESTED} deep")
