"""What is declared of the parameters that a command wants to change: type, unit, direction, present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import LIST_TYPES
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.study.load import is_commenters_view, load_live, seen_of, told_by_read_only, withheld
from sostrades_cli.solver_settings import RESIDUALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.load import Loaded


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter as it is declared; ``type`` is ``None`` where no answer ever told it.

    ``parameter`` is the entry of the load; ``content`` its download, on servers whose load is broken; ``seen`` is
    what read-only mode told of it at some time; ``empty`` says that a download found no value.
    """

    name: str
    type: str | None
    unit: str | None
    parameter: Parameter | None
    content: bytes | None
    seen: CachedParameter | None = None
    empty: bool = False

    @property
    def is_start_value(self) -> bool:
        """Return whether it is the start value of a coupling variable, which a run replaces by its result."""
        return self.seen is not None and self.seen.is_start_value

    @property
    def holds_tables(self) -> bool:
        """Return whether it is a dict of tables."""
        if self.parameter is not None:
            return self.parameter.holds_tables
        return self.type not in LIST_TYPES and bool(
            self.content and self.content.startswith(b"variable,") and not self.content.startswith(b"variable,value\n")
        )


def declare(
    context: Context, study: int, keys: Sequence[str]
) -> tuple[list[ParameterInfo], Mapping[str, Parameter] | None]:
    """Find what is known of each key, and refuse those that are not inputs.

    The second value is the load that this comes from: all parameters, or ``None`` where the server cannot load. The
    start value of a coupling variable is an input: the load shows it, and a run begins with it.

    Raises
    ------
    NotFound
        There is no such parameter.
    PermissionDenied
        The server withholds it, as it does from a commenter, who can change nothing.
    UsageError
        It is an output, or a run computes it from no start value.

    """
    shown: Mapping[str, Parameter] | None = None
    try:
        loaded = load_live(context, study)
    except LoadFault:
        # Read-only mode has the types, but no change since the run: present values come by download.
        told_by_read_only(context, study)
        known = context.cache.recall(study)
        info = [_undeclared(context, study, _remembered_name(context, study, key, known), known) for key in keys]
    else:
        shown = loaded.parameters
        finder = name_lookup.Finder(context, study, loaded.parameters)
        found = [_loaded_name(context, study, key, loaded, finder) for key in keys]
        known = _with_directions(context, study, found, loaded)
        info = [_declared(context, study, name, loaded, known) for name in found]
    for item in info:
        if item.is_start_value:
            context.inform(f"{item.name} is the start value of a loop: a run computes it again")
    return info, shown


def _loaded_name(context: Context, study: int, key: str, loaded: Loaded, finder: name_lookup.Finder) -> str:
    """Resolve a key: to a name of the load, or else of read-only mode, which has more inputs than the load."""
    if (name := finder.exact(key)) is not None:
        return name
    if is_commenters_view(loaded.parameters):
        raise withheld(study)
    known = context.cache.recall(study)
    if (name := name_lookup.Finder(context, study, known).exact(key)) is None:
        told_by_read_only(context, study)
        known = context.cache.recall(study)
        name = name_lookup.Finder(context, study, known).exact(key)
    if name is None:
        name = name_lookup.Finder(context, study, {**loaded.parameters, **known}).any_case(key) or key
    if name in loaded.parameters or _exists(context, study, name):
        return name
    raise name_lookup.unknown(key, loaded.parameters, study)


def _exists(context: Context, study: int, key: str) -> bool:
    try:
        context.api.parameters.content(study, key)
    except NotFound:
        return False
    except (NoValue, NoLayout):
        return True
    return True


def _with_directions(context: Context, study: int, result: Sequence[str], loaded: Loaded) -> dict[str, CachedParameter]:
    """Return the memory, completed once from read-only mode, which alone tells coupling variables."""
    known = context.cache.recall(study)
    if all(name in known and known[name].coupling is not None for name in result):
        return known
    everything = told_by_read_only(context, study)
    if not everything:
        return known
    recalled = context.cache.recall(study)
    return recalled or {name: seen_of(p) for name, p in {**loaded.parameters, **everything}.items()}


def _declared(
    context: Context, study: int, name: str, loaded: Loaded, known: dict[str, CachedParameter]
) -> ParameterInfo:
    parameter, seen = loaded.parameters.get(name), known.get(name)
    if parameter is None and (seen is None or seen.io_type is None):
        raise _not_an_input(name, study, "it is an output, or not editable")
    _require_input(name, seen, study)
    if parameter is None:
        return _undeclared(context, study, name, known)
    return ParameterInfo(name, parameter.type, parameter.unit, parameter, None, seen)


def _remembered_name(context: Context, study: int, key: str, known: dict[str, CachedParameter]) -> str:
    """Resolve a key where the load is broken: the memory need not be complete, so the server decides."""
    if (name := name_lookup.Finder(context, study, known).exact(key)) is not None:
        return name
    other = name_lookup.Finder(context, study, known).any_case(key)
    return other if other is not None and not _exists(context, study, key) else key


def _undeclared(context: Context, study: int, name: str, known: dict[str, CachedParameter]) -> ParameterInfo:
    seen = known.get(name)
    _require_input(name, seen, study)
    empty = False
    try:
        content = context.api.parameters.content(study, name)
    except NoValue:
        content, empty = None, True
    except NotFound as error:
        raise name_lookup.unknown(name, known, study) from error
    except NoLayout:
        content = None  # a 2-D array cannot be downloaded, yet exists
    if seen is None:
        context.notify(f"the declared type of {name} cannot be learned from this server: the value is read as JSON")
    return ParameterInfo(name, seen.type if seen else None, seen.unit if seen else None, None, content, seen, empty)


def _require_input(name: str, cached: CachedParameter | None, study: int) -> None:
    if (cached is not None and cached.io_type == "out") or name.rpartition(".")[2] == RESIDUALS:
        raise _not_an_input(name, study, "it is an output")
    if cached is not None and cached.is_computed:
        raise _not_an_input(name, study, "another discipline computes it (a coupling variable without a start value)")


def _not_an_input(name: str, study: int, why: str) -> UsageError:
    return UsageError(
        f"{name} cannot be set: {why}",
        detail="the server would accept the value and lose it",
        hint=f"sostrades param list {study} shows what can be set",
        study=study,
    )
