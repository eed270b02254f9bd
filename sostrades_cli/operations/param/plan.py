"""Plan a change: find each parameter, type and validate its new value, and compare it with the present one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, UNKNOWN, has_tables
from sostrades_cli.errors import Conflict, NotFound, RunActive, UsageError
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.param import coercion, validation
from sostrades_cli.operations.param.assignments import DEFAULT, TYPED, Assignment
from sostrades_cli.operations.param.collected_errors import joint_error
from sostrades_cli.operations.param.metadata import FAILURE, MOST_FAILURES, Inputs, ParameterInfo, present_value
from sostrades_cli.operations.tables.equality import contains, identical
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.collected_errors import InputError
    from sostrades_cli.operations.param.entries import EntryChange
    from sostrades_cli.operations.tables.sent_tables import SentTable
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.table_change import FileChange

SHOWN_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value to be sent as JSON.

    - ``old``: the present value, ``None`` if the server did not show it
    - ``new``: the value to send, ``UNKNOWN`` for a default that the server did not show
    - ``old_table``: the present table, if there is one
    - ``last_sent``: the file that was sent for ``old_table`` from here
    - ``completed``: the last value sent from here was the same, and the server has added to it
    - ``reset``: the server is asked for the declared default
    - ``notes``: on the columns of the user's file, and on entries that a dict loses
    - ``unlike``: the error of an empty file, which only ``--force`` sends
    - ``entries``: the changes of single entries in the new dict
    """

    info: ParameterInfo
    old: Json
    new: Json
    old_table: StoredTable | None = None
    last_sent: SentTable | None = None
    completed: bool = False
    reset: bool = False
    notes: tuple[str, ...] = ()
    unlike: UsageError | None = None
    entries: tuple[EntryChange, ...] = ()

    @property
    def body(self) -> Json:
        """The value in the request: ``None`` stands for the declared default."""
        return None if self.reset else self.new

    @property
    def needless(self) -> bool:
        """Whether the value is unchanged; sending it would delete the read-only file of the last run."""
        # An unknown default cannot be compared, so it is always sent.
        if self.new is UNKNOWN:
            return False
        if self.info.parameter is not None:
            return self.old_table is None and (self.completed or identical(self.old, self.new))
        if self.info.empty:
            return self.new is None
        if self.old_table is not None or self.info.content is None:
            return False
        if identical(self.old, self.new):
            return True
        from sostrades_cli.operations.tables import downloads

        # Only a float's download shows its value with certainty: '1' may be a text or a number.
        shown = downloads.holds(self.info.content, self.new, self.info.type)
        return shown and self.info.type == "float"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one command will send.

    ``shown`` are all parameters of the study before it, ``None`` if the server cannot load. ``refusals`` are the errors
    for which a dry run would not be sent. ``finished`` says that the study has the results of a finished run.
    """

    study: int
    values: tuple[ValueChange, ...]
    files: tuple[FileChange, ...]
    shown: Mapping[str, Parameter] | None = None
    refusals: tuple[SostradesError, ...] = ()
    finished: bool = False

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
        files = ((c.info.name, c.old_table.sha256 if c.old_table else "") for c in self.sent_files)
        values = ((c.info.name, c.old_table.sha256 if c.old_table else repr(c.old)) for c in self.sent_values)
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
    that is empty or does not have all columns of the current one. A ``dry_run`` collects refusals in the plan.

    Raises
    ------
    NotFound
        There is no such parameter, or no such entry of a dict.
    UsageError
        A parameter cannot hold its value or file. The error of several wrong assignments has all of them as causes.
    RunActive
        The study is running.

    """
    if not assignments:
        raise UsageError("nothing to set", hint="add KEY=VALUE or --from FILE", study=study)
    refusals = Refusals(dry_run=dry_run)
    # A change during a run sets the study to NOT EXECUTED, and the server keeps no results of that run.
    status = context.api.calculations.status(study)
    with refusals.collected():
        _require_no_run(status, force=force)
    inputs, journal = Inputs(context, study), Journal(context.state, context.api.session.host, study)
    planner = _Planner(context, study, inputs, journal, refusals, force)
    _plan_all(planner, assignments)
    changes = planner.changes()
    files = tuple(change for change in changes if not isinstance(change, ValueChange))
    values = tuple(change for change in changes if isinstance(change, ValueChange))
    return Plan(study, values, files, inputs.shown, tuple(refusals.errors), finished=status.phase is Phase.GOOD)


def _plan_all(planner: _Planner, assignments: Sequence[Assignment]) -> None:
    """Plan all assignments, or raise the errors of all wrong ones together."""
    errors: list[InputError] = []
    tried = 0
    for assignment in assignments:
        tried += 1
        try:
            planner.plan(assignment)
        # Only wrong input is collected. Any other error, such as a lost connection, would come back for each one.
        except (NotFound, UsageError) as error:
            errors.append(assignment.located(error))
        if planner.inputs.failures == MOST_FAILURES:
            break
    if errors:
        raise joint_error(errors, FAILURE, total=len(assignments), tried=tried)


def _require_no_run(status: RunStatus, *, force: bool) -> None:
    if status.phase is Phase.ACTIVE and not force:
        raise RunActive(
            f"study {status.study} is {status.status}, and a change would discard the result of its run",
            hint=f"wait for the end with `sostrades calc watch {status.study}`, or add --force",
            study=status.study,
        )


@dataclass(slots=True)
class _Planner:
    """Plans the assignments of one command, so that each wrong one has an error of its own.

    ``names`` are the parameters so far, ``whole`` their changes. ``entries`` are the changes of single entries of
    dicts, ``dicts`` the present values of these.
    """

    context: Context
    study: int
    inputs: Inputs
    journal: Journal
    refusals: Refusals
    force: bool
    names: dict[str, str] = field(default_factory=dict)
    whole: list[ValueChange | FileChange] = field(default_factory=list)
    entries: list[EntryChange] = field(default_factory=list)
    dicts: dict[str, dict[str, Json]] = field(default_factory=dict)

    def plan(self, assignment: Assignment) -> None:
        """Plan one assignment.

        Raises
        ------
        NotFound, UsageError
            There is no such input, it is set twice, or it does not take the value.

        """
        if assignment.fault is not None:
            raise assignment.fault
        info, entry = self.inputs.find(assignment.key)
        self._require_distinct(info.name, entry)
        if assignment.unit is not None and not self.force:
            with self.refusals.collected():
                validation.validate_unit(assignment.unit, info)
        if entry:
            self._plan_entry(assignment, info, entry)
        elif assignment.value is DEFAULT:
            self.whole.append(_reset(self.context, self.study, info, self.inputs, self.journal))
        else:
            self._plan_whole(assignment, info)

    def _plan_whole(self, assignment: Assignment, info: ParameterInfo) -> None:
        if assignment.relative is not None:
            from sostrades_cli.operations.param.relative import absolute

            assignment = absolute(assignment, info, self.journal, force=self.force)
        change = _change(self.context, self.study, assignment, info, self.journal)
        if change.unlike is not None and not self.force:
            with self.refusals.collected():
                raise change.unlike
        exact = assignment.exact or assignment.any_elements
        if isinstance(change, ValueChange) and not exact and not change.needless:
            self._validate_elements(change, of_file=assignment.file is not None)
        self.whole.append(change)

    def _validate_elements(self, change: ValueChange, *, of_file: bool) -> None:
        if not isinstance(change.new, list | dict):
            return
        from sostrades_cli.operations.param import elements

        if not self.force:
            with self.refusals.collected():
                elements.validate_elements(change.new, change.old, change.info, of_file=of_file)
        if note := elements.unknown_kind(change.new, change.old, change.info):
            self.context.notify(f"{change.info.name}: {note}")

    def changes(self) -> list[ValueChange | FileChange]:
        """Return the changes, with one change for all entries of a dict."""
        if not self.entries:
            return self.whole
        from sostrades_cli.operations.param.entries import merged

        changes = [*self.whole]
        for name, present in self.dicts.items():
            parts = [change for change in self.entries if change.info.name == name]
            value = merged(present, parts)
            change = _value_change(self.context, self.study, parts[0].info, value, self.journal)
            changes.append(replace(change, entries=tuple(parts)))
        return changes

    def _require_distinct(self, name: str, entry: str) -> None:
        # By full names: gamma and Macro.gamma may be the same parameter.
        before = self.names.get(name)
        self.names[name] = entry
        if before is None or (before and entry):
            return
        if before or entry:
            raise UsageError(
                f"{name} and its entry {before or entry} are both set",
                hint="give the whole dict, or only its entries",
                study=self.study,
            )
        raise UsageError(f"{name} is set twice", hint="give one value for each parameter", study=self.study)

    def _plan_entry(self, assignment: Assignment, info: ParameterInfo, dotted: str) -> None:
        from sostrades_cli.operations.param.entries import plan_entry, present_dict, require_separate

        present = self.dicts.get(info.name)
        if present is None:
            present = present_dict(self.context, self.study, info, self.journal)
        change = plan_entry(assignment, info, dotted, present, self.journal, force=self.force)
        require_separate(change, self.entries)
        self.dicts[info.name] = present
        self.entries.append(change)


def _reset(context: Context, study: int, info: ParameterInfo, inputs: Inputs, journal: Journal) -> ValueChange:
    # Only read-only mode has declared defaults.
    declared = inputs.read_only().get(info.name)
    default = UNKNOWN if declared is None else declared.default
    change = _value_change(context, study, info, UNKNOWN if has_tables(default) else default, journal)
    return replace(change, reset=True)


def _change(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    file = assignment.file
    if file is None or (assignment.value is not TYPED and info.type != "array"):
        return _from_value(context, study, assignment, info, journal)
    from sostrades_cli.operations.param import file_plan

    change = file_plan.plan_file(context, study, assignment, file, info, journal)
    if not isinstance(change, file_plan.FileValue):
        return change
    planned = _value_change(context, study, info, change.value, journal)
    return _with_removals(context, replace(planned, notes=change.notes, unlike=change.unlike))


def _from_value(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    # The journal's value was valid when the study held it, whatever is declared now.
    if assignment.exact:
        return _value_change(context, study, info, assignment.value, journal)
    if (info.type is None or info.type in DICT_TYPES) and assignment.value is not None:
        from sostrades_cli.operations.param import file_plan

        if (change := file_plan.plan_arrays(context, study, assignment, info, journal)) is not None:
            return change
    value = coercion.typed(assignment, info)
    # The server stores a value out of range, and the next run fails.
    if info.type is None or info.has_limits:
        validation.validate_value(value, info)
    planned = _value_change(context, study, info, value, journal)
    for note in () if planned.needless else assignment.notes:
        planned = _noted(context, planned, note)
    if info.parameter is not None and info.parameter.is_solver_setting and not planned.needless:
        context.notify(f"{info.name} is a solver setting")
    return _with_removals(context, planned)


def _with_removals(context: Context, change: ValueChange) -> ValueChange:
    """Add a note on the entries that a dict loses, because a table of a file is the whole dict."""
    if not isinstance(change.new, dict) or change.needless:
        return change
    from sostrades_cli.operations.param.entries import removal_note

    note = removal_note(change.old, change.new)
    return change if note is None else _noted(context, change, note)


def _noted(context: Context, change: ValueChange, note: str) -> ValueChange:
    context.notify(f"{change.info.name}: {note}")
    return replace(change, notes=(*change.notes, note))


def _value_change(context: Context, study: int, info: ParameterInfo, new: Json, journal: Journal) -> ValueChange:
    """Pair a new value with the present one; a present table is downloaded, so that an undo can restore it."""
    old = present_value(info, new, journal)
    old_table, last_sent = None, None
    if has_tables(old):
        from sostrades_cli.operations.tables.table_change import download_current, last_sent_table

        # Downloaded now: after the change nothing has the old table any more.
        old_table = download_current(context, study, info)
        last_sent = last_sent_table(journal, info.name, old_table)
    if not isinstance(new, dict):
        return ValueChange(info, old, new, old_table, last_sent)
    from sostrades_cli.operations.tables import json_values
    from sostrades_cli.operations.tables.sent_tables import last_change

    last = last_change(journal.entries(), info.name)
    # The server completes dicts with defaults. The value that was sent is then a part of the present one.
    completed = last is not None and identical(last.new, new) and contains(old, new)
    change = ValueChange(info, old, new, old_table, last_sent, completed)
    if not change.needless and (keys := json_values.integer_keys(new)):
        context.notify(
            f"{info.name}: the keys {', '.join(keys[:SHOWN_KEYS])} are sent as texts, as always in JSON. "
            f"To send whole numbers, use a CSV file: {info.name}=@FILE.csv"
        )
    return change
