"""Write the files of an analysis into the folder of the results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sostrades_cli.errors import SostradesError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.operations.calc.analyze.analysis import analyze
from sostrades_cli.operations.calc.analyze.document import document_of
from sostrades_cli.operations.calc.analyze.report import report_of
from sostrades_cli.operations.calc.sweep.cases import ANALYSIS_FILE, REPORT_FILE
from sostrades_cli.operations.postproc.offline_page import page_chunks
from sostrades_cli.output.text import encodable

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.calc.analyze.analysis import Analysis, AnalysisPlan
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.sweep.results import SweepReport
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class WrittenAnalysis:
    """An analysis, its JSON document, and its page."""

    analysis: Analysis
    document: dict[str, Any]
    page: Path


def write_analysis(
    context: Context, plan: AnalysisPlan | None, request: SweepRequest, report: SweepReport
) -> WrittenAnalysis | None:
    """Analyze the results of a sweep if there is a plan, and write the document and the page. Replace older files.

    Raises
    ------
    SostradesError
        A file cannot be written. The results of the cases are in the progress log.

    """
    # Only `--analyze` makes a plan.
    if plan is None:
        return None
    with context.waiting("Analyzing the results"):
        analysis = analyze(context, plan, report, request.study, request.folder.name)
        document = document_of(analysis)
        page = request.folder / REPORT_FILE
        try:
            with atomic(request.folder / ANALYSIS_FILE) as file:
                file.write(f"{encodable(json.dumps(document, ensure_ascii=False, indent=1))}\n".encode())
            with atomic(page) as file:
                for piece in page_chunks(report_of(analysis)):
                    file.write(piece)
        except SostradesError as error:
            error.add_detail("the sweep itself is complete: only its analysis was not written")
            error.hint = "run the same command with --resume to write it. No case runs again"
            raise
    return WrittenAnalysis(analysis, document, page)
