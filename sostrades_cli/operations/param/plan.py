"""Plan a change: find each parameter, type and validate its new value, and compare it with the present one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, TABLE, UNTOLD, Phase, has_tables
from sostrades_cli.errors import Conflict, InvalidValue, RunActive, UsageError
from sostrades_cli.files.atomic import digest_of
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.param import coercion, validation
from sostrades_cli.operations.param.assignments import DEFAULT, TYPED, Assignment
from sostrades_cli.operations.param.metadata import ParameterInfo, declare
from sostrades_cli.operations.study.load import read_only_parameters
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
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.tables.stored_table import StoredTable

SHOWN_KEYS: Final = 5
SHOWN_ERRORS: Final = 10


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value to be sent as JSON; ``old`` is ``None`` if the server did not show it.

    A ``reset`` asks for the declared default: ``new`` is that, or ``UNTOLD`` if the server did not show it. ``held`` is
    the present table, if there is one, and ``kept`` the file that was sent for it from here. ``completed`` says that
    the same value was the last one sent from here, and that the server has added to it. ``notes`` are on the columns
    of the user's file. ``unlike`` is the error of an empty file, which only ``--force`` sends.
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
        """The value in the request: ``None`` stands for the declared default."""
        return None if self.reset else self.new

    @property
    def needless(self) -> bool:
        """Whether the value is unchanged; sending it would delete the read-only file of the last run."""
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

    ``shown`` are all parameters of the study before it, ``None`` if the server cannot load. ``refusals`` are the errors
    for which a dry run would not be sent.
    """

    study: int
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    shown: Mapping[str, Parameter] | None = None
    refusals: tuple[SostradesError, ...] = ()

    @property
    def sent_files(self) -> list[FileChange]:
        """The changed files."""
        return [change for change in self.files if not change.needless]

    @property
    def sent_values(self) -> list[ValueChange]:
        """The changed values."""
        return [change for change in self.values if not change.needless]

    @property
    def effective(self) -> list[str]:
        """The names of the parameters that would change."""
        return [c.info.name for c in self.sent_files] + [c.info.name for c in self.sent_values]

    @property
    def state(self) -> frozenset[tuple[str, str]]:
        """The parameters that would change with their old values; a round that changes nothing leaves it the same."""
        files = ((c.info.name, c.held.sha256 if c.held else "") for c in self.sent_files)
        values = ((c.info.name, c.held.sha256 if c.held else repr(c.old)) for c in self.sent_values)
        return frozenset([*files, *values])


@dataclass(frozen=True, slots=True)
class Refusals:
    """The errors for which a change would not be made; only a dry run collects them."""

    dry_run: bool
    errors: list[SostradesError] = field(default_factory=list)

    @contextlib.contextmanager
    def collected(self) -> Iterator[None]:
        """Collect a refusal in a dry run; raise every other error."""
        try:
            yield
        except (RunActive, Conflict, UsageError) as error:
            if not self.dry_run:
                raise
            self.errors.append(error)


def make_plan(
    context: Context, study: int, assignments: Sequence[Assignment], *, force: bool, dry_run: bool = False
) -> Plan:
    """Plan to set parameters; nothing is sent.

    ``force`` allows a change during a run, another unit than the declared one, which the server ignores, and a table
    that is empty or has none of the parameter's columns. A ``dry_run`` collects refusals in the plan.

    Raises
    ------
    UsageError
        A parameter cannot hold its value or file.
    RunActive
        The study is running.

    """
    if not assignments:
        raise UsageError("nothing to set", hint="add KEY=VALUE or --from FILE", study=study)
    refusals = Refusals(dry_run=dry_run)
    with refusals.collected():
        _require_no_run(context, study, force=force)
    infos, shown = declare(context, study, [assignment.key for assignment in assignments])
    _require_distinct([info.name for info in infos], study)
    for assignment, info in zip(assignments, infos, strict=True):
        if assignment.unit is not None and not force:
            with refusals.collected():
                validation.validate_unit(assignment.unit, info)
    changes = _changes(context, study, assignments, infos)
    for change in changes:
        if change.unlike is not None and not force:
            with refusals.collected():
                raise change.unlike
    files = tuple(change for change in changes if isinstance(change, FileChange))
    values = tuple(change for change in changes if isinstance(change, ValueChange))
    return Plan(study, values, files, shown, tuple(refusals.errors))


def _require_no_run(context: Context, study: int, *, force: bool) -> None:
    status = context.api.calculations.status(study)
    if status.phase is Phase.ACTIVE and not force:
        raise RunActive(
            f"study {study} is {status.status}, and a change would discard the result of its run",
            hint=f"wait for the end with `sostrades calc watch {study}`, or add --force",
            study=study,
        )


def _require_distinct(names: Sequence[str], study: int) -> None:
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"{double} is set twice", hint="give one value for each parameter", study=study)


def _changes(
    context: Context, study: int, assignments: Sequence[Assignment], infos: Sequence[ParameterInfo]
) -> list[ValueChange | FileChange]:
    # Only read-only mode has declared defaults.
    has_resets = any(assignment.value is DEFAULT for assignment in assignments)
    defaults = read_only_parameters(context, study) if has_resets else {}
    journal = Journal(context.state, context.api.session.host, study)
    changes: list[ValueChange | FileChange] = []
    invalid: list[UsageError] = []
    for assignment, info in zip(assignments, infos, strict=True):
        try:
            if assignment.value is DEFAULT:
                changes.append(_reset(context, study, info, defaults, journal))
            else:
                changes.append(_change(context, study, assignment, info, journal))
        except UsageError as error:
            invalid.append(error)
    if invalid:
        raise _together(invalid, len(assignments))
    return changes


def _together(invalid: Sequence[UsageError], count: int) -> UsageError:
    """Return the error for all invalid values, so that they can be corrected at once."""
    first = invalid[0]
    if len(invalid) == 1:
        return first
    lines = [error.message if error.hint is None else f"{error.message} (try: {error.hint})" for error in invalid]
    more = [f"and {len(lines) - SHOWN_ERRORS} more"] if len(lines) > SHOWN_ERRORS else []
    return InvalidValue(
        f"{len(invalid)} of {count} values cannot be set, nothing was sent",
        detail="\n".join([*lines[:SHOWN_ERRORS], *more]),
        hint="correct these values, then run the command again",
        causes=invalid,
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
        # JSON would turn whole numbers into texts.
        or (_has_integer_keys(file, info, journal) and context.api.parameters.takes_files(study))
    )
    if kind == layout.ANY or info.type == "array" or keyed:
        return plan_table(context, study, assignment, info, kind, journal)
    return _from_file(context, study, assignment, file, info, kind, journal)


def _from_file(
    context: Context,
    study: int,
    assignment: Assignment,
    file: Path,
    info: ParameterInfo,
    kind: str,
    journal: Journal,
) -> ValueChange:
    """Read the file of a list or a dict, which goes as JSON: that is exact, and most servers cannot take files."""
    held = download_table(context, study, info.name)
    if held is not None and digest_of(file) == held.sha256:
        # The cells of an unchanged download do not tell "1" from 1.
        same = _old(info, [] if kind == layout.ONE else {}, journal)
        if not has_tables(same):
            return _value_change(context, study, info, same, journal)
    if assignment.notation is Notation.DOWNLOAD:
        old = downloads.value_of(file.read_bytes(), info.type or ("dict" if kind == layout.KEYED else "list"))
        return _value_change(context, study, info, old, journal)
    label = f"{assignment.label} of {info.name}" if assignment.label else str(file)
    old = _old(info, [], journal)
    new, notes = json_values.from_file(file, label, info.name, kind, old)
    for note in notes:
        context.notify(f"{info.name}: {note}")
    validation.validate_limits(new, info)
    unlike = json_values.empty_in_place_of(old, new, label, info.name)
    return replace(_value_change(context, study, info, new, journal), notes=notes, unlike=unlike)


def _has_integer_keys(file: Path, info: ParameterInfo, journal: Journal) -> bool:
    """Return whether the keys in a file are whole numbers, and are not texts that were sent from here as JSON."""
    last = last_change(journal.entries(), info.name)
    texts = last is not None and last.new_sent is None and isinstance(last.new, dict)
    return not texts and json_values.has_integer_keys(file)


def _from_value(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    if assignment.exact:
        return _value_change(context, study, info, assignment.value, journal)
    may_hold_arrays = info.type is None or info.type in DICT_TYPES
    if may_hold_arrays and assignment.value is not None and holds_arrays(info):
        value = coercion.parse(assignment.text, "dict", info.name) if assignment.is_text else assignment.value
        if isinstance(value, dict):
            file = json_values.write_arrays(value, info.name, context.temp_folder.path())
            sent = replace(assignment, file=file, label="the value", notation=Notation.TYPED)
            # A typed value is meant, even if it is empty.
            return replace(plan_table(context, study, sent, info, layout.KEYED, journal), unlike=None)
    value = coercion.typed(assignment, info)
    if info.type is None or info.has_limits:
        validation.validate_value(value, info)
    if info.parameter is not None and info.parameter.is_solver_setting:
        context.notify(f"{info.name} is a solver setting")
    return _value_change(context, study, info, value, journal)


def _value_change(context: Context, study: int, info: ParameterInfo, new: Json, journal: Journal) -> ValueChange:
    """Pair a new value with the present one; a present table is downloaded, so that an undo can restore it."""
    old = _old(info, new, journal)
    held = hold(context, study, info) if has_tables(old) else None
    kept = kept_table(journal, info.name, held) if held is not None else None
    if not isinstance(new, dict):
        return ValueChange(info, old, new, held, kept)
    last = last_change(journal.entries(), info.name)
    completed = last is not None and identical(last.new, new) and contains(old, new)
    change = ValueChange(info, old, new, held, kept, completed)
    if not change.needless and (keys := json_values.integer_keys(new)):
        context.notify(
            f"{info.name}: the keys {', '.join(keys[:SHOWN_KEYS])} are sent as texts, as always in JSON. "
            f"To send whole numbers, use a CSV file: {info.name}=@FILE.csv"
        )
    return change


def _old(info: ParameterInfo, new: Json, journal: Journal) -> Json:
    """Return the present value, read like the new one if the type is unknown."""
    if info.parameter is not None:
        return TABLE if info.holds_tables else info.parameter.value
    if info.content is None:
        return None if info.empty else TABLE  # no download can show it
    # A download does not show every digit: if it still shows the last value sent from here, that is the present one.
    last = last_change(journal.entries(), info.name)
    if last is not None and last.new is not None and downloads.holds(info.content, last.new, info.type):
        return last.new
    kind = "list" if isinstance(new, list) else "dict" if isinstance(new, dict) else None
    value = downloads.value_of(info.content, info.type or kind)
    return None if info.type == "float" and value in downloads.NULLS else value
