"""The plan of a change: what is to be sent, typed and checked before anything is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.api.models import TABLE, UNTOLD, Phase, has_tables
from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.operations import contents, csv_check, judging, table_files, values
from sostrades_cli.operations.assignments import DEFAULT, TYPED, Assignment
from sostrades_cli.operations.declaring import Declared, declare
from sostrades_cli.operations.loading import told_by_read_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.server import Server
    from sostrades_cli.operations.table_files import Held


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value to be sent as JSON; ``old`` is ``None`` where the server did not show it.

    A ``reset`` asks for the declared default: ``new`` is that, or ``UNTOLD`` where no answer told it. ``held`` is
    the table that the value replaces, if it is one.
    """

    declared: Declared
    old: Json
    new: Json
    held: Held | None = None
    reset: bool = False

    @property
    def body(self) -> Json:
        """The value of the request: ``None`` stands for the declared default."""
        return None if self.reset else self.new

    @property
    def needless(self) -> bool:
        """Tell whether the server holds the value already: posting it again would delete the read-only file."""
        if self.new is UNTOLD:
            return False
        if self.declared.parameter is not None:
            return self.held is None and values.identical(self.old, self.new)
        if self.declared.empty:
            return self.new is None
        return self.declared.content is not None and contents.holds(self.declared.content, self.new)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A CSV file to be uploaded: a table, an array or a dict of tables.

    ``held`` is what the study holds now; ``needless`` says that it is the same.
    """

    declared: Declared
    path: Path
    rows: int
    needless: bool = False
    held: Held | None = None
    label: str | None = None

    @property
    def source(self) -> str:
        """What to call the file."""
        return self.label or str(self.path)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one command will send.

    ``shown`` are all parameters of the study before it, ``None`` where the server cannot load.
    """

    study: int
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    shown: Mapping[str, Parameter] | None = None

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
        return [c.declared.name for c in self.sent_files] + [c.declared.name for c in self.sent_values]

    @property
    def state(self) -> frozenset[tuple[str, str]]:
        """Return what tells whether a round of changes did anything: what would be sent, and what it would replace."""
        changes: list[FileChange | ValueChange] = [*self.sent_files, *self.sent_values]
        olds = ((c.declared.name, c.held.sha256 if c.held else repr(getattr(c, "old", None))) for c in changes)
        return frozenset(olds)

    @property
    def unsent(self) -> int:
        """How many are so already."""
        return len(self.files) + len(self.values) - len(self.effective)


def plan(server: Server, study: int, assignments: Sequence[Assignment], *, force: bool) -> Plan:
    """Type and check every assignment; nothing is sent.

    ``force`` allows a change while a run is going on, which loses that run's result, and a unit that is not the
    declared one, which the server ignores.

    Raises
    ------
    UsageError
        A value or a file cannot be what the parameter takes.
    RunActive
        A run is going on.

    """
    if not assignments:
        raise UsageError("nothing to set", hint="KEY=VALUE, or --from FILE", study=study)
    _refuse_during_run(server, study, force=force)
    declared, shown = declare(server, study, [a.key for a in assignments])
    named = [d.name for d in declared]
    double = next((name for name in named if named.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"{double} is set twice", hint="name each parameter once", study=study)
    if not force:
        for one, item in zip(assignments, declared, strict=True):
            judging.refuse_unit(one, item)
    resets = any(one.value is DEFAULT for one in assignments)
    defaults = _defaults(server, study) if resets else {}
    changes = [
        _reset(server, study, item, defaults) if one.value is DEFAULT else _change(server, study, one, item)
        for one, item in zip(assignments, declared, strict=True)
    ]
    return Plan(
        study,
        tuple(c for c in changes if isinstance(c, ValueChange)),
        tuple(c for c in changes if isinstance(c, FileChange)),
        shown,
    )


def _refuse_during_run(server: Server, study: int, *, force: bool) -> None:
    status = server.api.calculations.status(study)
    if status.phase is Phase.ACTIVE and not force:
        raise RunActive(
            f"study {study} is {status.status}: a change now would lose the result of its run",
            hint=f"sostrades calc watch {study} waits for the end; --force changes it all the same",
            study=study,
        )


def _defaults(server: Server, study: int) -> Mapping[str, Parameter]:
    """Return what read-only mode says of defaults: nothing, where there is none."""
    return told_by_read_only(server, study)


def _reset(server: Server, study: int, declared: Declared, defaults: Mapping[str, Parameter]) -> ValueChange:
    default = defaults[declared.name].default if declared.name in defaults else UNTOLD
    change = _value_change(server, study, declared, UNTOLD if has_tables(default) else default)
    return replace(change, reset=True)


def _change(server: Server, study: int, assignment: Assignment, declared: Declared) -> ValueChange | FileChange:
    if assignment.file is None or (assignment.value is not TYPED and declared.type != "array"):
        value = assignment.value
        if not assignment.exact:
            value = judging.typed(assignment, declared)
            judging.refuse_undeclared(value, declared)
            if declared.parameter is not None and declared.parameter.is_solver_setting:
                server.notify(f"{declared.name} is a solver setting")
        return _value_change(server, study, declared, value)
    if not assignment.exact:
        judging.refuse_untold(declared)
    kind = judging.file_kind(declared)
    # What is put back may be tables where there are none now.
    tables = declared.holds_tables or (assignment.exact and table_files.header(assignment.file) != contents.DICT_HEADER)
    if kind == "any" or declared.type == "array" or (kind == "variable" and tables):
        return _file_change(server, study, assignment, declared, kind)
    held = table_files.hold(server, study, declared.name)
    if held is not None and contents.same_table(
        table_files.rows_of(assignment.file), held.rows(), first_column_only=False
    ):
        # A download that comes back at once: its cells do not tell "1" from 1.
        same = _old(declared, [] if kind == "one" else {})
        if not has_tables(same):
            return _value_change(server, study, declared, same)
    called = f"{assignment.label} of {declared.name}" if assignment.label else None
    csv_check.check(assignment.file, key=declared.name, columns=kind, label=called)
    # Lists and dicts go as JSON: exact on every server, and most cannot take files.
    return _value_change(server, study, declared, judging.from_file(assignment.file, declared, called))


def _value_change(server: Server, study: int, declared: Declared, new: Json) -> ValueChange:
    """Pair a new value with the present one; a table in its place is downloaded, to be put back some day."""
    old = _old(declared, new)
    held = _held(server, study, declared) if has_tables(old) else None
    return ValueChange(declared, old, new, held)


def _held(server: Server, study: int, declared: Declared) -> Held | None:
    held = table_files.hold(server, study, declared.name)
    unseen = not declared.empty if declared.parameter is None else has_tables(declared.parameter.value)
    if held is None and unseen:
        server.notify(f"the server cannot give what {declared.name} holds now: this change cannot be undone")
    return held


def _file_change(server: Server, study: int, assignment: Assignment, declared: Declared, kind: str) -> FileChange:
    """Compare first: a table as it was downloaded is fine, though its blank cells could not be sent again."""
    path, original = assignment.file or Path(), assignment.original
    label = assignment.label or (str(original) if original else None)
    held = _held(server, study, declared)
    if table_files.matches(path, held, declared):
        rows = sum(1 for _ in table_files.rows_of(path)) - 1
        return FileChange(declared, path, rows, needless=True, held=held, label=label)
    called = f"{label} of {declared.name}" if label else None
    checked = csv_check.check(
        original or path,
        key=declared.name,
        columns=kind,
        label=called,
        blanks=original is not None,
        numbers=table_files.number_columns(held, kind) if assignment.judged else (),
    )
    changes = table_files.column_changes(checked.columns, held) if declared.type == "dataframe" else None
    if changes:
        server.notify(f"{label or path} has other columns than {declared.name} holds now ({changes})")
    return FileChange(declared, path, checked.rows, held=held, label=label)


def _old(declared: Declared, new: Json) -> Json:
    if declared.parameter is not None:
        return TABLE if declared.holds_tables else declared.parameter.value
    if declared.content is None:
        return None if declared.empty else TABLE  # what no download can show
    # Where no answer told the type, what replaces a value is of its kind.
    kind = "list" if isinstance(new, list) else "dict" if isinstance(new, dict) else None
    value = contents.value_of(declared.content, declared.type or kind)
    return None if declared.type == "float" and value in contents.NULLS else value
