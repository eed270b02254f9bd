"""Change a study in rounds, because some parameters appear, or lose their values, only after others are set."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Final, Protocol

from sostrades_cli.errors import NotVerified, SostradesError
from sostrades_cli.operations.change_report import join_reports, report_of
from sostrades_cli.operations.changes import carry_out
from sostrades_cli.operations.param.send import after
from sostrades_cli.output.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan

# A sampling study needs five rounds, because each setting makes others appear.
MOST_ROUNDS: Final = 12


class NextPlan(Protocol):
    """A function that plans the next round of a change."""

    def __call__(self, *, verified: bool) -> Plan | None:
        """Return the plan, if any; ``verified`` says whether the study has all values of the last plan."""


def change_in_rounds(
    context: Context, plan: Plan, next_plan: NextPlan, command: str, options: ChangeOptions
) -> ChangeReport:
    """Carry out a plan and further ones, until nothing is left to send or a round changes nothing.

    Raises
    ------
    NotVerified
        The study does not have the values of the last round, or values are left after ``MOST_ROUNDS`` rounds.

    """
    reports: list[ChangeReport] = []
    unverified: NotVerified | None = None
    verified: list[str] = []
    # An error of any round lists what the rounds before it have set.
    with after(verified):
        for _ in range(MOST_ROUNDS):
            with _repairing(unverified):
                report, unverified = _one_round(context, plan, command, options)
            reports.append(report)
            kept = [name for name in verified if name not in plan.effective]
            verified[:] = kept if unverified is not None else [*kept, *plan.effective]
            with _repairing(unverified):
                later = next_plan(verified=unverified is None)
            # A change that was not verified may have arrived by now.
            if later is not None and not later.effective:
                return reduce(join_reports, reports)
            # The same plan again means that the server ignores it: further rounds would never end.
            if later is None or later.state == plan.state:
                break
            # The user confirmed the first plan, and later rounds only complete it.
            plan, options = later, replace(options, confirm=None)
        else:
            unverified = unverified or _incomplete(plan)
        if unverified is not None:
            raise unverified
        return reduce(join_reports, reports)


def _one_round(
    context: Context, plan: Plan, command: str, options: ChangeOptions
) -> tuple[ChangeReport, NotVerified | None]:
    try:
        return carry_out(context, plan, command, options), None
    except NotVerified as error:
        # Not the end: a later round may set what this one could not.
        return report_of(plan), error


@contextlib.contextmanager
def _repairing(unverified: NotVerified | None) -> Iterator[None]:
    """Raise the error of an unverified round if the next attempt, in the block, fails."""
    try:
        yield
    except SostradesError as error:
        if unverified is None:
            raise
        unverified.add_detail(f"another attempt failed: {error.message}")
        # The error of the round lists the values of the study, which matter more than the failure of the repair.
        raise unverified from error


def _incomplete(plan: Plan) -> NotVerified:
    """Return the error for a plan that is left after the last round."""
    return NotVerified(
        f"the change of study {plan.study} is not complete after {MOST_ROUNDS} rounds. Still to be set: "
        f"{listed(plan.effective)}",
        hint=f"sostrades param history {plan.study}",
        study=plan.study,
        in_doubt=True,
    )
