"""Reading back a change: whether the study holds what was sent, what was there before, or something else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import NoLayout, NotVerified, NoValue
from sostrades_cli.operations.study.load import load_live
from sostrades_cli.operations.tables import downloads
from sostrades_cli.operations.tables.equality import added, contains, equal, first_difference, identical
from sostrades_cli.operations.tables.match import match
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.output.text import brief, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import ValueChange
    from sostrades_cli.operations.tables.table_change import FileChange


class HeldState(Enum):
    """What is held of a parameter that was to be changed."""

    NEW = "new"
    AS_BEFORE = "as before"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a study holds of one change.

    ``difference`` is the first one between what was sent and what is held. ``processed`` says that the server's own
    processing can explain it. ``added`` is what the server added to a value; it may have been there before, too.
    ``alike`` says that what is held looks as before, though other types may be in it.
    """

    state: HeldState
    difference: str = ""
    processed: bool = False
    added: str = ""
    alike: bool = False


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What is held, by the parameters' full names.

    Those in ``untold`` were sent a declared default that no answer told: it may be what they held before.
    """

    findings: Mapping[str, Finding] = field(default_factory=dict)
    untold: Collection[str] = ()

    @property
    def states(self) -> dict[str, HeldState]:
        """The states by name."""
        return {name: finding.state for name, finding in self.findings.items()}

    @property
    def moved(self) -> bool:
        """Whether anything is not as before, as far as can be seen."""
        return any(one.state is not HeldState.AS_BEFORE and not one.alike for one in self.findings.values())

    @property
    def missing(self) -> list[str]:
        """Those that do not hold what was sent, as far as can be seen."""
        return [name for name, state in self.states.items() if state is not HeldState.NEW]

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
        return [name for name, state in self.states.items() if state is HeldState.ANOTHER]

    @property
    def unexplained(self) -> list[str]:
        """Those of the others that the server's own processing does not explain."""
        return [name for name in self.others if not self.findings[name].processed]

    @property
    def differences(self) -> list[str]:
        """A line for each that certainly does not hold what was sent."""
        lines = {name: self.findings[name].difference for name in self.lacking}
        return [f"{name}: {line}" if line else f"{name} is as before" for name, line in lines.items()]


def look_at_values(context: Context, study: int, changes: Sequence[ValueChange]) -> ReadBack:
    """Read back what was sent as JSON."""
    broken = any(change.info.parameter is None for change in changes)
    shown = None if broken else load_live(context, study).parameters
    untold = {change.info.name for change in changes if change.new is UNTOLD}
    return ReadBack({c.info.name: _value(context, study, c, shown) for c in changes}, untold)


def look_at_files(context: Context, study: int, files: Sequence[FileChange], tables: dict[str, str]) -> ReadBack:
    """Read back what was sent as files, and note in ``tables`` the sha-256 of what is held of those that arrived."""
    return ReadBack({c.info.name: _file(context, study, c, tables) for c in files})


def _value(context: Context, study: int, change: ValueChange, shown: Mapping[str, Parameter] | None) -> Finding:
    name = change.info.name
    if change.new is UNTOLD and change.held is not None:
        now = download_table(context, study, name)
        return Finding(HeldState.AS_BEFORE if now is not None and now.sha256 == change.held.sha256 else HeldState.NEW)
    if shown is None:
        return _downloaded(context, study, change)
    if name not in shown:
        return Finding(HeldState.AS_BEFORE, "it is no longer in the study")
    return _compared(shown[name].value, change)


def _compared(value: Json, change: ValueChange) -> Finding:
    new, as_before = change.new, identical(value, change.old)
    if new is UNTOLD:
        return Finding(HeldState.AS_BEFORE if as_before else HeldState.NEW)
    if identical(value, new) or (not as_before and equal(value, new, change.info.type)):
        return Finding(HeldState.NEW)
    more = ", ".join(f"{key}={brief(one)}" for key, one in added(value, new).items()) if contains(value, new) else ""
    if more:
        return Finding(HeldState.NEW, added=more, alike=as_before)
    return _different(value, new, HeldState.AS_BEFORE if as_before else HeldState.ANOTHER)


def _different(stored: Json, sent: Json, state: HeldState) -> Finding:
    where, one, other = first_difference(sent, stored) or ("", sent, stored)
    text = f"{f'{where[1:]} ' if where.startswith('.') else where}sent {brief(one)}, held {brief(other)}"
    # Of a dict or a list the server may drop or change parts.
    processed = type(sent) is type(stored) and isinstance(sent, dict | list)
    return Finding(state, text, processed)


def _downloaded(context: Context, study: int, change: ValueChange) -> Finding:
    before, new = change.info.content, change.new
    try:
        content = context.api.parameters.content(study, change.info.name)
    except NoValue:
        if new is None:
            return Finding(HeldState.NEW)
        as_before = HeldState.AS_BEFORE if before is None else HeldState.NEW if new is UNTOLD else HeldState.ANOTHER
        return Finding(as_before, "it has no value")
    except NoLayout as error:
        raise NotVerified(
            f"the server took the value of {change.info.name}, and cannot show it",
            detail="this server's load is broken, and its download has no layout for such a value",
            hint="look at it in the web page",
            study=study,
            server=error.server,
            in_doubt=True,
        ) from error
    if new is not UNTOLD and downloads.holds(content, new, change.info.type):
        return Finding(HeldState.NEW)
    kind = "dict" if isinstance(new, dict) else "list" if isinstance(new, list) else change.info.type
    if content == before or new is UNTOLD:
        state = HeldState.AS_BEFORE if content == before else HeldState.NEW
        return Finding(state)
    return _compared(downloads.value_of(content, kind), change)


def _file(context: Context, study: int, change: FileChange, tables: dict[str, str]) -> Finding:
    held = download_table(context, study, change.info.name)
    found = match(change.table, held, change.info.type)
    as_before = (held.sha256 if held else None) == (change.held.sha256 if change.held else None)
    if found.same and held is not None:
        tables[change.info.name] = held.sha256
        more = f"columns {listed(found.added)}" if found.added else ""
        # A download that looks as before may hold other types, or digits that no download shows.
        return Finding(HeldState.NEW, added=more, alike=as_before)
    text = f"sent and held: {found.difference.text}" if found.difference else ""
    return Finding(HeldState.AS_BEFORE if as_before else HeldState.ANOTHER, text, found.processed)
