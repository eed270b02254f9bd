"""Every change of a study that a command or a program can ask for: planned, journaled, sent, verified."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from sostrades_cli.errors import NotVerified, SostradesError
from sostrades_cli.operations.history.recorder import alone, require_not_swept
from sostrades_cli.operations.history.undo import plan_effects, plan_undo, unrestored
from sostrades_cli.operations.param import send
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.nested_keys import resolve
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.study.snapshot.apply import plan_apply
from sostrades_cli.operations.study.snapshot.transfer import MOST_ROUNDS
from sostrades_cli.output.text import listed
from sostrades_cli.views import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.param.assignments import LoadedValues, Table
    from sostrades_cli.operations.param.confirm import ChangeOptions
    from sostrades_cli.operations.param.plan import Plan
    from sostrades_cli.operations.study.snapshot.apply import ConflictChoice
    from sostrades_cli.output.results import Rows


def assign(
    app: App,
    study: int,
    requested: Sequence[Assignment | Table | LoadedValues],
    options: ChangeOptions,
    unit: str | None = None,
) -> Rows:
    """Set parameters; ``unit`` is what the user takes the unit of all to be that say none themselves."""
    with _alone(app, study, options):
        assignments = [replace(one, unit=one.unit or unit) for one in resolve(app.context, study, requested)]
        return app.change(
            make_plan(app.context, study, assignments, force=options.force, dry_run=options.dry_run), options, "set"
        )


def reset(app: App, study: int, keys: Iterable[str], options: ChangeOptions) -> Rows:
    """Give parameters their declared defaults."""
    wanted = [Assignment(key, value=DEFAULT) for key in dict.fromkeys(keys)]
    with _alone(app, study, options):
        return app.change(
            make_plan(app.context, study, wanted, force=options.force, dry_run=options.dry_run), options, "reset"
        )


def undo(app: App, study: int, to: int | None, options: ChangeOptions) -> Rows:
    """Take back the last change made from here, or all from entry ``to`` of the journal on, with all that they did."""
    with _alone(app, study, options):
        undoing = plan_undo(app.context, study, to, force=options.force, dry_run=options.dry_run)
        rows = app.change(undoing.plan, options, "undo", undoing.entries)
        if options.dry_run or not undoing.effects:
            return rows

        def next_plan(*, verified: bool) -> Plan:  # noqa: ARG001 - what a round could not restore the next one may
            return plan_effects(app.context, study, undoing.effects)

        with _after_round(undoing.plan, None):
            plan = next_plan(verified=True)
            if plan.effective:
                restored = _change_in_rounds(app, plan, next_plan, replace(options, yes=True), "undo")
                rows = parameters.join_rounds(rows, restored)
            return replace(rows, failure=unrestored(app.context, study, undoing.effects))


def apply(app: App, folder: Path, study: int, resolving: ConflictChoice, options: ChangeOptions) -> Rows:
    """Make the inputs of a study equal to those of an exported folder."""
    with _alone(app, study, options):
        planned = [plan_apply(app.context, folder, study, resolving, force=options.force, dry_run=options.dry_run)]
        if options.dry_run:
            rows = app.change(planned[-1].plan, options, "apply")
            # What the study lacks may appear once the rest is set, if there is any.
            may_appear = bool(planned[-1].plan.effective)
            if may_appear and planned[-1].absent:
                app.notes.remark(f"not in study {study} before these changes: {listed(planned[-1].absent)}")
            return rows if may_appear else replace(rows, failure=rows.failure or planned[-1].skipped(study))

        def next_plan(*, verified: bool) -> Plan | None:
            if verified:
                planned[-1].note_base(app.context)
            if verified and not planned[-1].absent:
                return None
            # What there is to say of the folder was said in the first round.
            quiet = replace(app.context, notify=lambda _: None)
            planned.append(plan_apply(quiet, folder, study, resolving, force=options.force))
            return planned[-1].plan

        rows = _change_in_rounds(app, planned[-1].plan, next_plan, options, "apply")
        return replace(rows, failure=planned[-1].skipped(study))


class _NextPlan(Protocol):
    """Return the plan of the next round, if there is one; ``verified`` says whether the last one arrived whole."""

    def __call__(self, *, verified: bool) -> Plan | None: ...


def _change_in_rounds(app: App, plan: Plan, next_plan: _NextPlan, options: ChangeOptions, command: str) -> Rows:
    """Carry out a plan, and further ones until nothing is left to send or a round changes nothing.

    Some parameters appear only after others are set, and some lose their values when others change. So a value that
    the study does not hold after one round may be taken in the next: a next plan without changes says that it is held.

    Raises
    ------
    NotVerified
        The study does not hold what the last round sent.

    """
    rows, unverified = _one_round(app, plan, options, command)
    for _ in range(MOST_ROUNDS):
        with _after_round(plan, unverified):
            later = next_plan(verified=unverified is None)
            if later is not None and not later.effective:
                unverified = None
            if later is None or not later.effective or later.state == plan.state:
                break
            more, unverified = _one_round(app, later, replace(options, yes=True), command)
        plan = later
        rows = parameters.join_rounds(rows, more, set(plan.effective))
    if unverified is not None:
        raise unverified
    return rows


def _one_round(app: App, plan: Plan, options: ChangeOptions, command: str) -> tuple[Rows, NotVerified | None]:
    try:
        return app.change(plan, options, command), None
    except NotVerified as error:
        return parameters.change_rows(plan), error


@contextlib.contextmanager
def _after_round(plan: Plan, unverified: NotVerified | None) -> Iterator[None]:
    """Say in an error what the round before it has changed, or raise what that round left in its place."""
    try:
        with send.after([] if unverified is not None else plan.effective):
            yield
    except SostradesError as error:
        if unverified is None:
            raise
        unverified.add_detail(f"a further attempt failed: {error.message}")
        raise unverified from error


@contextlib.contextmanager
def _alone(app: App, study: int, options: ChangeOptions) -> Iterator[None]:
    """Keep other changes from this machine away from a study; what sends nothing needs not."""
    with contextlib.nullcontext() if options.dry_run else alone(app.context, study):
        if not options.force:
            require_not_swept(app.context, study)
        yield
