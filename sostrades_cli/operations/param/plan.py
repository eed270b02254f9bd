"""The plan of a change: what is to be sent, typed and checked before anything is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import TABLE, UNTOLD, Phase, has_tables
from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.files.atomic import digest_of
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.param import validation
from sostrades_cli.operations.param.assignments import DEFAULT, TYPED, Assignment
from sostrades_cli.operations.param.metadata import ParameterInfo, declare
from sostrades_cli.operations.param.refusals import Refusals
from sostrades_cli.operations.study.load import told_by_read_only
from sostrades_cli.operations.tables import downloads, json_values, layout
from sostrades_cli.operations.tables.equality import contains, identical
from sostrades_cli.operations.tables.kept_table import KeptTable, last_change
from sostrades_cli.operations.tables.misfits import Notation
from sostrades_cli.operations.tables.stored_table import download_table
from sostrades_cli.operations.tables.table_change import (
    FileChange,
    hold,
    holds_arrays,
    is_keyed_table,
    kept_table,
    plan_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.tables.stored_table import StoredTable

SHOWN_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value to be sent as JSON; ``old`` is ``None`` where the server did not show it.

    A ``reset`` asks for the declared default: ``new`` is that, or ``UNTOLD`` where no answer told it. ``held`` is
    the table that the value replaces, if it is one, and ``kept`` what was sent for that from here. ``completed`` says
    that the same value was the last one sent from here, and that the server has added to it. ``notes`` are on the
    columns of the file that it comes from; ``unlike`` is the error of an empty one, which only ``--force`` sends.
    """

    info: ParameterInfo
    old: Json
    new: Json
    held: StoredTable | None = None
    kept: KeptTable | None = None
    completed: bool = False
    reset: bool = False
    notes: tuple[str, ...] = ()
    unlike: UsageError | None = None

    @property
    def body(self) -> Json:
        """The value of the request: ``None`` stands for the declared default."""
        return None if self.reset else self.new

    @property
    def needless(self) -> bool:
        """Return whether the server holds the value already: posting it again would delete the read-only file."""
        if self.new is UNTOLD:
            return False
        if self.info.parameter is not None:
            return self.held is None and (self.completed or identical(self.old, self.new))
        if self.info.empty:
            return self.new is None
        if self.held is not None or self.info.content is None:
            return False
        if identical(self.old, self.new):
            return True
        shown = downloads.holds(self.info.content, self.new, self.info.type)
        return shown and self.info.type == "float"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one command will send.

    ``shown`` are all parameters of the study before it, ``None`` where the server cannot load. ``refusals`` is why it
    would not be sent: a plan that is only shown has them instead of raising them.
    """

    study: int
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    shown: Mapping[str, Parameter] | None = None
    refusals: tuple[SostradesError, ...] = ()

    @property
    def sent_files(self) -> list[FileChange]:
        """The files of parameters that differ."""
        return [change for change in self.files if not change.needless]

    @property
    def sent_values(self) -> list[ValueChange]:
        """The values of parameters that differ."""
        return [change for change in self.values if not change.needless]

    @property
    def effective(self) -> list[str]:
        """The names of the parameters that it would change."""
        return [c.info.name for c in self.sent_files] + [c.info.name for c in self.sent_values]

    @property
    def notes(self) -> dict[str, tuple[str, ...]]:
        """The notes on the columns of files, by parameter."""
        changes: list[FileChange | ValueChange] = [*self.values, *self.files]
        return {change.info.name: change.notes for change in changes if change.notes}

    @property
    def state(self) -> frozenset[tuple[str, str]]:
        """Return what tells whether a round of changes did anything: what would be sent, and what it would replace."""
        changes: list[FileChange | ValueChange] = [*self.sent_files, *self.sent_values]
        olds = ((c.info.name, c.held.sha256 if c.held else repr(getattr(c, "old", None))) for c in changes)
        return frozenset(olds)

    @property
    def unsent(self) -> int:
        """How many are so already."""
        return len(self.files) + len(self.values) - len(self.effective)


def make_plan(
    context: Context, study: int, assignments: Sequence[Assignment], *, force: bool, dry_run: bool = False
) -> Plan:
    """Type and check every assignment; nothing is sent.

    ``force`` allows a change during a run, whose result is lost, a unit that is not the declared one, which the server
    ignores, and a table that is empty or has none of the parameter's columns. In a ``dry_run`` the plan has what is
    not allowed as ``refusals``.

    Raises
    ------
    UsageError
        A value or a file cannot be what the parameter takes.
    RunActive
        A run is going on.

    """
    if not assignments:
        raise UsageError("nothing to set", hint="KEY=VALUE, or --from FILE", study=study)
    refusals = Refusals(dry_run=dry_run)
    with refusals.collected():
        _require_no_run(context, study, force=force)
    info, shown = declare(context, study, [a.key for a in assignments])
    _require_distinct([item.name for item in info], study)
    for one, item in zip(assignments, info, strict=True) if not force else ():
        with refusals.collected():
            validation.validate_unit(one, item)
    changes = _changes(context, study, assignments, info)
    files = tuple(c for c in changes if isinstance(c, FileChange))
    for unlike in (change.unlike for change in changes if not force):
        with refusals.collected():
            if unlike is not None:
                raise unlike
    values = tuple(c for c in changes if isinstance(c, ValueChange))
    return Plan(study, values, files, shown, tuple(refusals.errors))


def _defaults(context: Context, study: int, assignments: Sequence[Assignment]) -> Mapping[str, Parameter]:
    """Return parameters with their declared defaults if any is to be reset; read-only mode alone has defaults."""
    return told_by_read_only(context, study) if any(one.value is DEFAULT for one in assignments) else {}


def _changes(
    context: Context, study: int, assignments: Sequence[Assignment], info: Sequence[ParameterInfo]
) -> list[ValueChange | FileChange]:
    defaults = _defaults(context, study, assignments)
    journal = Journal(context.state, context.api.session.host, study)
    return [
        _reset(context, study, item, defaults, journal)
        if one.value is DEFAULT
        else _change(context, study, one, item, journal)
        for one, item in zip(assignments, info, strict=True)
    ]


def _require_distinct(named: Sequence[str], study: int) -> None:
    double = next((name for name in named if named.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"{double} is set twice", hint="name each parameter once", study=study)


def _require_no_run(context: Context, study: int, *, force: bool) -> None:
    status = context.api.calculations.status(study)
    if status.phase is Phase.ACTIVE and not force:
        raise RunActive(
            f"study {study} is {status.status}: a change now would lose the result of its run",
            hint=f"sostrades calc watch {study} waits for the end; --force changes it all the same",
            study=study,
        )


def _reset(
    context: Context, study: int, info: ParameterInfo, defaults: Mapping[str, Parameter], journal: Journal
) -> ValueChange:
    default = defaults[info.name].default if info.name in defaults else UNTOLD
    change = _value_change(context, study, info, UNTOLD if has_tables(default) else default, journal)
    return replace(change, reset=True)


def _change(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    file = assignment.file
    if file is None or (assignment.value is not TYPED and info.type != "array"):
        return _from_value(context, study, assignment, info, journal)
    if not assignment.exact:
        validation.require_known_type(info)
    kind = validation.file_kind(info)
    keyed = kind == layout.KEYED and (
        is_keyed_table(assignment, info)
        # JSON would make texts of whole numbers.
        or (_has_integer_keys(file, info, journal) and context.api.parameters.takes_files(study))
    )
    if kind == layout.ANY or info.type == "array" or keyed:
        return plan_table(context, study, assignment, info, kind, journal)
    held = download_table(context, study, info.name)
    if held is not None and digest_of(file) == held.sha256:
        # A download that comes back at once: its cells do not tell "1" from 1.
        same = _old(info, [] if kind == layout.ONE else {}, journal)
        if not has_tables(same):
            return _value_change(context, study, info, same, journal)
    if assignment.notation is Notation.DOWNLOAD:
        old = downloads.value_of(file.read_bytes(), info.type or ("dict" if kind == layout.KEYED else "list"))
        return _value_change(context, study, info, old, journal)
    called = f"{assignment.label} of {info.name}" if assignment.label else str(file)
    # Lists and dicts go as JSON: exact on every server, and most cannot take files.
    old = _old(info, [], journal)
    new, notes = json_values.from_file(file, called, info.name, kind, old)
    for note in notes:
        context.notify(f"{info.name}: {note}")
    validation.validate_json_file(new, info)
    unlike = json_values.empty_in_place_of(old, new, called, info.name)
    return replace(_value_change(context, study, info, new, journal), notes=notes, unlike=unlike)


def _has_integer_keys(file: Path, info: ParameterInfo, journal: Journal) -> bool:
    """Return whether the keys in a file are whole numbers, and are not texts that were sent from here as JSON."""
    last = last_change(journal.entries(), info.name)
    texts = last is not None and last.new_sent is None and isinstance(last.new, dict)
    return not texts and json_values.has_integer_keys(file)


def _from_value(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    value = assignment.value
    if holds_arrays(info) and value is not None and not assignment.exact:
        given = validation.parsed(assignment, info)
        if isinstance(given, dict):
            file = json_values.write_arrays(given, info.name, context.temp_folder.path())
            sent = replace(assignment, file=file, label="the value", notation=Notation.TYPED)
            # What is written out is meant, even if nothing is in it.
            return replace(plan_table(context, study, sent, info, layout.KEYED, journal), unlike=None)
    if not assignment.exact:
        value = validation.typed(assignment, info)
        validation.validate_json_file(value, info)
        if info.parameter is not None and info.parameter.is_solver_setting:
            context.notify(f"{info.name} is a solver setting")
    return _value_change(context, study, info, value, journal)


def _value_change(context: Context, study: int, info: ParameterInfo, new: Json, journal: Journal) -> ValueChange:
    """Pair a new value with the present one; a table in its place is downloaded, to be put back some day."""
    old = _old(info, new, journal)
    held = hold(context, study, info) if has_tables(old) else None
    last = last_change(journal.entries(), info.name)
    completed = isinstance(new, dict) and last is not None and identical(last.new, new) and contains(old, new)
    change = ValueChange(info, old, new, held, kept_table(journal, info.name, held), completed)
    if not change.needless and (keys := json_values.integer_keys(new)):
        context.notify(
            f"{info.name}: JSON sends the keys {', '.join(keys[:SHOWN_KEYS])} as texts; "
            "a CSV file sends whole numbers, where the server takes files"
        )
    return change


def _old(info: ParameterInfo, new: Json, journal: Journal) -> Json:
    if info.parameter is not None:
        return TABLE if info.holds_tables else info.parameter.value
    if info.content is None:
        return None if info.empty else TABLE  # what no download can show
    # A download does not show all: what was sent from here, and is still shown, is what is held.
    last = last_change(journal.entries(), info.name)
    if last is not None and last.new is not None and downloads.holds(info.content, last.new, info.type):
        return last.new
    # Where no answer told the type, what replaces a value is of its kind.
    kind = "list" if isinstance(new, list) else "dict" if isinstance(new, dict) else None
    value = downloads.value_of(info.content, info.type or kind)
    return None if info.type == "float" and value in downloads.NULLS else value
