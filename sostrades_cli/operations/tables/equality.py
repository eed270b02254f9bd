"""When two values are the same. There are three notions, and each caller chooses one.

- ``identical``: the same value and type; ``1`` is not ``1.0``. For what the server holds and what would be sent.
- ``equal``: the same for a parameter of a type; ``1`` is ``1.0`` to a float. For values that users compare.
- ``Tolerance.close``: numbers that are close enough, where a user gave a tolerance.

A text never equals a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sostrades_cli.api.models import Json


def identical(first: Json, other: Json) -> bool:
    """Return whether two values are the same, types included: ``1`` is not ``1.0``; nan is nan."""
    if type(first) is not type(other):
        return False
    if isinstance(first, dict | list):
        return _same_containers(first, other, identical)
    return bool(first == other) or (first != first and other != other)  # noqa: PLR0124 - nan


def equal(first: Json, other: Json, kind: str | None = None) -> bool:
    """Return whether two values are the same to a parameter of a type: ``5`` is ``5.0``, save to an int."""
    if kind == "int":
        return identical(first, other)
    if isinstance(first, bool) or isinstance(other, bool):
        return first is other
    if isinstance(first, dict | list):
        return type(first) is type(other) and _same_containers(first, other, equal)
    return bool(first == other)


def contains(stored: Json, sent: Json) -> bool:
    """Return whether a value holds everything of another: the server adds defaults to a dict."""
    if isinstance(stored, dict) and isinstance(sent, dict):
        return sent.keys() <= stored.keys() and all(contains(stored[key], value) for key, value in sent.items())
    return equal(stored, sent)


def added(stored: Json, sent: Json, prefix: str = "") -> dict[str, Json]:
    """Return what a value holds beyond another that it contains, by key."""
    if not (isinstance(stored, dict) and isinstance(sent, dict)):
        return {}
    found = {f"{prefix}{key}": value for key, value in stored.items() if key not in sent}
    for key in sent:
        found |= added(stored[key], sent[key], f"{prefix}{key}.")
    return found


def first_difference(sent: Json, stored: Json, where: str = "") -> tuple[str, Json, Json] | None:
    """Return where the first part stands that was sent and is not held, with both values; extra keys do not count."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        parts = ((f"{where}.{key}", value, stored.get(key)) for key, value in sent.items())
    elif isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        parts = ((f"{where}[{number}]", one, stored[number]) for number, one in enumerate(sent))
    else:
        return None if equal(sent, stored) else (where, sent, stored)
    return next((found for place, one, other in parts if (found := first_difference(one, other, place))), None)


def _same_containers(first: Json, other: Json, same: Callable[[Json, Json], bool]) -> bool:
    if isinstance(first, dict):
        return bool(first.keys() == other.keys()) and all(same(value, other[key]) for key, value in first.items())
    return len(first) == len(other) and all(map(same, first, other))
