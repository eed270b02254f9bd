"""The results of a sweep as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import counted, rough_duration, shown

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
    from sostrades_cli.operations.calc.sweep.results import SweepReport

PREVIEW: Final = 10


def sweep_rows(report: SweepReport) -> Rows:
    """Return a row per case: inputs, status, cause and collected outputs."""
    if report.is_written:
        return Rows((), (), notes=report.notes, failure=report.failure)
    columns = ("case", *report.columns, "status", "cause", *report.keys)
    rows = [(case.name, *case.inputs, case.status, case.cause, *case.outputs) for case in report.cases]
    briefs = dict.fromkeys((*report.columns, *report.keys), _brief)
    return Rows(columns, rows, notes=report.notes, failure=report.failure, briefs=briefs, preview=PREVIEW)


def _brief(value: Any) -> str:  # noqa: ANN401 - any value of a parameter
    """Return a value in few columns of a terminal. The file has all digits."""
    return f"{value:.6g}" if isinstance(value, float) else shown(value)


def plan_rows(plan: SweepPlan) -> Rows:
    """Return a row per fact of a dry run."""
    repeated = f" ({plan.repeated} with the values of an earlier case)" if plan.repeated else ""
    ended = f" ({counted(plan.ended, 'case')} already done)" if plan.ended else ""
    lines = [
        ("study", plan.study),
        ("cases", f"{plan.cases}{repeated}"),
        ("runs", f"{plan.runs}{ended}"),
        ("run by", ", ".join(f"study {study}" for study in plan.studies)),
        ("collect", ", ".join(plan.collect)),
    ]
    if plan.case_s is not None:
        basis = "" if plan.measured else " (from the duration of runs: no earlier sweep on this computer)"
        lines.append(("time per case", f"about {rough_duration(plan.case_s)}{basis}"))
    expected = "unknown: no finished run on this computer" if plan.expected_s is None else None
    lines.append(("expected time", expected or f"about {rough_duration(plan.expected_s or 0.0)}"))
    payload = {
        "study": plan.study,
        "studies": list(plan.studies),
        "collect": list(plan.collect),
        "cases": plan.cases,
        "repeated": plan.repeated,
        "done": plan.ended,
        "runs": plan.runs,
        "case_s": _rounded(plan.case_s),
        "expected_s": _rounded(plan.expected_s),
        "measured": plan.measured,
    }
    notes = ["dry run: all values are valid, and nothing was changed"]
    return Rows(("field", "value"), lines, payload=payload, notes=notes)


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 1) if seconds is not None else None
