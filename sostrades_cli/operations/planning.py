"""The plan of a change: what is to be sent, typed and checked before anything is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sostrades_cli.api.models import DICT_TYPES, LIST_TYPES, Phase
from sostrades_cli.errors import RunActive, UsageError
from sostrades_cli.operations import contents, csv_check, table_files, values
from sostrades_cli.operations.assignments import TYPED, Assignment
from sostrades_cli.operations.declaring import Declared, declare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.server import Server


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value to be sent as JSON; ``old`` is ``None`` where the server did not show it."""

    declared: Declared
    old: Json
    new: Json

    @property
    def needless(self) -> bool:
        """Tell whether the server holds the value already: posting it again would delete the read-only file."""
        if self.declared.parameter is not None:
            return type(self.old) is type(self.new) and values.same(self.old, self.new)
        return self.declared.content is not None and contents.holds(self.declared.content, self.new)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A CSV file to be uploaded: a table, an array or a dict of tables.

    ``held`` are the rows that the study holds now; ``needless`` says that they are the same.
    """

    declared: Declared
    path: Path
    rows: int
    needless: bool = False
    held: list[list[str]] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one ``param set`` will send."""

    study: int
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]

    @property
    def effective(self) -> list[str]:
        """Return the names of the parameters that it would change."""
        files = [change.declared.name for change in self.files if not change.needless]
        return files + [change.declared.name for change in self.values if not change.needless]


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
    declared = declare(server, study, [a.key for a in assignments])
    named = [d.name for d in declared]
    double = next((name for name in named if named.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"{double} is set twice", hint="name each parameter once", study=study)
    if not force:
        for one, item in zip(assignments, declared, strict=True):
            _refuse_unit(one, item)
    changes = [_change(server, study, one, item) for one, item in zip(assignments, declared, strict=True)]
    return Plan(
        study,
        tuple(c for c in changes if isinstance(c, ValueChange)),
        tuple(c for c in changes if isinstance(c, FileChange)),
    )


def _refuse_during_run(server: Server, study: int, *, force: bool) -> None:
    status = server.api.calculations.status(study)
    if status.phase is Phase.ACTIVE and not force:
        raise RunActive(
            f"study {study} is {status.status}: a change now would lose the result of its run",
            hint=f"sostrades calc watch {study} waits for the end; --force changes it all the same",
            study=study,
        )


def _change(server: Server, study: int, assignment: Assignment, declared: Declared) -> ValueChange | FileChange:
    if assignment.file is None:
        value = _typed(assignment, declared)
        _refuse_undeclared(value, declared)
        if declared.parameter is not None and declared.parameter.is_solver_setting:
            server.notify(f"{declared.name} is a solver setting")
        return ValueChange(declared, _old(declared), value)
    kind = _file_kind(declared)
    if kind == "any" or declared.type == "array" or (kind == "variable" and declared.holds_tables):
        return _file_change(server, study, assignment.file, declared, kind)
    csv_check.check(assignment.file, key=declared.name, columns=kind)
    # Lists and dicts go as JSON: exact on every server, and most cannot take files.
    return ValueChange(declared, _old(declared), _from_file(assignment.file, declared))


def _file_change(server: Server, study: int, path: Path, declared: Declared, kind: str) -> FileChange:
    """Compare first: a table as it was downloaded is fine, though its blank cells could not be sent again."""
    held = table_files.held_table(server, study, declared.name)
    if table_files.matches(path, held, declared):
        return FileChange(declared, path, len(held or [""]) - 1, needless=True)
    checked = csv_check.check(path, key=declared.name, columns=kind)
    changes = table_files.column_changes(checked.columns, held) if declared.type == "dataframe" else None
    if changes:
        server.notify(f"{path} has other columns than {declared.name} holds now ({changes})")
    return FileChange(declared, path, checked.rows, held=held)


def _refuse_unit(assignment: Assignment, declared: Declared) -> None:
    """Refuse a unit that the server would ignore."""
    if assignment.unit is not None and declared.type is not None and assignment.unit != (declared.unit or ""):
        raise UsageError(
            f"{declared.name} is declared in {declared.unit or 'no unit'}, not in {assignment.unit}",
            detail="the server ignores the unit that is sent",
            hint="convert the value; --force sends it as it is",
        )


def _refuse_undeclared(value: Json, declared: Declared) -> None:
    """Refuse a value outside what is declared, where read-only mode told it: the next run would fail."""
    seen = declared.seen
    if seen is None:
        return
    if seen.possible_values and not any(values.same(value, choice) for choice in seen.possible_values):
        choices = ", ".join(map(str, seen.possible_values[:20]))
        raise UsageError(f"{declared.name} cannot be {value!r}", hint=f"it takes one of: {choices}")
    if seen.range is not None and isinstance(value, int | float) and not seen.range[0] <= value <= seen.range[1]:
        low, high = seen.range
        raise UsageError(f"{declared.name} cannot be {value!r}", hint=f"it is declared from {low:g} to {high:g}")


def _typed(assignment: Assignment, declared: Declared) -> Json:
    text = assignment.text
    given = assignment.value is not TYPED
    if declared.type is None:
        value = assignment.value if given else values.parse_undeclared(text, declared.name)
        return _fitting(value, declared)
    if declared.holds_tables:
        raise UsageError(
            f"{declared.name} is a dict of tables: it takes a CSV file, not a value", hint=f"{declared.name}=@FILE.csv"
        )
    if given:
        return values.fitting(assignment.value, declared.type, declared.name)
    return values.parse(text, declared.type, declared.name)


def _fitting(value: Json, declared: Declared) -> Json:
    """Refuse a value that the layout of the present one rules out, where no answer ever told the type."""
    kind = _guessed_type(declared) if declared.content is not None else "single value"
    fits = {"dict": isinstance(value, dict), "array": isinstance(value, list), "dataframe": False}
    if fits.get(kind, True):
        return value
    raise UsageError(
        f"{declared.name} is shown as a {'list or array' if kind == 'array' else kind}: this value does not fit it",
        detail="the server would accept it and the next run would fail",
        hint=f"sostrades param get STUDY {declared.name} shows its layout; tables take {declared.name}=@FILE.csv",
    )


def _old(declared: Declared) -> Json:
    if declared.parameter is not None:
        return declared.parameter.value
    if declared.content is None:
        return None
    return contents.value_of(declared.content, declared.type)


def _file_kind(declared: Declared) -> str:
    """Return what the declared type asks of the columns of a file."""
    kind = declared.type or _guessed_type(declared)
    if kind == "dataframe":
        return "any"
    if kind == "array" or kind in LIST_TYPES:
        return "one"
    if kind in DICT_TYPES:
        return "variable"
    raise UsageError(
        f"{declared.name} is a {kind}: it takes a value, not a file",
        detail="the server would store a table in its place",
        hint=f"{declared.name}=VALUE",
    )


def _guessed_type(declared: Declared) -> str:
    """Guess a type from the layout of a download, where no answer ever told it."""
    content = declared.content or b""
    if contents.scalar_text(content) is not None:
        return "single value"
    first_line = content.partition(b"\n")[0]
    return {b"variable,value": "dict", b"value": "array"}.get(first_line, "dataframe")


def _from_file(path: Path, declared: Declared) -> Json:
    table = islice(csv_check.read(path), 1, None)
    if declared.type not in DICT_TYPES:
        return [_cell(row[0], path, line) for line, row in table]
    found = {}
    for line, row in table:
        if len(row) != 2:  # noqa: PLR2004 - variable and value
            raise UsageError(
                f"{path}: {declared.name} takes two columns, variable and value", hint="KEY='{...}' is JSON"
            )
        found[row[0]] = _cell(row[1], path, line)
    return found


def _cell(text: str, path: Path, line: int) -> Json:
    """Read a cell as the server would, and refuse what it cannot hold."""
    value = contents.literal(text)
    if not values.can_be_held(value, text):
        raise UsageError(
            f"{path}, line {line}: the server cannot hold {text}", hint="nan and inf come back as no value: write None"
        )
    return value
