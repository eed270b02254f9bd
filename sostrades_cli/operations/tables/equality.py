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


def identical(one: Json, other: Json) -> bool:
    """Return whether two values are the same, types included: ``1`` is not ``1.0``; nan is nan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict | list):
        return _same_containers(one, other, identical)
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - nan


def equal(one: Json, other: Json, kind: str | None = None) -> bool:
    """Return whether two values are the same to a parameter of a type: ``5`` is ``5.0``, save to an int."""
    if kind == "int":
        return identical(one, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict | list):
        return type(one) is type(other) and _same_containers(one, other, equal)
    return bool(one == other)


def contains(held: Json, sent: Json) -> bool:
    """Return whether a value holds everything of another: the server adds defaults to a dict."""
    if isinstance(held, dict) and isinstance(sent, dict):
        return sent.keys() <= held.keys() and all(contains(held[key], value) for key, value in sent.items())
    return equal(held, sent)


def added(held: Json, sent: Json, prefix: str = "") -> dict[str, Json]:
    """Return what a value holds beyond another that it contains, by key."""
    if not (isinstance(held, dict) and isinstance(sent, dict)):
        return {}
    found = {f"{prefix}{key}": value for key, value in held.items() if key not in sent}
    for key in sent:
        found |= added(held[key], sent[key], f"{prefix}{key}.")
    return found


def first_difference(sent: Json, held: Json, where: str = "") -> tuple[str, Json, Json] | None:
    """Return where the first part stands that was sent and is not held, with both values; extra keys do not count."""
    if isinstance(sent, dict) and isinstance(held, dict):
        parts = ((f"{where}.{key}", value, held.get(key)) for key, value in sent.items())
    elif isinstance(sent, list) and isinstance(held, list) and len(sent) == len(held):
        parts = ((f"{where}[{number}]", one, held[number]) for number, one in enumerate(sent))
    else:
        return None if equal(sent, held) else (where, sent, held)
    return next((found for place, one, other in parts if (found := first_difference(one, other, place))), None)


def _same_containers(one: Json, other: Json, same: Callable[[Json, Json], bool]) -> bool:
    if isinstance(one, dict):
        return bool(one.keys() == other.keys()) and all(same(value, other[key]) for key, value in one.items())
    return len(one) == len(other) and all(map(same, one, other))
