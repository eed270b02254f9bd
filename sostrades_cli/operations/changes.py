"""Change the parameters of a study: plan, confirm, record, send and verify. Every change goes through this module."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from sostrades_cli.api.models import UNTOLD
from sostrades_cli.errors import Different, NotVerified, SostradesError
from sostrades_cli.operations.history.recorder import alone, recorded, require_finished_sweep, require_not_swept
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.plan import Plan, ValueChange, make_plan
from sostrades_cli.operations.param.send import after, preview, send_and_verify
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import LoadedValues, Table
    from sostrades_cli.operations.tables.table_change import FileChange

# A sampling study needs five rounds, because each setting makes others appear.
MOST_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """The options of a change.

    ``force`` allows it during a run, whose result is then lost. ``message`` is kept in the history. ``confirm`` is
    called before more than ``unasked`` parameters change, and raises an error if the user declines; ``None`` does not
    ask.
    """

    dry_run: bool = False
    exit_code: bool = False
    force: bool = False
    message: str | None = None
    unasked: int = 1
    confirm: Callable[[Plan], None] | None = None


class ChangedEntry(NamedTuple):
    """One entry of a dict; ``entry`` are its keys, joined by dots."""

    entry: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """The change of one parameter.

    ``old`` is ``None`` if the server did not show it, and so is ``new`` for a ``default`` that it did not show. For a
    ``file``, ``new`` is a text: how it differs from the table before, or its rows if it is unchanged. ``sent`` is false
    if the value is unchanged. ``entries`` are the entries of a dict that were set one by one.
    """

    key: str
    type: str | None
    unit: str | None
    old: Json
    new: Json
    sent: bool = True
    file: bool = False
    default: bool = False
    notes: tuple[str, ...] = ()
    entries: tuple[ChangedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """The result of a change, or of its dry run.

    A dry run has only the parameters that would change, and the ``requests``. ``failure`` is the error to report after
    the changes: why a dry run would be rejected, or which parameters were not changed. The change has an entry in the
    history for each of its ``rounds``.
    """

    study: int
    changes: tuple[ParameterChange, ...]
    requests: tuple[str, ...] | None = None
    failure: SostradesError | None = None
    rounds: int = 1

    @property
    def unsent(self) -> int:
        """The number of unchanged parameters."""
        return sum(not change.sent for change in self.changes)


def set_parameters(
    context: Context,
    study: int,
    wanted: Sequence[Assignment | Table | LoadedValues],
    options: ChangeOptions,
    *,
    unit: str | None = None,
    command: str = "set",
) -> ChangeReport:
    """Plan a change, confirm it, record what it replaces, send it once and verify that the study holds it.

    ``unit`` applies to assignments without a unit of their own.
    """
    # The lock comes before the plan: a plan made while another change is sent is out of date at once.
    with study_lock(context, study, options):
        return set_alone(context, study, wanted, options, unit=unit, command=command)


def set_alone(
    context: Context,
    study: int,
    wanted: Sequence[Assignment | Table | LoadedValues],
    options: ChangeOptions,
    *,
    unit: str | None = None,
    command: str = "set",
) -> ChangeReport:
    """Do what ``set_parameters`` does for a caller that keeps other changes away from the study itself."""
    assignments = [item for item in wanted if isinstance(item, Assignment)]
    if len(assignments) < len(wanted):
        from sostrades_cli.operations.param.nested_keys import resolve  # noqa: PLC0415 - start-up: only for files

        # Only the study shows whether a table is the value of a dict or a group of parameters.
        assignments = resolve(context, study, wanted)
    if unit is not None:
        assignments = [replace(item, unit=item.unit or unit) for item in assignments]
    plan = make_plan(context, study, assignments, force=options.force, dry_run=options.dry_run)
    return carry_out(context, plan, command, options)


def reset_parameters(context: Context, study: int, keys: Iterable[str], options: ChangeOptions) -> ChangeReport:
    """Set parameters to their declared defaults."""
    # A key that is given twice would be rejected as set twice; for a reset both mean the same.
    defaults = [Assignment(key, value=DEFAULT) for key in dict.fromkeys(keys)]
    return set_parameters(context, study, defaults, options, command="reset")


@contextlib.contextmanager
def study_lock(context: Context, study: int, options: ChangeOptions) -> Iterator[None]:
    """Keep out other changes from this machine, from the plan to its verification."""
    # A dry run sends nothing, so it must not make anybody wait.
    with contextlib.nullcontext() if options.dry_run else alone(context, study):
        if not options.force:
            require_not_swept(context, study)
        yield


def carry_out(
    context: Context, plan: Plan, command: str, options: ChangeOptions, undoes: Collection[int] = ()
) -> ChangeReport:
    """Confirm a plan, record it as ``command``, send and verify it; ``undoes`` are the entries that it reverts.

    Raises
    ------
    Interrupted
        The user declined.
    Refused
        The study holds the values of an unfinished sweep.
    UsageError
        The journal cannot be written; nothing was sent.
    SostradesError
        As ``send_and_verify`` raises it.

    """
    if options.dry_run:
        return _preview(context, plan, options)
    # A single value was typed as it is; a file or a glob may change more than the user expects.
    if options.confirm is not None and len(plan.effective) > options.unasked:
        options.confirm(plan)
    # An undo of a change that never arrived has nothing to send, but is recorded.
    if plan.effective or undoes:
        if not options.force:
            require_finished_sweep(context, plan.study, undoes)
        # On disk before the request: a process that is killed while it sends can still be undone.
        with recorded(context, plan, command, undoes, options.message) as change:
            change.verified = send_and_verify(context, plan)
        return _report(plan, change.verified.defaults)
    return _report(plan)


def set_unrecorded(context: Context, study: int, wanted: Sequence[Assignment], *, force: bool) -> bool:
    """Plan, send and verify without an entry in the journal: a sweep has its own entry, a new copy needs none.

    The caller keeps other changes away from the study. Return whether a value changed.
    """
    plan = make_plan(context, study, wanted, force=force)
    send_and_verify(context, plan)
    return bool(plan.effective)


class NextPlan(Protocol):
    """A function that plans the next round of a change."""

    def __call__(self, *, verified: bool) -> Plan | None:
        """Return the plan, if any; ``verified`` says whether the study holds all of the last one."""


def change_in_rounds(
    context: Context, plan: Plan, next_plan: NextPlan, command: str, options: ChangeOptions
) -> ChangeReport:
    """Carry out a plan and further ones, until nothing is left to send or a round changes nothing.

    Some parameters appear only after others are set, and some lose their values when others change. A later round may
    therefore set what an earlier one could not.

    Raises
    ------
    NotVerified
        The study does not hold what the last round sent.

    """
    report, unverified = _one_round(context, plan, command, options)
    for _ in range(MOST_ROUNDS):
        with _after_round(plan, unverified):
            later = next_plan(verified=unverified is None)
            if later is not None and not later.effective:
                unverified = None
            # The same plan again means that the server ignores it: further rounds would never end.
            if later is None or not later.effective or later.state == plan.state:
                break
            # The user confirmed the first plan, and later rounds only complete it.
            more, unverified = _one_round(context, later, command, replace(options, confirm=None))
        plan = later
        report = join_reports(report, more)
    if unverified is not None:
        raise unverified
    return report


def _one_round(
    context: Context, plan: Plan, command: str, options: ChangeOptions
) -> tuple[ChangeReport, NotVerified | None]:
    try:
        return carry_out(context, plan, command, options), None
    except NotVerified as error:
        # Not the end: a later round may set what this one could not.
        return _report(plan), error


@contextlib.contextmanager
def _after_round(plan: Plan, unverified: NotVerified | None) -> Iterator[None]:
    """Add to an error what the round before it changed; if that round failed, raise its error instead."""
    try:
        with after([] if unverified is not None else plan.effective):
            yield
    except SostradesError as error:
        if unverified is None:
            raise
        unverified.add_detail(f"another attempt failed: {error.message}")
        # The error of the round says what the study holds, which matters more than why the repair failed.
        raise unverified from error


def join_reports(earlier: ChangeReport, later: ChangeReport) -> ChangeReport:
    """Join two rounds: a parameter that both sent has its first old value and its last new one."""
    changes = {change.key: change for change in earlier.changes}
    for change in later.changes:
        if change.sent:
            before = changes.get(change.key)
            notes = change.notes or (before.notes if before else ())
            changes[change.key] = replace(change, old=before.old if before else change.old, notes=notes)
    return replace(earlier, changes=tuple(changes.values()), rounds=earlier.rounds + later.rounds)


def planned_changes(plan: Plan) -> tuple[ParameterChange, ...]:
    """Return the changes of a plan that is not sent yet."""
    changes = [_of_value(change) for change in plan.sent_values]
    return tuple(changes + list(map(_of_file, plan.sent_files)))


def _preview(context: Context, plan: Plan, options: ChangeOptions) -> ChangeReport:
    failure = next(iter(plan.refusals), None)
    if failure is not None:
        for other in plan.refusals[1:]:
            failure.add_detail(other.message)
    elif options.exit_code and plan.effective:
        failure = Different(f"{counted(len(plan.effective), 'parameter')} would change", study=plan.study)
    return ChangeReport(plan.study, planned_changes(plan), tuple(preview(context, plan)), failure)


def _report(plan: Plan, defaults: Mapping[str, Json] = MappingProxyType({})) -> ChangeReport:
    """Return the changes of a plan that was sent; ``defaults`` are the values of parameters that were reset."""
    changes = [_of_value(change) for change in plan.values]
    # Only the read-back shows a default that the load does not contain.
    changes = [replace(c, new=defaults[c.key], default=False) if c.key in defaults else c for c in changes]
    return ChangeReport(plan.study, (*changes, *map(_of_file, plan.files)))


def _of_value(change: ValueChange) -> ParameterChange:
    info, unknown = change.info, change.new is UNTOLD
    new, sent = None if unknown else change.new, not change.needless
    entries = tuple(ChangedEntry(".".join(entry.path), entry.old, entry.new) for entry in change.entries)
    facts: dict[str, Any] = {"default": unknown, "notes": change.notes, "entries": entries}
    return ParameterChange(info.name, info.type, info.unit, change.old, new, sent, **facts)


def _of_file(change: FileChange) -> ParameterChange:
    info, sent = change.info, not change.needless
    new = change.difference if sent else f"{counted(change.table.rows, 'row')} of {change.source}"
    return ParameterChange(info.name, info.type, info.unit, None, new, sent, file=True, notes=change.notes)
