"""Reading one value, and the names of all."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.param.outputs import from_cache, is_output, locate, note_stale, outputs_of
from sostrades_cli.operations.study.load import load, read_only_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

# The download of an infinite number, and of the same text.
INFINITE: Final = frozenset({"inf", "-inf"})
# A load shows these floats as null. JSON has no such numbers, so they are texts there.
NOT_FINITE: Final = INFINITE | {"nan"}
NO_VALUE: Final = "no value"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is read: ``text`` for people and pipes, ``payload`` for JSON; or a table, to be downloaded.

    ``type`` is the declared one, ``None`` where no answer ever told it.
    """

    key: str
    text: str = ""
    payload: Json = None
    is_table: bool = False
    type: str | None = None

    @property
    def exact(self) -> Json:
        """The value as Python can hold it: inf and nan are numbers, not their names."""
        is_number = self.type == "float" and isinstance(self.payload, str) and self.payload in NOT_FINITE
        return float(self.payload) if is_number else self.payload


@dataclass(frozen=True, slots=True)
class ParameterListing:
    """The parameters of a study by full name. ``unread`` are those without a present value; ``note`` says why."""

    parameters: dict[str, Parameter]
    unread: frozenset[str] = frozenset()
    note: str | None = None


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
    return ParameterListing(chosen, computed.unread if valued else frozenset(chosen), computed.note)


def _with_direction(parameter: Parameter, cached: CachedParameter | None) -> Parameter:
    """Return a parameter of a load, which marks optional inputs and start values alike, as what it is."""
    if not parameter.optional or parameter.coupling is not None or cached is None or cached.io_type is None:
        return parameter
    return parameter._replace(io_type=cached.io_type, coupling=cached.coupling)


def with_outputs(context: Context, study: int) -> ParameterListing:
    """Return the outputs of a study."""
    told = read_only_parameters(context, study)
    outputs = outputs_of(context, study, told, ())
    # Values of outputs in the cache would be those of an earlier run.
    return ParameterListing(outputs.parameters, frozenset() if told else frozenset(outputs.parameters), outputs.note)


def defaults_of(context: Context, study: int) -> dict[str, Json]:
    """Return the default values of inputs, as the last answer of read-only mode had them."""
    known = context.cache.parameters_of(study)
    if all(cached.default is None for cached in known.values()):
        read_only_parameters(context, study)
        known = context.cache.parameters_of(study)
    return {name: cached.default[0] for name, cached in known.items() if cached.default}


def read_value(context: Context, study: int, key: str) -> Value:
    """Return the value of one parameter, as ``read_values`` does."""
    return read_values(context, study, [key])[0]


def read_values(context: Context, study: int, keys: Sequence[str]) -> list[Value]:
    """Return the values of parameters: from one load, or by download where the load does not show them.

    Raises
    ------
    NotFound
        There is no such parameter. The error lists all that do not exist.
    NoValue
        It is an output that no run has computed yet.

    """
    loaded: Mapping[str, Parameter] = {}
    # Where loading is broken, a full name can still be downloaded.
    with contextlib.suppress(LoadFault):
        loaded = load(context, study).parameters
    values = map_all(lambda key: _read(context, study, key, loaded), keys, "parameters cannot be read")
    note_stale(context, study, [value.key for value in values if value.key not in loaded])
    return values


def _read(context: Context, study: int, key: str, loaded: Mapping[str, Parameter]) -> Value:
    name = locate(context, study, key, loaded)
    parameter = loaded.get(name)
    if parameter is None:
        return _downloaded(context, study, name, {**loaded, **context.cache.parameters_of(study)})
    if parameter.is_table:
        return Value(parameter.name, is_table=True)
    # JSON has no nan and inf, so the server writes both as null.
    if parameter.value is None:
        word = null_word(context, study, parameter)
        payload = None if word == NO_VALUE else word
        return Value(parameter.name, word, payload, type=parameter.type)
    return Value(parameter.name, _text(parameter.value), parameter.value)


def null_word(context: Context, study: int, parameter: Parameter) -> str:
    """Return ``inf``, ``-inf``, ``nan`` or ``no value`` for a parameter that a load shows as null."""
    if parameter.type != "float":
        return NO_VALUE
    try:
        content = context.api.parameters.content(study, parameter.name)
    except NoValue:
        return NO_VALUE
    return float_word(content) or NO_VALUE


def float_word(content: bytes) -> str | None:
    """Return ``inf``, ``-inf`` or ``nan`` for the download of such a float. The server writes nan as a blank cell."""
    from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: most values are in the load

    text = downloads.scalar_text(content)
    return "nan" if text == "" else text if text in INFINITE else None


def _downloaded(context: Context, study: int, key: str, known: Mapping[str, CachedParameter | Parameter]) -> Value:
    from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: most values are in the load

    seen = known.get(key)
    try:
        content = context.api.parameters.content(study, key)
    except NotFound as error:
        raise name_lookup.unknown(key, known, study) from error
    except NoValue:
        # An input can be empty; an output without a value has not been computed.
        if seen is None or seen.io_type != "in":
            raise
        return Value(key, NO_VALUE, None)
    except NoLayout:
        return Value(key, is_table=True)
    info = seen.type if seen else None
    if info == "float" and (word := float_word(content)) is not None:
        return Value(key, word, word, type=info)
    value = downloads.value_of(content, info)
    return Value(key, is_table=True) if value == TABLE else Value(key, _text(value), value, type=info)


def _text(value: Json) -> str:
    if value is None:
        return NO_VALUE
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
