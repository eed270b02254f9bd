"""The best trial of an optimization as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import ChangeCell, counted, plain, shown
from sostrades_cli.views.changes import value_cell
from sostrades_cli.views.sweep import time_fields, time_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.optimize.plan import OptimizationPlan
    from sostrades_cli.operations.calc.optimize.report import OptimizationReport

COLUMNS: Final = ("key", "old", "best")


def optimization_rows(report: OptimizationReport) -> Rows:
    """Return a row per parameter of the space: its original value and the best one."""
    changes = [(item.key, ChangeCell(_cell(item.old), _cell(item.best))) for item in report.parameters]
    return Rows(
        COLUMNS,
        report.parameters,
        payload=_payload(report),
        notes=[report.title, *filter(None, [report.comparison]), *report.notes],
        shown=TerminalTable(("parameter", "best value"), changes),
    )


def plan_rows(plan: OptimizationPlan) -> Rows:
    """Return a row per fact of a dry run."""
    trials, goal = plan.trials, plan.goal
    ended = f" ({counted(trials.ended, 'trial')} already done)" if trials.ended else ""
    unknown = f"unknown: no finished run of the present values (sostrades calc run {trials.study})"
    lines = [
        ("study", str(trials.study)),
        ("objective", f"{goal.direction} {goal.key}"),
        *(("constraint", str(constraint)) for constraint in goal.constraints),
        ("present value", unknown if plan.present is None else repr(plan.present)),
        *((column, _values(spec)) for column, spec in plan.space.items()),
        ("trials", str(trials.cases)),
        ("runs", f"{trials.runs}{ended}"),
        ("run by", ", ".join(f"study {study}" for study in trials.studies)),
        *time_lines(trials, "trial"),
    ]
    payload = {
        "study": trials.study,
        "studies": list(trials.studies),
        "objective": goal.key,
        "direction": goal.direction,
        "present": plan.present,
        "constraints": [
            {"key": constraint.key, "relation": constraint.relation, "bound": constraint.bound}
            for constraint in goal.constraints
        ],
        "space": plan.space,
        "trials": trials.cases,
        "done": trials.ended,
        "runs": trials.runs,
        "losing_results": list(trials.losing),
        **time_fields(trials),
    }
    notes = [*trials.notes, "dry run: the space and the goal are valid, and nothing was changed"]
    return Rows(("field", "value"), lines, payload=payload, notes=notes)


def _values(spec: Mapping[str, Json]) -> str:
    """Return the values that a parameter of the space can have."""
    if "choices" in spec:
        return ", ".join(map(plain, spec["choices"]))
    low, high = spec["range"] if "range" in spec else (spec["low"], spec["high"])
    return f"{low!r} to {high!r}{'' if 'range' in spec else ', logarithmic'}"


def _cell(value: Json) -> str:
    return shown(value_cell(value))


def _payload(report: OptimizationReport) -> dict[str, Any]:
    table = report.table
    return {
        "study": report.study,
        "objective": table.goal.key,
        "direction": table.goal.direction,
        "value": report.value,
        "present": report.present_value,
        "trial": report.best.number,
        "parameters": [item._asdict() for item in report.parameters],
        "constraints": [
            {
                "key": limit.key,
                "relation": limit.relation,
                "bound": limit.bound,
                "value": report.best.outputs[limit.key],
            }
            for limit in table.goal.constraints
        ],
        "trials": len(table.trials),
        "failed": len(table.trials) - len(table.successful),
        "infeasible": len(table.successful) - len(table.feasible),
        "seed": report.seed,
        "kept": report.kept,
    }
