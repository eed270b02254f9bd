"""Resolve tables of TOML and JSON files: a table is the value of a dict, or a part of parameter names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sostrades_cli.api.models import DICT_TYPES
from sostrades_cli.errors import LoadFault, UsageError
from sostrades_cli.operations.param.assignment_files import of_value
from sostrades_cli.operations.param.assignments import Assignment, ListedRows, LoadedValues, Requested, Table
from sostrades_cli.operations.param.loaded_values import assignments_of, edited_rows
from sostrades_cli.operations.param.metadata import exists
from sostrades_cli.operations.study.load import load_live, read_only_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.context import Context


def resolve(context: Context, study: int, requested: Sequence[Requested]) -> list[Assignment]:
    """Return the assignments of tables and loads, in their order.

    Every key of a table becomes an assignment or a part of one, so that none is lost.

    Raises
    ------
    UsageError
        A key in the value of a dict is the name of a parameter, or a file does not exist.

    """
    known = _known(context, study) if any(isinstance(item, Table) for item in requested) else None
    assignments: list[Assignment] = []
    for item in requested:
        if isinstance(item, Assignment):
            assignments.append(item)
        elif isinstance(item, LoadedValues):
            assignments += assignments_of(context, study, item)
        elif isinstance(item, ListedRows):
            assignments += edited_rows(context, study, item)
        elif known is not None:
            assignments += _resolved(known, item)
    return assignments


class _Known:
    """The types of a study's parameters, by full name."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def is_value(self, key: str) -> bool:
        """Return whether a table under a key is the value of a parameter, not a part of names.

        A key that matches nothing counts as the name of a parameter, so that it is reported as unknown.
        """
        named = self._named(key) or [name for name in self._types if _ends_with(name.casefold(), key.casefold())]
        return any(self._types[name] in DICT_TYPES for name in named) or not self.is_node(key)

    def is_node(self, key: str) -> bool:
        """Return whether there are parameters below a key."""
        # With dots on both sides, because `Mac` is not a node of `Macro`.
        return any(f".{key}.".casefold() in f".{name}".casefold() for name in self._types)

    def is_parameter(self, key: str) -> bool:
        """Return whether a key is the name of a parameter; a single word only if it is a complete name."""
        named = self._named(key)
        return bool(named) if "." in key else any(self._is_whole(name, key) for name in named)

    def _named(self, key: str) -> list[str]:
        return [name for name in self._types if _ends_with(name, key)]

    def _is_whole(self, name: str, key: str) -> bool:
        # The study's own name is in front of every name. With more than that, the word is only an ending.
        root = name.removesuffix(key)
        return all(other.startswith(root) for other in self._types)


def _ends_with(name: str, key: str) -> bool:
    return name == key or name.endswith(f".{key}")


class _Asked(_Known):
    """The types in the cache, if the load is broken; the cache may be incomplete, so the server decides the rest."""

    def __init__(self, types: Mapping[str, str], context: Context, study: int) -> None:
        super().__init__(types)
        self._context = context
        self._study = study

    def is_value(self, key: str) -> bool:
        """Return the same; a key that matches nothing in the cache may exist on the server."""
        if self._named(key) or self.is_node(key):
            return super().is_value(key)
        return exists(self._context, self._study, key)

    def is_parameter(self, key: str) -> bool:
        """Return the same; a full name that is not in the cache may exist on the server."""
        return super().is_parameter(key) or ("." in key and exists(self._context, self._study, key))


def _known(context: Context, study: int) -> _Known:
    try:
        loaded = load_live(context, study)
    except LoadFault:
        read_only_parameters(context, study)
        return _Asked(
            {name: cached.type for name, cached in context.cache.parameters_of(study).items()}, context, study
        )
    return _Known({name: parameter.type for name, parameter in loaded.parameters.items()})


def _resolved(known: _Known, table: Table) -> Iterator[Assignment]:
    """Yield the assignments of a table."""
    # TOML writes the value of a dict and a group of parameters alike: only the study tells them apart.
    if isinstance(table.content, list) or known.is_value(table.key):
        _validate_dict_keys(known, table)
        yield Assignment(table.key, value=table.content)
        return
    if not table.content and not known.is_node(table.key):
        yield Assignment(table.key, value=table.content)  # an unknown name is reported, not skipped
    for key, value in table.content.items():
        name = f"{table.key}.{key}"
        below = of_value(name, value, table.path, table.text)
        yield from [below] if isinstance(below, Assignment) else _resolved(known, below)


def _validate_dict_keys(known: _Known, table: Table) -> None:
    """Reject a dict with a key that is the name of a parameter: most likely that was to be set by itself."""
    for key in dict.fromkeys(_paths(table.content)):
        if known.is_parameter(key):
            line = _line_of(key, table.text)
            raise UsageError(
                f"{table.path}{f', line {line}' if line else ''}: {key} is a parameter, but here it is "
                f"inside the value of {table.key}",
                detail="a table of a TOML file ends at the next [table], an object of a JSON file at its closing brace",
                hint=f"move the line out of {table.key}. If the value really has this key, set {table.key}:='JSON'",
            )


def _paths(value: Json) -> Iterator[str]:
    """Yield the keys of a value at any depth, alone and joined with the keys below them."""
    if isinstance(value, list):
        for item in value:
            yield from _paths(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            for path in _paths(inner):
                yield path
                yield f"{key}.{path}"


def _line_of(key: str, text: str) -> int | None:
    """Return the number of the last line with a key, whole or by its last part; ``None`` if there is none."""
    for spelling in (key, key.rpartition(".")[2]):
        matches = list(re.finditer(rf"""(?<![\w-])["']?{re.escape(spelling)}["']?\s*[=:\]]""", text))
        if matches:
            return text.count("\n", 0, matches[-1].start()) + 1
    return None
