"""Change the parameters of a study: plan, confirm, record, send and verify. Every change goes through this module."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.operations.change_report import dry_run_report, report_of
from sostrades_cli.operations.history.recorder import recorded
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.param.send import preview, send_and_verify
from sostrades_cli.operations.study_locks import change_lock, require_finished_sweep, require_not_swept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Requested
    from sostrades_cli.operations.param.plan import Plan


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


def set_parameters(
    context: Context,
    study: int,
    requested: Sequence[Requested],
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
        assignments = _assignments(context, study, requested, unit)
        plan = make_plan(context, study, assignments, force=options.force, dry_run=options.dry_run)
        return carry_out(context, plan, command, options)


@contextlib.contextmanager
def study_lock(context: Context, study: int, options: ChangeOptions) -> Iterator[None]:
    """Keep out other changes from this machine, from the plan to its verification."""
    # A dry run sends nothing, so it must not make anybody wait.
    with contextlib.nullcontext() if options.dry_run else change_lock(context, study):
        if not options.force:
            require_not_swept(context, study)
        yield


def _assignments(context: Context, study: int, requested: Sequence[Requested], unit: str | None) -> list[Assignment]:
    assignments = [item for item in requested if isinstance(item, Assignment)]
    if len(assignments) < len(requested):
        from sostrades_cli.operations.param.nested_keys import resolve

        # Only the study shows whether a table is the value of a dict or a group of parameters.
        assignments = resolve(context, study, requested)
    return assignments if unit is None else [replace(item, unit=item.unit or unit) for item in assignments]


def carry_out(
    context: Context, plan: Plan, command: str, options: ChangeOptions, undoes: Collection[int] = ()
) -> ChangeReport:
    """Confirm a plan, record it as ``command``, send and verify it; ``undoes`` are the entries that it reverts.

    The caller must take the lock of the study before it makes the plan.

    Raises
    ------
    UserInterrupt
        The user declined.
    Refused
        The study holds the values of an unfinished sweep.
    UsageError
        The journal cannot be written; nothing was sent.
    SostradesError
        As ``send_and_verify`` raises it.

    """
    if options.dry_run:
        return dry_run_report(plan, preview(context, plan), exit_code=options.exit_code)
    # A single value was typed as it is; a file or a glob may change more than the user expects.
    if options.confirm is not None and len(plan.effective) > options.unasked:
        options.confirm(plan)
    # An undo of a change that never arrived has nothing to send, but is recorded.
    if not plan.effective and not undoes:
        return report_of(plan)
    if not options.force:
        require_finished_sweep(context, plan.study, undoes)
    # On disk before the request: a process that is killed while it sends can still be undone.
    with recorded(context, plan, command, undoes, options.message) as change:
        change.verified = send_and_verify(context, plan)
    return report_of(plan, change.verified.defaults)


def reset_parameters(context: Context, study: int, keys: Iterable[str], options: ChangeOptions) -> ChangeReport:
    """Set parameters to their declared defaults."""
    # A key that is given twice would be rejected as set twice; for a reset both mean the same.
    defaults = [Assignment(key, value=DEFAULT) for key in dict.fromkeys(keys)]
    return set_parameters(context, study, defaults, options, command="reset")


def set_unrecorded(context: Context, study: int, assignments: Sequence[Assignment], *, force: bool) -> bool:
    """Plan, send and verify without an entry in the journal: a sweep has its own entry, a new copy needs none.

    The caller keeps other changes away from the study. Return whether a value changed.
    """
    plan = make_plan(context, study, assignments, force=force)
    send_and_verify(context, plan)
    return bool(plan.effective)
