"""Lists of numbers or texts that many figures repeat, such as the years: kept once in memory, and once in a page."""

from __future__ import annotations

from array import array
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sostrades_cli.api.models import Json

# A place of a list in a figure of a page: `{"sharedColumn": 2}` is the third list that its charts share.
PLACE: Final = "sharedColumn"
# Shorter lists are hardly longer than a place.
_SHORTEST: Final = 8
_DIGEST_BYTES: Final = 16
_CONTAINERS: Final = frozenset({dict, list})


class KeptLists:
    """Lists that were met before, by a digest of their content, types and signs of zeros included."""

    def __init__(self) -> None:
        self._lists: dict[bytes, list[Json]] = {}

    def once(self, value: Json) -> Json:
        """Return JSON in which an equal list is the same object as the one met first; its objects are changed."""
        if isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, dict | list):
                    value[name] = self.once(item)
            return value
        if not isinstance(value, list) or len(value) < _SHORTEST or not is_flat(value):
            return [self.once(item) for item in value] if isinstance(value, list) and not is_flat(value) else value
        return self._lists.setdefault(_digest(value), value)


def _digest(items: list[Json]) -> bytes:
    """Return a digest of a flat list, which differs for 1, 1.0 and True, and for 0.0 and -0.0."""
    only_floats = set(map(type, items)) == {float}
    # The digits of many floats take long.
    content = array("d", items).tobytes() if only_floats else repr(items).encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=_DIGEST_BYTES, person=b"floats" if only_floats else b"").digest()


def is_flat(items: list[Json]) -> bool:
    """Return whether a list has no lists and objects in it."""
    # Without a loop in Python, because the lists of a large study have millions of numbers.
    return _CONTAINERS.isdisjoint(map(type, items))


def repeated(figures: Iterable[Json]) -> list[list[Json]]:
    """Return the lists that occur at least twice, as the same object."""
    lists: dict[int, list[Json]] = {}
    counts: Counter[int] = Counter()
    for items in (items for figure in figures for items in _flat_lists(figure)):
        lists[id(items)] = items
        counts[id(items)] += 1
    return [lists[key] for key, count in counts.items() if count > 1]


def _flat_lists(value: Json) -> Iterator[list[Json]]:
    if isinstance(value, list) and len(value) >= _SHORTEST and is_flat(value):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, dict | list):
                yield from _flat_lists(item)


def with_places(value: Json, places: Mapping[int, int]) -> Any:  # noqa: ANN401 - the type of the argument
    """Return JSON with the places of shared lists, by their identity, instead of these lists."""
    if isinstance(value, list):
        if id(value) in places:
            return {PLACE: places[id(value)]}
        return value if is_flat(value) else [with_places(item, places) for item in value]
    if isinstance(value, dict):
        return {name: with_places(item, places) for name, item in value.items()}
    return value
