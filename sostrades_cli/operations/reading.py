"""Reading one value, and the names of all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.loaded import Parameters
from sostrades_cli.api.models import TABLE, Parameter
from sostrades_cli.errors import LoadFault, NotFound, NoValue
from sostrades_cli.operations import names
from sostrades_cli.operations.loading import load
from sostrades_cli.operations.tables import downloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json
    from sostrades_cli.memory import Seen
    from sostrades_cli.operations.server import Server

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


def known_parameters(server: Server, study: int) -> Parameters:
    """Return a study's parameters; where it cannot be loaded, the remembered ones, without values."""
    try:
        return load(server, study).parameters
    except LoadFault as fault:
        known = server.memory.recall(study)
        if not known:
            raise
        server.notify(f"{fault.message}; these are names and types seen before")
        made = (
            Parameter(
                name,
                seen.type,
                seen.unit,
                name.rpartition(".")[2],
                None,
                optional=bool(seen.optional),
                io_type=seen.io_type,
                coupling=seen.coupling,
            )
            for name, seen in known.items()
        )
        return Parameters.of({parameter.name: parameter for parameter in made})


def read_value(server: Server, study: int, key: str) -> Value:
    """Return the value of one parameter: from a load, or by download where the load does not show it.

    Raises
    ------
    NotFound
        There is no such parameter.
    NoValue
        It is an output that no run has computed yet.

    """
    try:
        loaded = load(server, study).parameters
    except LoadFault:
        known = server.memory.recall(study)
        return _downloaded(server, study, _resolved(server, study, key, known), known)
    try:
        parameter = loaded[names.find(server, study, key, loaded)]
    except NotFound:
        # Outputs are in no load: the server knows them by their full name, the memory may by a part.
        known = server.memory.recall(study)
        return _downloaded(server, study, _resolved(server, study, key, known), {**loaded, **known})
    if parameter.is_table:
        return Value(parameter.name, is_table=True)
    if parameter.value is None:
        return _null(server, study, parameter)
    return Value(parameter.name, _text(parameter.value), parameter.value)


def _resolved(server: Server, study: int, key: str, known: Mapping[str, Seen]) -> str:
    try:
        return names.find(server, study, key, known)
    except NotFound:
        return key


def _null(server: Server, study: int, parameter: Parameter) -> Value:
    """Tell an infinite number, which a load shows as null, from no value: only a download can."""
    if parameter.type == "float":
        try:
            text = downloads.scalar_text(server.api.parameters.content(study, parameter.name))
        except NoValue:
            text = None
        if text in INFINITE:
            return Value(parameter.name, text, text, type=parameter.type)
    return Value(parameter.name, "null", None)


def _downloaded(server: Server, study: int, key: str, known: Mapping[str, Seen | Parameter]) -> Value:
    seen = known.get(key)
    try:
        content = server.api.parameters.content(study, key)
    except NotFound as error:
        raise names.unknown(key, known, study) from error
    except NoValue:
        if seen is None or seen.io_type != "in":
            raise
        return Value(key, "null", None)
    declared = seen.type if seen else None
    value = downloads.value_of(content, declared)
    return Value(key, is_table=True) if value == TABLE else Value(key, _text(value), value, type=declared)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
