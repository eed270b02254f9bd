"""Which parameters of a study are shown, which are hidden, and in which order."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, UNKNOWN, has_tables
from sostrades_cli.errors import NoValue, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.filters import INPUT, OUTPUT, SOLVER, Filters
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.operations.param.read import defaults_of
from sostrades_cli.output.text import counted
from sostrades_cli.suggestions import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context


# The types of the server. A study may have others.
_TYPES: Final = frozenset({"float", "int", "string", "bool", "array", "dataframe"}) | LIST_TYPES | DICT_TYPES


class ParameterSelection(NamedTuple):
    """The names of the parameters that match, and of those of them that are shown.

    ``notes`` explain an empty selection. ``uncompared`` are inputs that cannot be compared with their defaults.
    """

    parameters: Mapping[str, Parameter]
    matching: list[str]
    shown: list[str]
    notes: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()


def group_of(parameter: Parameter) -> str:
    """Return whether a parameter is an input, an output or a solver setting; a start value is an input."""
    if parameter.is_solver_setting:
        return SOLVER
    return OUTPUT if is_output(parameter) else INPUT


def select_parameters(
    context: Context,
    study: int,
    parameters: Mapping[str, Parameter],
    filters: Filters,
    unread: Collection[str] = (),
) -> ParameterSelection:
    """Select and sort parameters of a study; inputs whose values are ``unread`` cannot be compared with their defaults.

    Raises
    ------
    NoValue
        The changed inputs are asked for, and no default is known.

    """
    defaults = _require_defaults(study, defaults_of(context, study, unread)) if filters.changed else None
    return choose(parameters, filters, defaults)


def choose(
    parameters: Mapping[str, Parameter], filters: Filters, defaults: Mapping[str, Json] | None = None
) -> ParameterSelection:
    """Select and sort parameters, and hide solver settings unless they are requested.

    ``defaults`` are needed for ``filters.changed``.
    """
    _require_known_types(filters.types, parameters)
    names = list(parameters) if filters.match is None else name_lookup.matching_names(parameters, filters.match)
    if filters.types or filters.units:
        names = [name for name in names if _has_type_and_unit(parameters[name], filters)]
    if filters.node is not None:
        names = _at_node(filters.node, names)
    uncompared: list[str] = []
    if filters.changed:
        names, uncompared = _changed(parameters, names, defaults or {})
    groups = filters.groups
    if groups:
        groups |= {SOLVER} if filters.everything else set()
        names = [name for name in names if group_of(parameters[name]) in groups]
    if filters.sort is not None:
        names = sorted(names, key=_sort_key(parameters, filters.sort))
    shows_all = filters.everything or bool(groups)
    shown = [name for name in names if shows_all or not parameters[name].is_solver_setting]
    notes = [] if shown else _why_empty(parameters, filters, names)
    visible = [name for name in uncompared if shows_all or not parameters[name].is_solver_setting]
    if visible:
        notes.append(f"not compared, because the server does not show their defaults: {counted(len(visible), 'input')}")
    return ParameterSelection(parameters, names, shown, tuple(notes), tuple(visible))


def _require_known_types(types: Sequence[str], parameters: Mapping[str, Parameter]) -> None:
    """Reject a type that neither the server nor this study has.

    Raises
    ------
    UsageError
        It is probably a typo. The hint lists the types of the study.

    """
    present = {parameter.type for parameter in parameters.values()}
    known = {kind.casefold() for kind in present | _TYPES}
    if wrong := [kind for kind in types if kind.casefold() not in known]:
        close = closest(wrong[0], sorted(present | _TYPES))
        meant = f". Did you mean {close[0]!r}?" if close else ""
        raise UsageError(
            f"there is no type {wrong[0]!r}{meant}",
            hint=f"choose one of {', '.join(sorted(present) or sorted(_TYPES))}",
        )


def _has_type_and_unit(parameter: Parameter, filters: Filters) -> bool:
    has_type = not filters.types or parameter.type.casefold() in map(str.casefold, filters.types)
    # The server has null and an empty text for no unit.
    return has_type and (not filters.units or (parameter.unit or "") in filters.units)


def _at_node(node: str, names: Iterable[str]) -> list[str]:
    """Return the parameters of a node and of the nodes below it; the node is a name, an ending of it, or a glob."""
    # With dots on both sides, so that only whole names of nodes match.
    path = f"*.{node.casefold().strip('.').replace('[', '[[]')}.*"
    return [name for name in names if fnmatchcase(f".{name.rpartition('.')[0].casefold()}.", path)]


def _changed(
    parameters: Mapping[str, Parameter], names: Sequence[str], defaults: Mapping[str, Json]
) -> tuple[list[str], list[str]]:
    """Return the inputs that differ from their defaults, and those that cannot be compared with them."""
    from sostrades_cli.operations.tables.equality import equal

    changed, uncompared = [], []
    for name in names:
        parameter, default = parameters[name], defaults.get(name, UNKNOWN)
        if is_output(parameter):
            continue
        # A placeholder stands for any table, so two of them do not show whether the tables are the same.
        if default is UNKNOWN or (has_tables(parameter.value) and has_tables(default)):
            uncompared.append(name)
        elif not equal(parameter.value, default, parameter.type):
            changed.append(name)
    return changed, uncompared


def _require_defaults(study: int, defaults: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the defaults of a study.

    Raises
    ------
    NoValue
        No input can be compared with its default.

    """
    if not defaults:
        raise NoValue(
            f"it is unknown which inputs of study {study} were changed",
            detail="the server shows defaults only after a finished run, and some versions also values",
            hint=f"sostrades calc run {study}",
            study=study,
        )
    return defaults


def _sort_key(parameters: Mapping[str, Parameter], field: str) -> Callable[[str], tuple[object, ...]]:
    def key(name: str) -> tuple[object, ...]:
        if field == "parameter":
            return (name.casefold(),)
        if field != "value":
            text = getattr(parameters[name], field)
            return (text is None, str(text or "").casefold())
        value = parameters[name].value
        # Numbers by size, then texts and lists as they are written, then those without a value.
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (0, value, "")
        return (2 if value is None else 1, 0, str(value).casefold())

    return key


def _why_empty(parameters: Mapping[str, Parameter], filters: Filters, names: Sequence[str]) -> list[str]:
    """Return a note on the filter that leaves nothing."""
    if names:
        verb = "matches" if len(names) == 1 else "match"
        return [f"only {counted(len(names), 'solver setting')} {verb}, add --all to show them"]
    if filters.match is not None and not name_lookup.matching_names(parameters, filters.match):
        return [name_lookup.none_fits(filters.match, parameters)]
    if filters.node is not None and not _at_node(filters.node, parameters):
        nodes = {name.rpartition(".")[0] for name in parameters}
        close = closest(filters.node, {node.rpartition(".")[2]: node for node in nodes}, 3, alike=0.5)
        meant = f". Did you mean {' or '.join(close)}?" if close else ""
        return [f"there is no node {filters.node}{meant}"]
    for noun, asked, known in (
        ("type", filters.types, {p.type for p in parameters.values()}),
        ("unit", filters.units, {p.unit or "" for p in parameters.values()}),
    ):
        if asked and not known & set(asked):
            return [
                f"no parameter has the {noun} {' or '.join(map(repr, asked))}. Known: {', '.join(sorted(known - {''}))}"
            ]
    return ["no input differs from its default"] if filters.changed else ["no parameter passes the filters"]
