"""Reading one value, and the names of all."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE, has_tables
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.param.metadata import entry_of
from sostrades_cli.operations.param.outputs import (
    from_cache,
    is_output,
    locate,
    note_stale,
    outputs_of,
    possible_output,
    unknown,
)
from sostrades_cli.operations.study.load import load, read_only_parameters
from sostrades_cli.system import quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import Name

# The download of an infinite number, and of the same text.
INFINITE: Final = frozenset({"inf", "-inf"})
NO_VALUE: Final = "no value"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as Python has it, in which inf and nan are numbers; or a table, to be downloaded.

    ``placeholder`` is what a load has in place of a table. ``is_unlisted`` says that the load does not have the
    parameter. ``dict_name`` is the full name of the parameter if the value is one entry of a dict.
    """

    key: str
    content: Json = None
    is_table: bool = False
    dict_name: str | None = None
    placeholder: Json = TABLE
    is_unlisted: bool = False

    @property
    def payload(self) -> Json:
        """The value for JSON, in which inf and nan are texts."""
        return finite(self.content)

    @property
    def text(self) -> str:
        """The value for people and pipes."""
        if self.content is None:
            return NO_VALUE
        return self.payload if isinstance(self.payload, str) else json.dumps(self.payload, ensure_ascii=False)


def finite(value: Json) -> Json:
    """Return a value with texts in place of inf and nan, as JSON has no such numbers."""
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def has_null(value: Json) -> bool:
    """Return whether a value is null, or a list or dict with null in it."""
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return any(map(has_null, value)) if isinstance(value, list) else value is None


@dataclass(frozen=True, slots=True)
class ParameterListing:
    """The parameters of a study by full name. ``unread`` are those without a present value; ``note`` says why.

    ``start_values`` is the number of couplings that only a list of inputs has, although a run computes them.
    """

    parameters: dict[str, Parameter]
    unread: frozenset[str] = frozenset()
    note: str | None = None
    start_values: int = 0


def known_parameters(context: Context, study: int) -> dict[str, Parameter]:
    """Return a study's parameters; where it cannot be loaded, the cached ones, without values."""
    return _loaded_or_cached(context, study)[0]


def _loaded_or_cached(context: Context, study: int) -> tuple[dict[str, Parameter], bool]:
    """Return a study's parameters, and whether they have their values."""
    try:
        return load(context, study).parameters, True
    except LoadFault as fault:
        known = context.cache.parameters_of(study)
        if not known:
            raise
        context.notify(f"{fault.message}, so names and types come from the cache")
        return {name: from_cache(name, seen) for name, seen in known.items()}, False


def list_parameters(context: Context, study: int, *, inputs: bool, outputs: bool) -> ParameterListing:
    """Return inputs and solver settings, outputs, or all; and why outputs are not those of the study as it is now."""
    known, valued = _loaded_or_cached(context, study)
    computed = with_outputs(context, study) if outputs else ParameterListing({})
    cached = context.cache.parameters_of(study)
    shown = {
        name: _with_direction(p, cached.get(name))
        for name, p in known.items()
        if name not in computed.parameters and not is_output(p)
    }
    chosen = {**(shown if inputs else {}), **computed.parameters}
    start_values = 0 if inputs else sum(parameter.is_start_value for parameter in shown.values())
    return ParameterListing(chosen, computed.unread if valued else frozenset(chosen), computed.note, start_values)


def _with_direction(parameter: Parameter, cached: CachedParameter | None) -> Parameter:
    """Return a parameter of a load, which marks optional inputs and start values alike, as what it is."""
    if not parameter.optional or parameter.coupling is not None or cached is None or cached.io_type is None:
        return parameter
    return parameter._replace(io_type=cached.io_type, coupling=cached.coupling)


def with_outputs(context: Context, study: int) -> ParameterListing:
    """Return the outputs of a study."""
    finished = read_only_parameters(context, study)
    outputs = outputs_of(context, study, finished, ())
    # Values of outputs in the cache would be those of an earlier run.
    return ParameterListing(
        outputs.parameters, frozenset() if finished else frozenset(outputs.parameters), outputs.note
    )


def defaults_of(context: Context, study: int, unread: Collection[str] = ()) -> dict[str, Json]:
    """Return the default values of inputs, as the last answer of read-only mode had them.

    Inputs whose values are ``unread`` cannot be compared, so they are left out.
    """
    known = context.cache.parameters_of(study)
    # Only read-only mode has defaults, so without any the cache is from loads alone.
    if all(cached.default is None for cached in known.values()):
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
    return {
        name: cached.default[0]
        for name, cached in known.items()
        if cached.default and not cached.is_computed and name not in unread
    }


def read_value(context: Context, study: int, key: str) -> Value:
    """Return the value of one parameter, as ``read_values`` does."""
    return read_values(context, study, [key])[0]


def read_values(context: Context, study: int, keys: Sequence[str]) -> list[Value]:
    """Return the values of parameters: from one load, or by download where the load does not show them.

    A key can also be one entry of a dict.

    Raises
    ------
    NotFound
        There is no such parameter or entry. The error lists all that do not exist.
    NoValue
        It is an output that no run has computed yet.

    """
    loaded: Mapping[str, Parameter] = {}
    # Where loading is broken, a full name can still be downloaded.
    with contextlib.suppress(LoadFault):
        loaded = load(context, study).parameters
    values = map_all(lambda key: _read(context, study, key, loaded), keys, "parameters cannot be read")
    names = [value.dict_name or value.key for value in values]
    # A load has present values only, so just the downloads may be results of an earlier run.
    note_stale(context, study, [name for name in names if name not in loaded])
    return values


def _read(context: Context, study: int, key: str, loaded: Mapping[str, Parameter]) -> Value:
    name = locate(context, study, key, loaded)
    parameter = loaded.get(name)
    if parameter is None:
        known: dict[str, CachedParameter | Parameter] = {**loaded, **context.cache.parameters_of(study)}
        try:
            return replace(_downloaded(context, study, name, known), is_unlisted=bool(loaded))
        except NotFound:
            # The name of a parameter wins over an entry of a dict.
            entry = entry_of(key, name_lookup.Finder(context, study, known), {n: p.type for n, p in known.items()})
            if entry is None:
                output = possible_output(context, study, key, known)
                if output is None:
                    raise
                with contextlib.suppress(NotFound):
                    return _downloaded(context, study, output, known)
                raise
        return _entry(context, study, entry, loaded)
    if parameter.is_table:
        own = parameter.value if has_tables(parameter.value) else _placeholder(parameter.type)
        return Value(parameter.name, is_table=True, placeholder=own)
    return Value(parameter.name, present_content(context, study, parameter))


def _entry(context: Context, study: int, wanted: Name, loaded: Mapping[str, Parameter]) -> Value:
    from sostrades_cli.operations.param.entries import at, path_of, unknown_entry  # noqa: PLC0415 - start-up

    whole = _read(context, study, wanted.name, loaded)
    hint = f"sostrades param get {study} {quoted(whole.key)}"
    if whole.is_table or not isinstance(whole.content, dict):
        raise UsageError(f"{whole.key} has no single values to read", hint=hint, study=study)
    path = path_of(whole.content, wanted.entry)
    if path is None:
        raise unknown_entry(whole.key, wanted.entry, whole.content, hint)
    return Value(".".join((whole.key, *path)), at(whole.content, path), dict_name=whole.key)


def may_hide_a_number(parameter: Parameter) -> bool:
    """Return whether null in a value may stand for inf or nan."""
    return has_null(parameter.value) and (parameter.value is not None or parameter.type == "float")


def present_content(context: Context, study: int, parameter: Parameter) -> Json:
    """Return the value of a load, with inf and nan where they are known; only a download tells them from no value."""
    value = parameter.value
    if not may_hide_a_number(parameter):
        return value
    from sostrades_cli.operations.tables.nulls import filled  # noqa: PLC0415 - start-up: most values have no null

    try:
        return filled(value, context.api.parameters.content(study, parameter.name), parameter.type)
    except (NoValue, NoLayout):
        return value


def _downloaded(context: Context, study: int, key: str, known: Mapping[str, CachedParameter | Parameter]) -> Value:
    from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: most values are in the load
    from sostrades_cli.operations.tables.nulls import filled  # noqa: PLC0415

    seen = known.get(key)
    info = seen.type if seen else None
    try:
        content = context.api.parameters.content(study, key)
    except NotFound as error:
        raise unknown(key, known, study) from error
    except NoValue:
        # An input can be empty; an output without a value has not been computed.
        if seen is None or seen.io_type != "in":
            raise
        return Value(key)
    except NoLayout:
        return Value(key, is_table=True, placeholder=_placeholder(info))
    value = downloads.value_of(content, info)
    if value == TABLE:
        return Value(key, is_table=True, placeholder=_placeholder(info))
    return Value(key, filled(value, content, info))


def _placeholder(declared: str | None) -> str:
    """Return what a load has in place of a table of a declared type."""
    return ARRAY if declared == "array" else TABLE
