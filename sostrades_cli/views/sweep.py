"""The results of a sweep as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.sweep.results import SweepReport

PREVIEW: Final = 10


def sweep_rows(report: SweepReport) -> Rows:
    """Return a row per case: inputs, status, cause and collected outputs."""
    if report.is_written:
        return Rows((), (), notes=report.notes, failure=report.failure)
    return Rows(
        ("case", *report.columns, "status", "cause", *report.keys),
        [(case.name, *case.inputs, case.status, case.cause, *case.outputs) for case in report.cases],
        notes=report.notes,
        failure=report.failure,
        preview=PREVIEW,
    )
