"""Read a change back: the study holds the value that was sent, the old one, another one, or no such parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from sostrades_cli.api.models import TABLE, UNKNOWN
from sostrades_cli.errors import NoLayout, NotFound, NotVerified, NoValue
from sostrades_cli.operations.study.load import await_changes, load_live
from sostrades_cli.operations.tables.equality import added, contains, equal, first_difference, identical
from sostrades_cli.output.text import brief, listed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import ValueChange
    from sostrades_cli.operations.tables.table_change import FileChange


class ValueState(Enum):
    """The value of a parameter after a change, compared with the old and the sent one."""

    SENT = "sent"
    OLD = "old"
    OTHER = "other"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one parameter.

    ``difference`` is the first one between the sent and the present value; ``processed`` says that the server's own
    processing can explain it. ``added`` are the parts that the server added to the sent value. ``alike`` says that
    the present value looks like the old one, although its types may differ. ``sha256`` is that of a table's download.
    ``default`` is the value after a reset to an unknown default.
    """

    state: ValueState
    difference: str = ""
    processed: bool = False
    added: str = ""
    alike: bool = False
    sha256: str | None = None
    default: Json = UNKNOWN


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The findings on a batch, by full name.

    ``unknown_defaults`` are the names of parameters that were reset to a default that the server did not show.
    ``shown`` is the load that the findings are from, if they are from a load.
    """

    findings: Mapping[str, Finding] = field(default_factory=dict)
    unknown_defaults: Collection[str] = ()
    shown: Mapping[str, Parameter] | None = None

    @property
    def changed(self) -> bool:
        """Whether any parameter visibly differs from its old value."""
        return any(finding.state is not ValueState.OLD and not finding.alike for finding in self.findings.values())

    @property
    def dropped(self) -> bool:
        """Whether every parameter has its old value, so that sending again overwrites nothing."""
        # An old value that contains the sent one looks as if the server had completed the sent one.
        findings = self.findings.values()
        return all(item.state is ValueState.OLD or (item.alike and item.added) for item in findings)

    @property
    def complete(self) -> bool:
        """Whether every parameter has the sent value."""
        return all(finding.state is ValueState.SENT for finding in self.findings.values())

    @property
    def failed(self) -> list[str]:
        """The names of parameters that certainly do not have the sent value."""
        old = [name for name in self._in_states(ValueState.OLD) if name not in self.unknown_defaults]
        return [name for name in self.findings if name in {*old, *self.lost}]

    @property
    def undecided(self) -> list[str]:
        """The names of parameters that have their old value, which may be the default that was asked for."""
        return [name for name in self._in_states(ValueState.OLD) if name in self.unknown_defaults]

    @property
    def defaults(self) -> dict[str, Json]:
        """The values of parameters that were reset to an unknown default."""
        return {name: item.default for name, item in self.findings.items() if item.default is not UNKNOWN}

    @property
    def lost(self) -> list[str]:
        """The names of parameters that have neither the sent nor the old value, or are missing."""
        return self._in_states(ValueState.OTHER, ValueState.MISSING)

    @property
    def unexplained(self) -> list[str]:
        """The names of parameters with another value that the server's own processing does not explain."""
        return [name for name in self._in_states(ValueState.OTHER) if not self.findings[name].processed]

    @property
    def differences(self) -> list[str]:
        """A line for each parameter that certainly does not have the sent value."""
        lines = {name: self.findings[name].difference for name in self.failed}
        return [f"{name}: {line}" if line else f"{name} is unchanged" for name, line in lines.items()]

    def _in_states(self, *states: ValueState) -> list[str]:
        return [name for name, finding in self.findings.items() if finding.state in states]


_MISSING = Finding(ValueState.MISSING, "it is no longer in the study")


def read_back_values(context: Context, study: int, changes: Sequence[ValueChange]) -> ReadBack:
    """Read back values that were sent as JSON: from a load, or from downloads if the server cannot load."""
    shown: Mapping[str, Parameter] | None = None
    # One parameter without an entry in the load means that the load is broken or incomplete for this plan.
    if any(change.info.parameter is None for change in changes):
        await_changes(context, study)  # unlike a load, a download does not wait for the change
    else:
        shown = load_live(context, study).parameters
    unknown_defaults = {change.info.name for change in changes if change.new is UNKNOWN}
    return ReadBack({c.info.name: _value(context, study, c, shown) for c in changes}, unknown_defaults, shown)


def read_back_files(context: Context, study: int, files: Sequence[FileChange]) -> ReadBack:
    """Read back tables that were sent as files."""
    await_changes(context, study)
    return ReadBack({change.info.name: _file(context, study, change) for change in files})


def _value(context: Context, study: int, change: ValueChange, shown: Mapping[str, Parameter] | None) -> Finding:
    name = change.info.name
    if shown is not None and name not in shown:
        return _MISSING
    if change.new is UNKNOWN and change.old_table is not None:
        from sostrades_cli.operations.tables.stored_table import download_table

        now = download_table(context, study, name)
        state = ValueState.OLD if now is not None and now.sha256 == change.old_table.sha256 else ValueState.SENT
        return Finding(state, default=TABLE)
    if shown is None:
        return _downloaded(context, study, change)
    return _compared(shown[name].value, change)


def _compared(value: Json, change: ValueChange) -> Finding:
    new, is_old = change.new, identical(value, change.old)
    if new is UNKNOWN:
        return Finding(ValueState.OLD if is_old else ValueState.SENT, default=value)
    # 1 for 1.0 counts as sent, unless the old value was that 1: then nothing changed.
    if identical(value, new) or (not is_old and equal(value, new, change.info.type)):
        return Finding(ValueState.SENT)
    parts = added(value, new) if contains(value, new) else {}
    more = ", ".join(f"{key}={brief(part)}" for key, part in parts.items())
    # Every dict contains an empty one, so the old value proves nothing.
    if more and (new or not is_old):
        return Finding(ValueState.SENT, added=more, alike=is_old)
    return _different(value, new, ValueState.OLD if is_old else ValueState.OTHER)


def _different(stored: Json, sent: Json, state: ValueState) -> Finding:
    where, sent_part, stored_part = first_difference(sent, stored) or ("", sent, stored)
    position = f" in {where.removeprefix('.')}" if where else ""
    text = f"sent {brief(sent_part)}{position}, but the study has {brief(stored_part)}"
    # The server may drop or change parts of a dict or a list.
    processed = type(sent) is type(stored) and isinstance(sent, dict | list)
    return Finding(state, text, processed)


def _downloaded(context: Context, study: int, change: ValueChange) -> Finding:
    from sostrades_cli.operations.tables import downloads

    before, new = change.info.content, change.new
    try:
        content = context.api.parameters.content(study, change.info.name)
    except NotFound:
        return _MISSING
    except NoValue:
        # A value of null leaves nothing to download.
        if new is None:
            return Finding(ValueState.SENT)
        state = ValueState.OLD if before is None else ValueState.SENT if new is UNKNOWN else ValueState.OTHER
        return Finding(state, "it has no value", default=None if new is UNKNOWN else UNKNOWN)
    except NoLayout as error:
        raise NotVerified(
            f"the server accepted the value of {change.info.name}, but it cannot be read back",
            detail="loading is broken on this server, and it cannot download such a value",
            hint="check the value in the web page",
            study=study,
            server=error.server,
            in_doubt=True,
        ) from error
    if new is not UNKNOWN and downloads.holds(content, new, change.info.type):
        return Finding(ValueState.SENT)
    if content == before or new is UNKNOWN:
        default = downloads.value_of(content, change.info.type) if new is UNKNOWN else UNKNOWN
        return Finding(ValueState.OLD if content == before else ValueState.SENT, default=default)
    kind = "dict" if isinstance(new, dict) else "list" if isinstance(new, list) else change.info.type
    return _compared(downloads.value_of(content, kind), change)


def _file(context: Context, study: int, change: FileChange) -> Finding:
    from sostrades_cli.operations.tables.match import match
    from sostrades_cli.operations.tables.stored_table import download_table

    try:
        current = download_table(context, study, change.info.name)
    except NotFound:
        return _MISSING
    # A download is not the file that was sent: the server formats numbers and drops quotes.
    result = match(change.table, current, change.info.type)
    is_old = (current.sha256 if current else None) == (change.old_table.sha256 if change.old_table else None)
    if result.same and current is not None:
        more = f"columns {listed(result.added)}" if result.added else ""
        # A download that looks like the old one may hold other types, or digits that no download shows.
        return Finding(ValueState.SENT, added=more, alike=is_old, sha256=current.sha256)
    text = f"sent → in the study: {result.difference.text}" if result.difference else ""
    return Finding(ValueState.OLD if is_old else ValueState.OTHER, text, result.processed)
