"""The results of a sweep as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import counted, rough_duration, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
    from sostrades_cli.operations.calc.sweep.results import SweepReport

# Rows at a terminal. The file has all.
PREVIEW: Final = 10


def sweep_rows(report: SweepReport) -> Rows:
    """Return a row per case: inputs, status, cause and collected outputs."""
    if report.is_written:
        return Rows((), (), notes=report.notes, failure=report.failure)
    columns = ("case", *report.columns, "status", "cause", *report.keys)
    rows = [(case.name, *case.inputs, case.status, case.cause, *case.outputs) for case in report.cases]
    briefs = dict.fromkeys((*report.columns, *report.keys), _brief)
    preview = TerminalTable(columns, rows, briefs).first(PREVIEW)
    return Rows(columns, rows, notes=report.notes, failure=report.failure, preview=preview)


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
        ("run by", ", ".join(_runners(plan))),
        ("collect", ", ".join(plan.collect)),
    ]
    lines += time_lines(plan)
    payload = {
        "study": plan.study,
        "studies": list(plan.studies),
        "new_copies": plan.new_copies,
        "collect": list(plan.collect),
        "cases": plan.cases,
        "repeated": plan.repeated,
        "done": plan.ended,
        "runs": plan.runs,
        "losing_results": list(plan.losing),
        **time_fields(plan),
    }
    notes = [*plan.notes, "dry run: all values are valid, and nothing was changed"]
    return Rows(("field", "value"), lines, payload=payload, notes=notes)


def _runners(plan: SweepPlan) -> Iterator[str]:
    yield from (f"study {study}" for study in plan.studies)
    if plan.new_copies:
        yield "1 new copy" if plan.new_copies == 1 else f"{plan.new_copies} new copies"


def time_lines(plan: SweepPlan, noun: str = "case") -> Iterator[tuple[str, str]]:
    """Yield the rows of a dry run about the time that its runs take."""
    if plan.case_s is not None:
        basis = "" if plan.measured else " (from the duration of runs: no earlier sweep on this computer)"
        yield f"time per {noun}", f"about {rough_duration(plan.case_s)}{basis}"
    expected = "unknown: no finished run on this computer" if plan.expected_s is None else None
    yield "expected time", expected or f"about {rough_duration(plan.expected_s or 0.0)}"


def time_fields(plan: SweepPlan) -> dict[str, Any]:
    """Return the time that the runs of a dry run take, for JSON."""
    return {"case_s": _rounded(plan.case_s), "expected_s": _rounded(plan.expected_s), "measured": plan.measured}


def _rounded(seconds: float | None) -> float | None:
    return round(seconds, 1) if seconds is not None else None
