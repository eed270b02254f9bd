"""What a study holds of a change that was sent: the new value, the one before, or one that somebody else put there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import NoLayout, NotVerified, NoValue
from sostrades_cli.operations import contents, table_files, values
from sostrades_cli.operations.loading import load_live

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.planning import FileChange, ValueChange
    from sostrades_cli.operations.server import Server


class State(Enum):
    """What is held of a parameter that was to be changed."""

    NEW = "new"
    AS_BEFORE = "as before"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Look:
    """What is held, by the parameters' full names.

    Those in ``untold`` were sent a declared default that no answer told: it may be what they held before.
    """

    states: Mapping[str, State]
    untold: Collection[str] = ()

    @property
    def missing(self) -> list[str]:
        """Those that do not hold what was sent, as far as can be seen."""
        return [name for name, state in self.states.items() if state is not State.NEW]

    @property
    def lacking(self) -> list[str]:
        """Those that certainly do not hold what was sent."""
        return [name for name in self.missing if name not in self.untold]

    @property
    def unmoved(self) -> list[str]:
        """Those that are as before, and may hold what was sent all the same."""
        return [name for name in self.missing if name in self.untold]

    @property
    def others(self) -> list[str]:
        """Those that hold neither what was sent nor what was there before."""
        return [name for name, state in self.states.items() if state is State.ANOTHER]


def look_at_values(server: Server, study: int, changes: Sequence[ValueChange]) -> Look:
    """Read back what was sent as JSON."""
    broken = any(change.declared.parameter is None for change in changes)
    shown = None if broken else load_live(server, study).parameters
    untold = {change.declared.name for change in changes if change.new is UNTOLD}
    return Look({c.declared.name: _value(server, study, c, shown) for c in changes}, untold)


def look_at_files(server: Server, study: int, files: Sequence[FileChange], tables: dict[str, str]) -> Look:
    """Read back what was sent as files, and note in ``tables`` the sha-256 of what is held of those that arrived."""
    return Look({c.declared.name: _file(server, study, c, tables) for c in files})


def _value(server: Server, study: int, change: ValueChange, shown: Mapping[str, Parameter] | None) -> State:
    name = change.declared.name
    if change.new is UNTOLD and change.held is not None:
        now = table_files.hold(server, study, name)
        return _unless(now is not None and now.sha256 == change.held.sha256, State.NEW)
    if shown is None:
        return _downloaded(server, study, change)
    if name not in shown:
        return State.AS_BEFORE
    value = shown[name].value
    if change.new is not UNTOLD and values.same(value, change.new):
        return State.NEW
    return _unless(values.identical(value, change.old), State.NEW if change.new is UNTOLD else State.ANOTHER)


def _unless(as_before: bool, otherwise: State) -> State:
    return State.AS_BEFORE if as_before else otherwise


def _downloaded(server: Server, study: int, change: ValueChange) -> State:
    before = change.declared.content
    try:
        content = server.api.parameters.content(study, change.declared.name)
    except NoValue:
        if change.new is None:
            return State.NEW
        return _unless(before is None, State.NEW if change.new is UNTOLD else State.ANOTHER)
    except NoLayout as error:
        raise NotVerified(
            f"the server took the value of {change.declared.name}, and cannot show it",
            detail="this server's load is broken, and its download has no layout for such a value",
            hint="look at it in the web page",
            study=study,
            server=error.server,
            in_doubt=True,
        ) from error
    if change.new is not UNTOLD and contents.holds(content, change.new):
        return State.NEW
    return _unless(content == before, State.NEW if change.new is UNTOLD else State.ANOTHER)


def _file(server: Server, study: int, change: FileChange, tables: dict[str, str]) -> State:
    held = table_files.hold(server, study, change.declared.name)
    if held is not None and table_files.matches(change.path, held, change.declared):
        tables[change.declared.name] = held.sha256
        return State.NEW
    before = change.held.sha256 if change.held else None
    return _unless((held.sha256 if held else None) == before, State.ANOTHER)
