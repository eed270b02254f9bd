"""Dry run of an optimization: everything is validated as for the search itself, and no study is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.optimize.run import opened_search
from sostrades_cli.operations.calc.sweep.dry_run import plan_sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.optimize.goal import Goal
    from sostrades_cli.operations.calc.optimize.run import OptimizeRequest
    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class OptimizationPlan:
    """What a search would do. ``space`` has the fields of each parameter that varies.

    ``present`` is the value of the objective before the search, ``None`` if it is unknown.
    """

    trials: SweepPlan
    goal: Goal
    space: Mapping[str, Mapping[str, Json]]
    present: float | None


def plan_optimization(context: Context, request: OptimizeRequest, options: WatchOptions) -> OptimizationPlan:
    """Validate a search, and return what it would do. No request changes a study.

    Raises
    ------
    SostradesError
        The search would be refused.

    """
    with opened_search(context, request) as (trials, _):
        goal = trials.search.goal
        plan = plan_sweep(context, request.sweep(trials, goal), options)
        space = {column: axis.spec for column, axis in trials.axes.items()}
        present = float(trials.present[goal.key]) if trials.present else None
    return OptimizationPlan(plan, goal, space, present)
