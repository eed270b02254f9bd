"""Look up the metadata of parameters: type, unit, direction, present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, TABLE
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.collected_errors import SHOWN_ERRORS, attempt_all, results_of
from sostrades_cli.operations.study.load import (
    cacheable_metadata,
    is_commenters_view,
    load_live,
    read_only_parameters,
    withheld,
)
from sostrades_cli.output.text import fitted
from sostrades_cli.solver_settings import RESIDUALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.local.journal import Journal
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.collected_errors import InputError
    from sostrades_cli.operations.study.load import Loaded

FAILURE: Final = "parameters cannot be set, nothing was sent"


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter as it is declared; ``type`` is ``None`` if it is unknown.

    ``parameter`` is the entry of the load; ``content`` is the download, on servers whose load is broken, and ``empty``
    says that the download found no value. ``seen`` is the cached entry of read-only mode.
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
        """Whether it is the start value of a coupling variable, which a run replaces by its result."""
        return self.seen is not None and self.seen.is_start_value

    @property
    def has_limits(self) -> bool:
        """Whether choices or a range are declared."""
        return self.seen is not None and (bool(self.seen.possible_values) or self.seen.range is not None)

    @property
    def holds_tables(self) -> bool:
        """Whether it is a dict of tables."""
        if self.parameter is not None:
            return self.parameter.holds_tables
        return self.type not in LIST_TYPES and bool(
            self.content and self.content.startswith(b"variable,") and not self.content.startswith(b"variable,value\n")
        )


class Target(NamedTuple):
    """What a key stands for: an input, or with ``entry`` one entry of a dict: its keys, joined by dots."""

    info: ParameterInfo
    entry: str = ""


class Name(NamedTuple):
    """The full name of a parameter that a key stands for, and the entry of a dict, if any."""

    name: str
    entry: str = ""


def declare(
    context: Context, study: int, keys: Sequence[str]
) -> tuple[list[ParameterInfo], Mapping[str, Parameter] | None]:
    """Return the metadata of inputs, and all parameters of the load, ``None`` if the server cannot load.

    Raises
    ------
    NotFound
        There is no such parameter.
    PermissionDenied
        The server withholds the parameter from a commenter.
    UsageError
        The parameter is an output, a run computes it without a start value, or the key is an entry of a dict.

    """
    outcomes, shown = find_targets(context, study, keys)
    targets = results_of(outcomes, len(keys), FAILURE)
    for target in targets:
        if target.entry:
            raise UsageError(
                f"{target.info.name}.{target.entry} is an entry of a dict, not a parameter",
                hint=f"use the parameter {target.info.name}",
                study=study,
            )
    return [target.info for target in targets], shown


def find_targets(
    context: Context, study: int, keys: Sequence[str]
) -> tuple[list[Target | InputError], Mapping[str, Parameter] | None]:
    """Return the input that each key stands for, or its error, and all parameters of the load, ``None`` without one.

    The start value of a coupling variable is an input, because a run begins with it. A parameter's name wins over an
    entry of a dict. After the first errors, the remaining keys are left out: a file for another study can have
    thousands of unknown names, and each costs requests.
    """
    shown: Mapping[str, Parameter] | None = None
    try:
        loaded = load_live(context, study)
    except LoadFault:
        # Read-only mode has the types, but the values of the last run: the present ones come by download.
        # Releases 5.0.2 to 5.3.4 answer 400 to every load.
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
        found = attempt_all(lambda key: _target_by_download(context, study, key, known), keys, most=SHOWN_ERRORS)
    else:
        shown = loaded.parameters
        names = _loaded_names(context, study, keys, loaded)
        known = _with_directions(context, study, [name.name for name in names if isinstance(name, Name)], loaded)

        def target_of(name: Name | InputError) -> Target:
            if not isinstance(name, Name):
                raise name
            return Target(_from_load(context, study, name.name, loaded, known), name.entry)

        found = attempt_all(target_of, names, most=SHOWN_ERRORS)
    for target in found:
        if isinstance(target, Target) and target.info.is_start_value:
            context.inform(f"{target.info.name} is the start value of a loop, so a run computes it again")
    return found, shown


def _loaded_names(context: Context, study: int, keys: Sequence[str], loaded: Loaded) -> list[Name | InputError]:
    """Resolve keys to names of the load, or else of read-only mode, which has more inputs than the load."""
    # Full names, as in files, need no search.
    if all(key in loaded.parameters for key in keys):
        return [Name(key) for key in keys]
    finder = name_lookup.Finder(context, study, loaded.parameters)

    def resolve(key: str) -> Name:
        name = finder.exact(key)
        return _name_elsewhere(context, study, key, loaded) if name is None else Name(name)

    return attempt_all(resolve, keys, most=SHOWN_ERRORS)


def entry_of(key: str, finder: name_lookup.Finder, types: Mapping[str, str]) -> Name | None:
    """Return the dict whose name is the beginning of a key, with the rest of the key; ``None`` if there is none."""
    parts = key.split(".")
    for count in range(len(parts) - 1, 0, -1):
        beginning = ".".join(parts[:count])
        name = finder.exact(beginning) or finder.any_case(beginning)
        if name is not None and types.get(name) in DICT_TYPES:
            return Name(name, ".".join(parts[count:]))
    return None


def _name_elsewhere(context: Context, study: int, key: str, loaded: Loaded) -> Name:
    # The key may be right and the server withholds it, so "no such parameter" would be wrong.
    if is_commenters_view(loaded.parameters):
        raise withheld(study)
    known = context.cache.parameters_of(study)
    if (name := name_lookup.Finder(context, study, known).exact(key)) is None:
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
        name = name_lookup.Finder(context, study, known).exact(key)
    everything = name_lookup.Finder(context, study, {**loaded.parameters, **known})
    entry = None
    if name is None and (name := everything.any_case(key)) is None:
        types = {name: parameter.type for name, parameter in known.items()}
        types |= {name: parameter.type for name, parameter in loaded.parameters.items()}
        name, entry = key, entry_of(key, everything, types)
    if name in loaded.parameters or exists(context, study, name):
        return Name(name)
    if entry is not None:
        return entry
    raise name_lookup.unknown(key, loaded.parameters, study)


def exists(context: Context, study: int, key: str) -> bool:
    """Ask the server whether it has a parameter of this full name; needed if the load does not show all of them."""
    try:
        context.api.parameters.content(study, key)
    except NotFound:
        return False
    except (NoValue, NoLayout):
        return True
    return True


def _with_directions(context: Context, study: int, names: Sequence[str], loaded: Loaded) -> dict[str, CachedParameter]:
    """Return the cache, completed once from read-only mode, which alone shows coupling variables."""
    known = context.cache.parameters_of(study)
    if all(name in known and known[name].coupling is not None for name in names):
        return known
    # Only once per study: the cache keeps what it finds. Without a finished run there is no such file.
    everything = read_only_parameters(context, study)
    if not everything:
        return known
    recalled = context.cache.parameters_of(study)
    return recalled or {name: cacheable_metadata(p) for name, p in {**loaded.parameters, **everything}.items()}


def _from_load(
    context: Context, study: int, name: str, loaded: Loaded, known: dict[str, CachedParameter]
) -> ParameterInfo:
    parameter, seen = loaded.parameters.get(name), known.get(name)
    if parameter is None and (seen is None or seen.io_type is None):
        raise _not_an_input(name, study, "it is an output, or it cannot be edited")
    _require_input(name, seen, study)
    if parameter is None:
        return _by_download(context, study, name, known)
    return ParameterInfo(name, parameter.type, parameter.unit, parameter, None, seen)


def _cached_name(context: Context, study: int, key: str, known: dict[str, CachedParameter]) -> str:
    """Resolve a key if the load is broken: the cache may be incomplete, so the server decides."""
    finder = name_lookup.Finder(context, study, known)
    if (name := finder.exact(key)) is not None:
        return name
    other = finder.any_case(key)
    return other if other is not None and not exists(context, study, key) else key


def _target_by_download(context: Context, study: int, key: str, known: dict[str, CachedParameter]) -> Target:
    try:
        return Target(_by_download(context, study, _cached_name(context, study, key, known), known))
    except NotFound:
        types = {name: parameter.type for name, parameter in known.items()}
        entry = entry_of(key, name_lookup.Finder(context, study, known), types)
        if entry is None:
            raise
        return Target(_by_download(context, study, entry.name, known), entry.entry)


def _by_download(context: Context, study: int, name: str, known: dict[str, CachedParameter]) -> ParameterInfo:
    seen = known.get(name)
    _require_input(name, seen, study)
    # Some servers have an answer for every such name, but a full name begins with the name of the study.
    if seen is None and "." not in name:
        raise name_lookup.unknown(name, known, study)
    empty = False
    try:
        content = context.api.parameters.content(study, name)
    except NoValue:
        content, empty = None, True
    except NotFound as error:
        raise name_lookup.unknown(name, known, study) from error
    except NoLayout:
        content = None  # an array of two dimensions exists, but cannot be downloaded
    if seen is None:
        named = fitted(name, name_lookup.LONGEST_NAME)
        context.notify(f"the type of {named} is unknown on this server, so the value is read as JSON")
    return ParameterInfo(name, seen.type if seen else None, seen.unit if seen else None, None, content, seen, empty)


def why_not_settable(name: str, cached: CachedParameter | None) -> str | None:
    """Return why a parameter cannot be set, ``None`` if it can be, as far as its metadata is known."""
    if (cached is not None and cached.io_type == "out") or name.rpartition(".")[2] == RESIDUALS:
        # The server answers 200 to a new value of an output, and the next run replaces it.
        return "it is an output"
    if cached is not None and cached.is_computed:
        return "it is a coupling variable without a start value, which another discipline computes"
    return None


def _require_input(name: str, cached: CachedParameter | None, study: int) -> None:
    if (reason := why_not_settable(name, cached)) is not None:
        raise _not_an_input(name, study, reason)


def _not_an_input(name: str, study: int, why: str) -> UsageError:
    return UsageError(
        f"{name} cannot be set: {why}",
        detail="the server would accept the value, but not store it",
        hint=f"choose an input: `sostrades param list {study} --inputs` lists them",
        study=study,
    )


def present_value(info: ParameterInfo, new: Json, journal: Journal) -> Json:
    """Return the present value of a parameter, read like a ``new`` one if the type is unknown."""
    if info.parameter is not None:
        return TABLE if info.holds_tables else info.parameter.value
    if info.content is None:
        return None if info.empty else TABLE  # no download can show it
    from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: only if the server cannot load
    from sostrades_cli.operations.tables.kept_table import last_change  # noqa: PLC0415

    # A download does not show every digit: if it still shows the last value sent from here, that is the present one.
    last = last_change(journal.entries(), info.name)
    if last is not None and last.new is not None and downloads.holds(info.content, last.new, info.type):
        return last.new
    kind = "list" if isinstance(new, list) else "dict" if isinstance(new, dict) else None
    value = downloads.value_of(info.content, info.type or kind)
    return None if info.type == "float" and value in downloads.NULLS else value
