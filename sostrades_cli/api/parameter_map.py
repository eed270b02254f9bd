"""The parameters of a study, which may be a million: checked together, made one by one when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Self

from sostrades_cli.api.models import COMPOUND, Json, Parameter, is_beyond
from sostrades_cli.solver_settings import SOLVER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS: Final = ("type", "unit", "var_name", "value", "optional")


class ParameterMap(Mapping[str, Parameter]):
    """Full names to parameters, in the server's order.

    What a caller wants of all of them is read from the entries, in a fraction of the time that a value of each takes.
    """

    def __init__(self, entries: Mapping[str, Mapping[str, Json]], made: Mapping[str, Parameter]) -> None:
        self._entries = entries
        self._made = made

    @classmethod
    def from_api(cls, payload: Mapping[str, Json]) -> Self:
        """Read the answer of a load.

        Raises
        ------
        UnusableAnswer
            An entry is no object, has no type, or holds what no value is.

        """
        if _is_regular(payload):
            return cls(payload, {})
        return cls.of({name: Parameter.from_api(name, fields) for name, fields in payload.items()})

    @classmethod
    def of(cls, made: Mapping[str, Parameter]) -> Self:
        """Return parameters that are there already."""
        return cls({name: parameter.to_api() for name, parameter in made.items()}, made)

    def joined(self, others: Mapping[str, Parameter]) -> Self:
        """Return these parameters followed by others, such as the outputs that no load shows."""
        entries = {**self._entries, **{name: parameter.to_api() for name, parameter in others.items()}}
        return type(self)(entries, {**self._made, **others})

    def __getitem__(self, name: str) -> Parameter:
        if name in self._made:
            return self._made[name]
        fields = self._entries[name]
        return Parameter(name, *(fields[field] for field in FIELDS))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def solver_settings(self) -> set[str]:
        """Return the names of those that steer the solver, not the model."""
        numerical = {name for name, parameter in self._made.items() if parameter.numerical}
        return numerical.union(name for name, one in self._entries.items() if one["var_name"] in SOLVER_SETTINGS)

    def has_only_solver_settings(self) -> bool:
        """Return whether all of them steer the solver, and there are some."""
        entries = self._entries.items()
        return bool(entries) and all(
            one["var_name"] in SOLVER_SETTINGS or (name in self._made and self._made[name].numerical)
            for name, one in entries
        )

    def cells(self, names: Iterable[str]) -> list[tuple[str, str, str | None, Json]]:
        """Return the name, type, unit and value of some."""
        chosen = list(names)
        entries = list(map(self._entries.__getitem__, chosen))
        return list(zip(chosen, *(map(itemgetter(field), entries) for field in ("type", "unit", "value")), strict=True))

    def words(self) -> Iterator[str]:
        """Yield the names, types and units of all, in which another answer that tells the same is the same."""
        yield from self._entries
        yield from map(itemgetter("type"), self._entries.values())
        yield from map(str, map(itemgetter("unit"), self._entries.values()))


def _is_regular(payload: Mapping[str, Json]) -> bool:
    """Return whether every entry has the fields of a load, of their types, and no more that would be read."""
    entries = payload.values()
    try:
        kinds, units, shorts, values, optional = (list(map(itemgetter(field), entries)) for field in FIELDS)
    except (KeyError, TypeError):
        return False
    return (
        set(map(type, entries)) <= {dict}
        and set(map(type, kinds)) <= {str}
        and set(map(type, units)) <= {str, type(None)}
        and set(map(type, shorts)) <= {str}
        and set(map(type, optional)) <= {bool}
        and all(shorts)
        and not any(is_beyond(value) for value in values if type(value) in COMPOUND)
        and (set(map(len, entries)) <= {len(FIELDS)} or not any(map(_has_more, entries)))
    )


def _has_more(fields: Mapping[str, Json]) -> bool:
    """Return whether an entry has more than a word or two, such as the visibility that some releases tell."""
    return "io_type" in fields or any(type(told) in COMPOUND for name, told in fields.items() if name != "value")
