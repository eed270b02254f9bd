"""The keys of a download: what they stand for, and opening the content of one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES
from sostrades_cli.errors import LoadFault, NotFound
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.outputs import (
    locate,
    note_outdated,
    possible_output,
    status_before_read,
    unknown,
)
from sostrades_cli.operations.param.read import known_parameters
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.output.csv_injection import safe_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

TABLE_TYPES: Final = frozenset({"dataframe", "array"}) | LIST_TYPES | DICT_TYPES


@contextlib.contextmanager
def open_one(
    context: Context, study: int, key: str, *, safe_csv: bool = False, exact: bool = False
) -> Iterator[Iterator[bytes]]:
    """Open the content of a parameter: with the key as its full name first, which needs no load, else resolve the key.

    With ``safe_csv``, no cell can be run as a formula; ``exact`` is as in ``Session.stream``.
    """
    with contextlib.ExitStack() as opened:
        name, status = key, status_before_read(context, study, [key])
        try:
            # A load of a large study takes 10 s; most keys are full names.
            chunks = opened.enter_context(context.api.parameters.stream(study, key, exact=exact))
        except NotFound:
            name = _resolved(context, study, key)
            chunks = opened.enter_context(context.api.parameters.stream(study, name, exact=exact))
        note_outdated(context, study, [name], status)
        yield safe_pieces(chunks) if safe_csv else chunks


def _resolved(context: Context, study: int, key: str) -> str:
    known: Mapping[str, Parameter | CachedParameter] = {}
    with contextlib.suppress(LoadFault):
        known = known_parameters(context, study)
    name = locate(context, study, key, known)
    if name == key:
        names = {**known, **context.cache.parameters_of(study)}
        output = possible_output(context, study, key, names)
        if output is not None:
            with contextlib.suppress(NotFound):
                context.api.parameters.content(study, output)
                return output
        raise unknown(context, study, key, names)
    return name


def resolve(context: Context, study: int, keys: Sequence[str]) -> tuple[Mapping[str, Parameter], list[str]]:
    """Return the known parameters of a study, and the full names that keys and globs match.

    Without keys, these are all tables. A load has no outputs; read-only mode has them after a finished run. A key that
    matches nothing is returned unchanged, because the server may have such a parameter.
    """
    parameters: Mapping[str, Parameter] = {}
    try:
        parameters = known_parameters(context, study)
        # The load wins, because read-only mode is that of the last run.
        parameters = {**read_only_parameters(context, study), **parameters}
    except LoadFault:
        # Full names can be downloaded without a list; globs cannot be resolved without one.
        if not keys or any(name_lookup.is_glob(key) for key in keys):
            raise
    names: list[str] = [] if keys else tables(parameters)
    for key in keys:
        names += name_lookup.matching_glob(parameters, key) or [_full_name(context, study, key, parameters)]
    return parameters, list(dict.fromkeys(names))


def with_globs_resolved(context: Context, study: int, keys: Sequence[str]) -> list[str]:
    """Return keys with the full names that each glob matches. Solver settings match only if nothing else does."""
    names: list[str] = []
    for key in keys:
        if not name_lookup.is_glob(key):
            names.append(key)
            continue
        parameters, matches = resolve(context, study, [key])
        names += [name for name in matches if not parameters[name].is_solver_setting] or matches
    return list(dict.fromkeys(names))


def _full_name(context: Context, study: int, key: str, parameters: Mapping[str, Parameter]) -> str:
    if name_lookup.is_glob(key):
        return name_lookup.Finder(context, study, parameters).find(key)
    return locate(context, study, key, parameters)


def tables(parameters: Mapping[str, Parameter]) -> list[str]:
    """Return the names of every dataframe, array, list and dict."""
    return [name for name, p in parameters.items() if p.type in TABLE_TYPES]


def is_named(name: str, keys: Sequence[str]) -> bool:
    """Return whether a key names this parameter, so that it was not selected by a glob or as one of all."""
    folded = [key.casefold() for key in keys if not name_lookup.is_glob(key)]
    return any(f".{name}".casefold().endswith(f".{key}") for key in folded)
