"""Look up the metadata of parameters: type, unit, direction, present value."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, TABLE
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.param.json_hints import whole_value_hint
from sostrades_cli.operations.study.load import is_commenters_view, load_live, read_only_parameters, withheld
from sostrades_cli.output.text import with_article
from sostrades_cli.output.text_width import fitted
from sostrades_cli.solver_settings import RESIDUALS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter, TypedParameter
    from sostrades_cli.local.journal import Journal
    from sostrades_cli.operations.context import Context

FAILURE: Final = "parameters cannot be set, nothing was sent"
# A file for another study can have thousands of unknown names, and each costs requests.
MOST_FAILURES: Final = 10
# Types of values that consist of parts, which cannot be set one by one.
UNDIVIDED: Final = LIST_TYPES | {"dataframe", "array"}


@dataclass(frozen=True, slots=True)
class ParameterInfo:
    """A parameter as it is declared; ``type`` is ``None`` if it is unknown.

    ``parameter`` is the entry of the load; ``content`` is the download, on servers whose load is broken, and ``empty``
    says that the download found no value. ``cached`` is the cached entry of read-only mode.
    """

    name: str
    type: str | None
    unit: str | None
    parameter: Parameter | None
    content: bytes | None
    cached: CachedParameter | None = None
    empty: bool = False

    @property
    def is_start_value(self) -> bool:
        """Whether it is the start value of a coupling variable, which a run replaces by its result."""
        return self.cached is not None and self.cached.is_start_value

    @property
    def has_limits(self) -> bool:
        """Whether choices or a range are declared."""
        return self.cached is not None and (bool(self.cached.possible_values) or self.cached.range is not None)

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
    context: Context, study: int, keys: Sequence[str], *, reads_file: bool = False
) -> tuple[list[ParameterInfo], Mapping[str, Parameter] | None]:
    """Return the metadata of inputs, and all parameters of the load, ``None`` if the server cannot load.

    Then ``reads_file`` takes values from the read-only file, which a change deletes, instead of a download for each.

    Raises
    ------
    NotFound
        There is no such parameter.
    PermissionDenied
        The server withholds the parameter from a commenter.
    UsageError
        The parameter is an output, a run computes it without a start value, or the key is an entry of a dict.

    """
    inputs = Inputs(context, study, reads_file=reads_file)
    targets = map_all(inputs.find, keys, FAILURE, most=MOST_FAILURES)
    for target in targets:
        if target.entry:
            raise UsageError(
                f"{target.info.name}.{target.entry} is an entry of a dict, not a parameter",
                hint=f"use the parameter {target.info.name}",
                study=study,
            )
    return [target.info for target in targets], inputs.shown


class Inputs:
    """Finds the inputs of a study by the keys of a user.

    ``shown`` are all parameters of the load, ``None`` if the server cannot load. Then ``reads_file`` takes values from
    the read-only file, which a change deletes, instead of a download for each. ``failures`` counts the keys that
    are not those of an input.
    """

    def __init__(self, context: Context, study: int, *, reads_file: bool = False) -> None:
        self._context = context
        self._study = study
        self._reads_file = reads_file
        self.failures = 0
        self.shown: Mapping[str, Parameter] | None = None
        self._read_only: dict[str, Parameter] | None = None
        # Some servers fail every load.
        with contextlib.suppress(LoadFault):
            self.shown = load_live(context, study).parameters
        self._known = context.cache.parameters_of(study)
        if self.shown is None:
            # Read-only mode has the types, but the values of the last run: the present ones come by download.
            self.read_only()

    def read_only(self) -> dict[str, Parameter]:
        """Return the parameters in read-only mode, which complete the cache; none if there is no file."""
        # Once for all keys: it is a request of megabytes.
        if self._read_only is None:
            self._read_only = read_only_parameters(self._context, self._study)
            self._known = self._context.cache.parameters_of(self._study)
        return self._read_only

    def find(self, key: str) -> Target:
        """Return the input that a key stands for.

        The start value of a coupling variable is an input, because a run begins with it. A parameter's name wins over
        an entry of a dict.

        Raises
        ------
        NotFound
            There is no such parameter or entry.
        PermissionDenied
            The server withholds the parameter from a commenter.
        UsageError
            The parameter is an output, or a run computes it without a start value.

        """
        try:
            target = self._by_download(key) if self.shown is None else self._by_load(key, self.shown)
        except (NotFound, UsageError):
            self.failures += 1
            raise
        if target.info.is_start_value:
            self._context.inform(f"{target.info.name} is the start value of a loop, so a run computes it again")
        return target

    def _by_load(self, key: str, shown: Mapping[str, Parameter]) -> Target:
        name, entry = self._name(key, shown)
        parameter, cached = shown.get(name), self._metadata(name)
        # A load shows only inputs. Others exist in read-only mode, which alone shows their direction.
        if parameter is None and (cached is None or cached.io_type is None):
            raise _not_an_input(name, self._study, "it is an output, or it cannot be edited")
        _require_input(name, cached, self._study)
        if parameter is None:
            return Target(self._downloaded(name), entry)
        return Target(ParameterInfo(name, parameter.type, parameter.unit, parameter, None, cached), entry)

    def _metadata(self, name: str) -> CachedParameter | None:
        """Return the cached metadata, completed from read-only mode: a load shows no directions, ranges or choices."""
        cached = self._known.get(name)
        if cached is None or cached.coupling is None:
            # Only once per study: the cache keeps it. Without a finished run there is no such file.
            self.read_only()
        return self._known.get(name)

    def _name(self, key: str, shown: Mapping[str, Parameter]) -> Name:
        """Resolve a key to a name of the load, or else of read-only mode, which has more inputs than the load."""
        # Full names, as in files, need no search.
        if key in shown:
            return Name(key)
        name = self._finder.exact(key)
        return self._name_elsewhere(key, shown) if name is None else Name(name)

    @cached_property
    def _finder(self) -> name_lookup.Finder:
        # Kept, because its index of the names serves all keys of a file.
        return name_lookup.Finder(self._context, self._study, self.shown or {})

    def _name_elsewhere(self, key: str, shown: Mapping[str, Parameter]) -> Name:
        # The key may be right and the server withholds it, so "no such parameter" would be wrong.
        if is_commenters_view(shown):
            raise withheld(self._study)
        context, study = self._context, self._study
        if (name := name_lookup.Finder(context, study, self._known).exact(key)) is None:
            self.read_only()
            name = name_lookup.Finder(context, study, self._known).exact(key)
        everything = name_lookup.Finder(context, study, {**shown, **self._known})
        entry = None
        if name is None and (name := everything.any_case(key)) is None:
            types = {name: cached.type for name, cached in self._known.items()}
            types |= {name: parameter.type for name, parameter in shown.items()}
            name, entry = key, entry_of(key, everything, types)
        if name in shown or exists(context, study, name):
            return Name(name)
        if entry is not None:
            return entry
        self._refuse_part(key, everything, {**shown, **self._known})
        raise name_lookup.unknown(key, shown, study)

    def _by_download(self, key: str) -> Target:
        """Find an input if the load is broken: the cache may be incomplete, so the server decides."""
        if self._reads_file and (parameter := self.read_only().get(key)) is not None:
            cached = self._known.get(key)
            _require_input(key, cached, self._study)
            return Target(ParameterInfo(key, parameter.type, parameter.unit, parameter, None, cached))
        finder = name_lookup.Finder(self._context, self._study, self._known)
        name = finder.exact(key)
        if name is None:
            other = finder.any_case(key)
            name = other if other is not None and not exists(self._context, self._study, key) else key
        try:
            return Target(self._downloaded(name))
        except NotFound:
            entry = entry_of(key, finder, {name: cached.type for name, cached in self._known.items()})
            if entry is None:
                self._refuse_part(key, finder, self._known)
                raise
            return Target(self._downloaded(entry.name), entry.entry)

    def _refuse_part(self, key: str, finder: name_lookup.Finder, known: Mapping[str, TypedParameter]) -> None:
        """Refuse a key that is the name of a list or a table with something behind it."""
        dotted = key.replace("[", ".").rstrip("]")
        part = _part_of(dotted, finder, {name: parameter.type for name, parameter in known.items()}, UNDIVIDED)
        # The last name of a table may also be that of a discipline, before a misspelt name.
        if part is None or not (part.entry.isdecimal() or "." in dotted.removesuffix(f".{part.entry}")):
            return
        kind, info = known[part.name].type, self._info(part.name)
        hint = f"sostrades param edit {self._study} {part.name}"
        if kind in LIST_TYPES:
            from sostrades_cli.operations.param.elements import present_elements

            hint = whole_value_hint(part.name, present_elements(info))
        raise UsageError(
            f"{part.name} is {with_article(kind)}, and its entries cannot be set one by one",
            hint=hint,
            study=self._study,
        )

    def _info(self, name: str) -> ParameterInfo:
        parameter = (self.shown or {}).get(name)
        if parameter is None:
            return self._downloaded(name)
        return ParameterInfo(name, parameter.type, parameter.unit, parameter, None)

    def _downloaded(self, name: str) -> ParameterInfo:
        cached = self._known.get(name)
        _require_input(name, cached, self._study)
        # Some servers have an answer for every such name, but a full name begins with the name of the study.
        if cached is None and "." not in name:
            raise name_lookup.unknown(name, self._known, self._study)
        empty = False
        try:
            content = self._context.api.parameters.content(self._study, name)
        except NoValue:
            content, empty = None, True
        except NotFound as error:
            raise name_lookup.unknown(name, self._known, self._study) from error
        except NoLayout:
            content = None  # an array of two dimensions exists, but cannot be downloaded
        if cached is None:
            shortened = fitted(name, name_lookup.LONGEST_KEY)
            self._context.notify(f"the type of {shortened} is unknown on this server, so the value is read as JSON")
            return ParameterInfo(name, None, None, None, content, empty=empty)
        return ParameterInfo(name, cached.type, cached.unit, None, content, cached, empty)


def entry_of(key: str, finder: name_lookup.Finder, types: Mapping[str, str]) -> Name | None:
    """Return the dict whose name is the beginning of a key, with the rest of the key; ``None`` if there is none."""
    return _part_of(key, finder, types, DICT_TYPES)


def _part_of(key: str, finder: name_lookup.Finder, types: Mapping[str, str], kinds: Collection[str]) -> Name | None:
    """Return the parameter of some types whose name is the beginning of a key, with the rest of the key."""
    parts = key.split(".")
    for count in range(len(parts) - 1, 0, -1):
        beginning = ".".join(parts[:count])
        name = finder.exact(beginning) or finder.any_case(beginning)
        if name is not None and types.get(name) in kinds:
            return Name(name, ".".join(parts[count:]))
    return None


def exists(context: Context, study: int, key: str) -> bool:
    """Ask the server whether it has a parameter of this full name; needed if the load does not show all of them."""
    try:
        context.api.parameters.content(study, key)
    except NotFound:
        return False
    except (NoValue, NoLayout):
        return True
    return True


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
    from sostrades_cli.operations.tables import downloads
    from sostrades_cli.operations.tables.sent_tables import last_change

    # A download does not show every digit: if it still shows the last value sent from here, that is the present one.
    last = last_change(journal.entries(), info.name)
    if last is not None and last.new is not None and downloads.holds(info.content, last.new, info.type):
        return last.new
    kind = "list" if isinstance(new, list) else "dict" if isinstance(new, dict) else None
    value = downloads.value_of(info.content, info.type or kind)
    return None if info.type == "float" and value in downloads.NULLS else value
