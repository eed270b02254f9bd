"""Plan a change: find each parameter, type and validate its new value, and compare it with the present one."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import DICT_TYPES, UNTOLD, Phase, has_tables
from sostrades_cli.errors import Conflict, RunActive, UsageError
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.param import coercion, validation
from sostrades_cli.operations.param.assignments import DEFAULT, TYPED, Assignment
from sostrades_cli.operations.param.collected_errors import map_all
from sostrades_cli.operations.param.metadata import ParameterInfo, declare, present_value
from sostrades_cli.operations.study.load import read_only_parameters
from sostrades_cli.operations.tables.equality import contains, identical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.errors import SostradesError
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.tables.kept_table import KeptTable
    from sostrades_cli.operations.tables.stored_table import StoredTable
    from sostrades_cli.operations.tables.table_change import FileChange

SHOWN_KEYS: Final = 5


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
        # An unknown default cannot be compared, so it is always sent.
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
        from sostrades_cli.operations.tables import downloads  # noqa: PLC0415 - start-up: only if the server cannot load

        # Only a float's download shows its value with certainty: '1' may be a text or a number.
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
    # A change during a run sets the study to NOT EXECUTED, and the server keeps no results of that run.
    with refusals.collected():
        _require_no_run(context, study, force=force)
    infos, shown = declare(context, study, [assignment.key for assignment in assignments])
    # By full names: gamma and Macro.gamma may be the same parameter.
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
    files = tuple(change for change in changes if not isinstance(change, ValueChange))
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

    def planned(pair: tuple[Assignment, ParameterInfo]) -> ValueChange | FileChange:
        assignment, info = pair
        if assignment.value is DEFAULT:
            return _reset(context, study, info, defaults, journal)
        return _change(context, study, assignment, info, journal)

    return map_all(planned, list(zip(assignments, infos, strict=True)), "values cannot be set, nothing was sent")


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
    from sostrades_cli.operations.param import file_plan  # noqa: PLC0415 - start-up: only for files

    change = file_plan.plan_file(context, study, assignment, file, info, journal)
    if not isinstance(change, file_plan.FileValue):
        return change
    return replace(_value_change(context, study, info, change.value, journal), notes=change.notes, unlike=change.unlike)


def _from_value(
    context: Context, study: int, assignment: Assignment, info: ParameterInfo, journal: Journal
) -> ValueChange | FileChange:
    # The journal's value was valid when the study held it, whatever is declared now.
    if assignment.exact:
        return _value_change(context, study, info, assignment.value, journal)
    if (info.type is None or info.type in DICT_TYPES) and assignment.value is not None:
        from sostrades_cli.operations.param import file_plan  # noqa: PLC0415 - start-up: only for dicts

        if (change := file_plan.plan_arrays(context, study, assignment, info, journal)) is not None:
            return change
    value = coercion.typed(assignment, info)
    # The server stores a value out of range, and the next run fails.
    if info.type is None or info.has_limits:
        validation.validate_value(value, info)
    planned = _value_change(context, study, info, value, journal)
    if info.parameter is not None and info.parameter.is_solver_setting and not planned.needless:
        context.notify(f"{info.name} is a solver setting")
    return planned


def _value_change(context: Context, study: int, info: ParameterInfo, new: Json, journal: Journal) -> ValueChange:
    """Pair a new value with the present one; a present table is downloaded, so that an undo can restore it."""
    old = present_value(info, new, journal)
    held, kept = None, None
    if has_tables(old):
        from sostrades_cli.operations.tables.table_change import hold, kept_table  # noqa: PLC0415 - start-up

        # Downloaded now: after the change nothing has the old table any more.
        held = hold(context, study, info)
        kept = kept_table(journal, info.name, held)
    if not isinstance(new, dict):
        return ValueChange(info, old, new, held, kept)
    from sostrades_cli.operations.tables import json_values  # noqa: PLC0415 - start-up: only for dicts
    from sostrades_cli.operations.tables.kept_table import last_change  # noqa: PLC0415

    last = last_change(journal.entries(), info.name)
    # The server completes dicts with defaults. The value that was sent is then a part of the present one.
    completed = last is not None and identical(last.new, new) and contains(old, new)
    change = ValueChange(info, old, new, held, kept, completed)
    if not change.needless and (keys := json_values.integer_keys(new)):
        context.notify(
            f"{info.name}: the keys {', '.join(keys[:SHOWN_KEYS])} are sent as texts, as always in JSON. "
            f"To send whole numbers, use a CSV file: {info.name}=@FILE.csv"
        )
    return change
