"""What is declared of the parameters that a command wants to change: type, unit, direction, present value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import LIST_TYPES
from sostrades_cli.errors import LoadFault, NoLayout, NotFound, NoValue, UsageError
from sostrades_cli.memory import Seen
from sostrades_cli.operations import names
from sostrades_cli.operations.loading import load_live, told_by_read_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.loading import Loaded
    from sostrades_cli.operations.server import Server


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter as it is declared; ``type`` is ``None`` where no answer ever told it.

    ``parameter`` is the entry of the load; ``content`` its download, on servers whose load is broken; ``seen`` is
    what read-only mode told of it at some time; ``empty`` says that a download found no value.
    """

    name: str
    type: str | None
    unit: str | None
    parameter: Parameter | None
    content: bytes | None
    seen: Seen | None = None
    empty: bool = False

    @property
    def holds_tables(self) -> bool:
        """Tell whether it is a dict of tables."""
        if self.parameter is not None:
            return self.parameter.holds_tables
        return self.type not in LIST_TYPES and bool(
            self.content and self.content.startswith(b"variable,") and not self.content.startswith(b"variable,value\n")
        )


def declare(server: Server, study: int, keys: Sequence[str]) -> list[Declared]:
    """Find what is known of each key, and refuse those that are not inputs.

    Raises
    ------
    NotFound
        There is no such parameter.
    UsageError
        It is an output, or another discipline computes it.

    """
    try:
        loaded = load_live(server, study)
    except LoadFault:
        # Read-only mode tells types, and shows no change since the run: present values come by download.
        told_by_read_only(server, study)
        known = server.memory.recall(study)
        return [_undeclared(server, study, _remembered_name(server, study, key, known), known) for key in keys]
    found = [_loaded_name(server, study, key, loaded) for key in keys]
    known = _with_directions(server, study, found, loaded)
    return [_declared(name, loaded, known, study) for name in found]


def _loaded_name(server: Server, study: int, key: str, loaded: Loaded) -> str:
    """Resolve a key; one that can be downloaded but is not in the load is an output or locked."""
    try:
        return names.find(server, study, key, loaded.parameters)
    except NotFound:
        name = _remembered_name(server, study, key, server.memory.recall(study))
        if _exists(server, study, name):
            raise _not_an_input(name, study, "it is an output, or not editable") from None
        raise


def _exists(server: Server, study: int, key: str) -> bool:
    try:
        server.api.parameters.content(study, key)
    except NotFound:
        return False
    except NoValue:
        return True
    except NoLayout:
        return False
    return True


def _with_directions(server: Server, study: int, found: Sequence[str], loaded: Loaded) -> dict[str, Seen]:
    """Return the memory, completed once from read-only mode, which alone tells coupling variables."""
    known = server.memory.recall(study)
    if all(name in known and known[name].coupling is not None for name in found):
        return known
    everything = told_by_read_only(server, study)
    if not everything:
        return known
    recalled = server.memory.recall(study)
    return recalled or {name: _as_seen(p) for name, p in {**loaded.parameters, **everything}.items()}


def _as_seen(parameter: Parameter) -> Seen:
    p = parameter
    return Seen(p.type, p.unit, p.io_type, p.coupling, p.range, p.possible_values)


def _declared(name: str, loaded: Loaded, known: dict[str, Seen], study: int) -> Declared:
    _refuse_computed(name, known.get(name), study)
    parameter = loaded.parameters[name]
    return Declared(name, parameter.type, parameter.unit, parameter, None, known.get(name))


def _remembered_name(server: Server, study: int, key: str, known: dict[str, Seen]) -> str:
    try:
        return names.find(server, study, key, known)
    except NotFound:
        return key  # the memory need not be complete: the server decides


def _undeclared(server: Server, study: int, name: str, known: dict[str, Seen]) -> Declared:
    seen = known.get(name)
    _refuse_computed(name, seen, study)
    empty = False
    try:
        content = server.api.parameters.content(study, name)
    except NoValue:
        content, empty = None, True
    except NotFound as error:
        raise names.unknown(name, known, study) from error
    except NoLayout:
        content = None  # a 2-D array cannot be downloaded, yet exists
    if seen is None:
        server.notify(f"the declared type of {name} cannot be learned from this server: the value is read as JSON")
    return Declared(name, seen.type if seen else None, seen.unit if seen else None, None, content, seen, empty)


def _refuse_computed(name: str, seen: Seen | None, study: int) -> None:
    if seen is not None and seen.io_type == "out":
        raise _not_an_input(name, study, "it is an output")
    if seen is not None and seen.coupling:
        raise _not_an_input(name, study, "another discipline computes it (a coupling variable)")


def _not_an_input(name: str, study: int, why: str) -> UsageError:
    return UsageError(
        f"{name} cannot be set: {why}",
        detail="the server would accept the value and lose it",
        hint=f"sostrades param list {study} shows what can be set",
        study=study,
    )
