"""Reading one value, and the names of all."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.outputs import Outputs, from_cache, is_output, locate, note_stale, outputs_of
from sostrades_cli.operations.study.load import load, read_only_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

# The download of an infinite number, and of the same text.
INFINITE: Final = frozenset({"inf", "-inf"})


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
        """The value as Python can hold it: what is infinite is a number, not its name."""
        return (
            float(self.payload)
            if self.type == "float" and isinstance(self.payload, str) and self.payload in INFINITE
            else self.payload
        )


def known_parameters(context: Context, study: int) -> dict[str, Parameter]:
    """Return a study's parameters; where it cannot be loaded, the remembered ones, without values."""
    try:
        return load(context, study).parameters
    except LoadFault as fault:
        known = context.cache.parameters_of(study)
        if not known:
            raise
        context.notify(f"{fault.message}, so names and types come from the cache")
        return {name: from_cache(name, seen) for name, seen in known.items()}


def list_parameters(
    context: Context, study: int, *, inputs: bool, outputs: bool
) -> tuple[dict[str, Parameter], str | None]:
    """Return inputs and solver settings, outputs, or all; and why outputs are not those of the study as it is now."""
    known = known_parameters(context, study)
    told = read_only_parameters(context, study) if outputs else {}
    found = outputs_of(context, study, told, ()) if outputs else Outputs()
    shown = {name: p for name, p in known.items() if name not in found.parameters and not is_output(p)}
    if not inputs:
        return dict(found.parameters), found.note
    return {**shown, **found.parameters}, found.note


def read_value(context: Context, study: int, key: str) -> Value:
    """Return the value of one parameter: from a load, or by download where the load does not show it.

    Raises
    ------
    NotFound
        There is no such parameter.
    NoValue
        It is an output that no run has computed yet.

    """
    loaded: Mapping[str, Parameter] = {}
    # Where loading is broken, a full name can still be downloaded.
    with contextlib.suppress(LoadFault):
        loaded = load(context, study).parameters
    name = locate(context, study, key, loaded)
    parameter = loaded.get(name)
    if parameter is None:
        value = _downloaded(context, study, name, {**loaded, **context.cache.parameters_of(study)})
        note_stale(context, study, [name])
        return value
    if parameter.is_table:
        return Value(parameter.name, is_table=True)
    # JSON has no nan and inf, so the server writes both as null.
    if parameter.value is None:
        return _null(context, study, parameter)
    return Value(parameter.name, _text(parameter.value), parameter.value)


def _null(context: Context, study: int, parameter: Parameter) -> Value:
    """Tell an infinite number, which a load shows as null, from no value: only a download can."""
    if parameter.type == "float":
        from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: most values are in the load

        try:
            text = downloads.scalar_text(context.api.parameters.content(study, parameter.name))
        except NoValue:
            text = None
        if text in INFINITE:
            return Value(parameter.name, text, text, type=parameter.type)
    return Value(parameter.name, "null", None)


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
        return Value(key, "null", None)
    except NoLayout:
        return Value(key, is_table=True)
    info = seen.type if seen else None
    value = downloads.value_of(content, info)
    return Value(key, is_table=True) if value == TABLE else Value(key, _text(value), value, type=info)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
