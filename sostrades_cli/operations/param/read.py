"""Reading one value, and the names of all."""

from __future__ import annotations

import contextlib
import json
from math import isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.models import ARRAY, TABLE, has_tables
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, SostradesError, UsageError
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.collected_errors import joint_error, map_all
from sostrades_cli.operations.param.outputs import (
    from_cache,
    is_output,
    locate,
    note_outdated,
    outputs_of,
    possible_output,
    status_before_read,
    unknown,
)
from sostrades_cli.operations.study.load import load, may_read, no_parameters, read_only_parameters
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.metadata import Name

# The download of an infinite number, and of the same text.
INFINITE: Final = frozenset({"inf", "-inf"})
NO_VALUE: Final = "no value"
# Their downloads are small.
_SCALARS: Final = frozenset({"float", "int", "bool"})
_FAILURE: Final = "parameters cannot be read"


class Value(NamedTuple):
    """A value as Python has it, in which inf and nan are numbers; or a table, to be downloaded.

    ``placeholder`` is what a load has in place of a table. ``is_unlisted`` says that the load does not have the
    parameter. ``is_outdated`` says that it is the result of an earlier run. ``dict_name`` is the full name of the
    parameter if the value is one entry of a dict. ``error`` is the reason why the value cannot be read.
    """

    key: str
    content: Json = None
    is_table: bool = False
    dict_name: str | None = None
    placeholder: Json = TABLE
    is_unlisted: bool = False
    is_outdated: bool = False
    error: NoLayout | NoValue | None = None

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


class ParameterListing(NamedTuple):
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
        _require_readable(context, study, known)
        context.notify(f"{fault.message}, so names and types come from the cache")
        return {name: from_cache(name, cached) for name, cached in known.items()}, False


def _require_readable(context: Context, study: int, known: Mapping[str, CachedParameter]) -> None:
    """Refuse to show names that another key has read, if the server shows this key no parameters."""
    name = next((name for name, parameter in known.items() if parameter.type in _SCALARS), next(iter(known)))
    with contextlib.suppress(NotFound):
        if not may_read(context, study, name):
            raise no_parameters(study, "the server does not let it download any")


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
    [value] = read_values(context, study, [key])
    if value.error is not None:
        raise value.error
    return value


def read_values(context: Context, study: int, keys: Sequence[str]) -> list[Value]:
    """Return the values of parameters: from one load, or by download where the load does not show them.

    A key can also be one entry of a dict. An output that no run has computed yet has an ``error``.

    Raises
    ------
    NotFound
        There is no such parameter or entry. The error lists all that do not exist.

    """
    loaded: Mapping[str, Parameter] = {}
    # Where loading is broken, a full name can still be downloaded.
    with contextlib.suppress(LoadFault):
        loaded = load(context, study).parameters
    status = status_before_read(context, study, keys, loaded)
    values = map_all(lambda key: _read_or_fail(context, study, key, loaded), keys, _FAILURE)
    names = [value.dict_name or value.key for value in values]
    # A load has present values only, so just the downloads may be results of an earlier run.
    downloaded = [name for name, v in zip(names, values, strict=True) if v.error is None and name not in loaded]
    outdated = note_outdated(context, study, downloaded, status)
    return [v._replace(is_outdated=name in outdated) for name, v in zip(names, values, strict=True)]


def failure_of(values: Sequence[Value]) -> SostradesError | None:
    """Return the error of the values that cannot be read, ``None`` if all can."""
    errors = [value.error for value in values if value.error is not None]
    return joint_error(errors, _FAILURE, total=len(values), tried=len(values)) if errors else None


def _read_or_fail(context: Context, study: int, key: str, loaded: Mapping[str, Parameter]) -> Value:
    try:
        return _read(context, study, key, loaded)
    # One value that cannot be read must not hide the others.
    except (NoLayout, NoValue) as error:
        return Value(key, error=error)


def _read(context: Context, study: int, key: str, loaded: Mapping[str, Parameter]) -> Value:
    name = locate(context, study, key, loaded)
    parameter = loaded.get(name)
    if parameter is None:
        known: dict[str, CachedParameter | Parameter] = {**loaded, **context.cache.parameters_of(study)}
        try:
            return _downloaded(context, study, name, known)._replace(is_unlisted=bool(loaded))
        except NotFound:
            from sostrades_cli.operations.param.metadata import entry_of

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


def _entry(context: Context, study: int, target: Name, loaded: Mapping[str, Parameter]) -> Value:
    from sostrades_cli.operations.param.entries import at, path_of, unknown_entry

    whole = _read(context, study, target.name, loaded)
    hint = f"sostrades param get {study} {shell_quoted(whole.key)}"
    if whole.is_table or not isinstance(whole.content, dict):
        raise UsageError(f"{whole.key} has no single values to read", hint=hint, study=study)
    path = path_of(whole.content, target.entry)
    if path is None:
        raise unknown_entry(whole.key, target.entry, whole.content, hint)
    return Value(".".join((whole.key, *path)), at(whole.content, path), dict_name=whole.key)


def may_hide_a_number(parameter: Parameter) -> bool:
    """Return whether null in a value may stand for inf or nan."""
    return has_null(parameter.value) and (parameter.value is not None or parameter.type == "float")


def present_content(context: Context, study: int, parameter: Parameter) -> Json:
    """Return the value of a load, with inf and nan where they are known; only a download tells them from no value."""
    value = parameter.value
    if not may_hide_a_number(parameter):
        return value
    from sostrades_cli.operations.tables.nulls import filled

    try:
        return filled(value, context.api.parameters.content(study, parameter.name), parameter.type)
    except (NoValue, NoLayout):
        return value


def _downloaded(context: Context, study: int, key: str, known: Mapping[str, CachedParameter | Parameter]) -> Value:
    from sostrades_cli.operations.tables import downloads
    from sostrades_cli.operations.tables.nulls import filled

    cached = known.get(key)
    info = cached.type if cached else None
    try:
        content = context.api.parameters.content(study, key)
    except NotFound as error:
        raise unknown(context, study, key, known) from error
    except NoValue:
        # An input can be empty; an output without a value has not been computed.
        if cached is None or cached.io_type != "in":
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
