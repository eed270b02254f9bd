"""Every change of a study that a command or a program can ask for: planned, journaled, sent, verified."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli.errors import NotVerified
from sostrades_cli.operations import listing, planning
from sostrades_cli.operations.assignments import DEFAULT, Assignment
from sostrades_cli.operations.journaling import alone, refuse_while_swept
from sostrades_cli.operations.snapshots.applying import plan_apply
from sostrades_cli.operations.snapshots.transfer import MOST_ROUNDS
from sostrades_cli.operations.undoing import plan_undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.consent import Changing
    from sostrades_cli.operations.snapshots.applying import Applying, Resolving
    from sostrades_cli.output.results import Rows


def assign(app: App, study: int, wanted: Sequence[Assignment], how: Changing, unit: str | None = None) -> Rows:
    """Set parameters; ``unit`` is what the user takes the unit of all to be that say none themselves."""
    assignments = [replace(one, unit=one.unit or unit) for one in wanted]
    with _alone(app, study, how):
        return app.change(planning.plan(app.server, study, assignments, force=how.force or how.dry_run), how, "set")


def reset(app: App, study: int, keys: Iterable[str], how: Changing) -> Rows:
    """Give parameters their declared defaults."""
    wanted = [Assignment(key, value=DEFAULT) for key in dict.fromkeys(keys)]
    with _alone(app, study, how):
        return app.change(planning.plan(app.server, study, wanted, force=how.force or how.dry_run), how, "reset")


def undo(app: App, study: int, to: int | None, how: Changing) -> Rows:
    """Take back the last change made from here, or all from entry ``to`` of the journal on."""
    with _alone(app, study, how):
        undoing = plan_undo(app.server, study, to, force=how.force, dry_run=how.dry_run)
        return app.change(undoing.plan, how, "undo", undoing.entries)


def apply(app: App, folder: Path, study: int, resolving: Resolving, how: Changing) -> Rows:
    """Make the inputs of a study equal to those of an exported folder.

    Some parameters appear only after others are set, and some lose their values when others change. So the study is
    compared again after each round, until a round changes nothing.
    """
    with _alone(app, study, how):
        applying = plan_apply(app.server, folder, study, resolving, force=how.force or how.dry_run)
        if how.dry_run:
            return app.change(applying.plan, how, "apply")
        rows, unverified = _apply_round(app, applying, how)
        for _ in range(MOST_ROUNDS):
            if not (unverified or applying.absent):
                break
            before = applying.state
            applying = plan_apply(app.server, folder, study, resolving, force=how.force)
            if applying.state == before or not applying.plan.effective:
                break
            more, unverified = _apply_round(app, applying, replace(how, yes=True))
            rows = replace(rows, rows=[*rows.rows, *more.rows])
        if unverified is not None:
            raise unverified
        return replace(rows, failure=rows.failure or applying.skipped(study))


def _apply_round(app: App, applying: Applying, how: Changing) -> tuple[Rows, NotVerified | None]:
    """Carry one plan out; a value that the study does not hold afterwards may be taken in a later round."""
    try:
        rows = app.change(applying.plan, how, "apply")
    except NotVerified as error:
        return listing.change_rows(applying.plan), error
    applying.note_base(app.server)
    return rows, None


@contextlib.contextmanager
def _alone(app: App, study: int, how: Changing) -> Iterator[None]:
    """Keep other changes from this machine away from a study; what sends nothing needs not."""
    if how.dry_run:
        yield
        return
    with alone(app.server, study):
        if not how.force:
            refuse_while_swept(app.server, study)
        yield
