"""The best trial of an optimization as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import ChangeCell, shown
from sostrades_cli.views.changes import value_cell

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.optimize.report import OptimizationReport

COLUMNS: Final = ("key", "old", "best")


def optimization_rows(report: OptimizationReport) -> Rows:
    """Return a row per parameter of the space: its original value and the best one."""
    changes = [(one.key, ChangeCell(_cell(one.old), _cell(one.best))) for one in report.parameters]
    return Rows(
        COLUMNS,
        report.parameters,
        payload=_payload(report),
        notes=[report.title, *report.notes],
        table=Rows(("parameter", "best value"), changes),
    )


def _cell(value: Json) -> str:
    return shown(value_cell(value))


def _payload(report: OptimizationReport) -> dict[str, Any]:
    table = report.table
    return {
        "study": report.study,
        "objective": table.goal.key,
        "direction": table.goal.direction,
        "value": report.value,
        "trial": report.best.number,
        "parameters": [one._asdict() for one in report.parameters],
        "constraints": [
            {"key": one.key, "relation": one.relation, "bound": one.bound, "value": report.best.outputs[one.key]}
            for one in table.goal.constraints
        ],
        "trials": len(table.trials),
        "failed": len(table.trials) - len(table.successful),
        "infeasible": len(table.successful) - len(table.feasible),
        "seed": report.seed,
        "kept": report.kept,
    }
