"""Analyze a sweep: how much each input influences each output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.analyze.columns import input_columns, output_columns
from sostrades_cli.operations.calc.analyze.design_record import NAMES, read_record
from sostrades_cli.operations.calc.analyze.indices import SAMPLES, compute_indices
from sostrades_cli.operations.calc.analyze.summary import summarize
from sostrades_cli.operations.calc.sweep.case_rows import read_rows
from sostrades_cli.operations.calc.sweep.progress_log import FAILED
from sostrades_cli.operations.postproc.page_facts import web_address
from sostrades_cli.optional_deps import require
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sostrades_cli.operations.calc.analyze.columns import InputColumn, LeftOut, OutputColumn
    from sostrades_cli.operations.calc.analyze.design_record import DesignRecord
    from sostrades_cli.operations.calc.analyze.indices import OutputIndices
    from sostrades_cli.operations.calc.analyze.summary import Summary
    from sostrades_cli.operations.calc.sweep.results import SweepReport, SweptCase
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """The design of a table of cases, read before the first run.

    ``names`` are the names of the cases. ``reason`` explains why there will be no indices.
    """

    cases: Path
    names: tuple[str, ...]
    record: DesignRecord | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnalyzedOutput:
    """An output with its statistics, and its indices if the design has any."""

    column: OutputColumn
    summary: Summary
    indices: OutputIndices | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The analysis of the cases of a study.

    ``kind`` is the kind of its indices, and ``reason`` explains why there are none. ``keys`` are the names of the
    collected outputs.
    """

    server: str
    study: int
    name: str
    url: str | None
    time: datetime
    cases_file: str
    record: DesignRecord | None
    kind: str | None
    reason: str | None
    cases: list[SweptCase]
    inputs: list[InputColumn]
    outputs: list[AnalyzedOutput]
    keys: list[str]
    left_out: list[LeftOut]

    @property
    def failed(self) -> int:
        """The number of failed cases."""
        return sum(case.status == FAILED for case in self.cases)

    @property
    def method(self) -> str:
        """The method of the design in words."""
        if self.record is None:
            return "no design"
        n = "" if self.record.n is None else f", n {self.record.n}"
        seed = "" if self.record.seed is None else f", seed {self.record.seed}"
        return f"{self.record.method}{n}{seed}"

    def remarks(self) -> Iterator[str]:
        """Yield a line for each part of the analysis that is missing or incomplete."""
        if self.reason is not None:
            yield f"no sensitivity indices: {self.reason}"
        if self.failed:
            yield f"{self.failed} of {counted(len(self.cases), 'case')} failed"
        for output in self.outputs:
            yield from self._remarks_on(output)
        if constants := [output.column.name for output in self.outputs if output.summary.is_constant]:
            without = "" if self.kind is None else ", so without indices"
            yield f"the same in every case{without}: {listed(constants)}"
        if self.left_out:
            yield f"left out: {listed([f'{output.name} ({output.reason})' for output in self.left_out])}"

    def _remarks_on(self, output: AnalyzedOutput) -> Iterator[str]:
        name, missing, indices = output.column.name, output.summary.missing - self.failed, output.indices
        if missing > 0:
            yield f"no number of {name} in {counted(missing, 'finished case')}"
        if indices is None or output.summary.is_constant:
            return
        if indices.reason is not None:
            yield f"no indices of {name}: {indices.reason}"
        elif indices.left_out:
            samples = f"{indices.samples} of {indices.samples + indices.left_out} {SAMPLES[str(self.kind)]}"
            yield f"the indices of {name} use {samples}, because the others have a case without a number"


def plan_analysis(context: Context, cases: Path) -> AnalysisPlan:
    """Read the design of a table of cases before the runs, so that a problem is reported before hours of runs.

    Raises
    ------
    InvalidFile
        The file is not a table of cases.
    ExtraMissing
        The library for the indices is not installed.

    """
    table = read_rows(cases)
    record, reason = read_record(cases, table)
    if record is not None and record.kind is not None:
        require("SALib", extra="design", purpose=f"the analysis of the method {record.method}")
    # Before the first run, because another design cannot be chosen after it.
    if reason is not None:
        context.notify(f"the analysis will have statistics and charts, but no sensitivity indices: {reason}")
    elif record is not None and record.kind is not None:
        context.inform(f"the analysis will have statistics, charts and {NAMES[record.kind]}")
    return AnalysisPlan(cases, tuple(row.name for row in table.rows), record, reason)


def analyze(context: Context, plan: AnalysisPlan, report: SweepReport, study: int, folder: str) -> Analysis:
    """Return the analysis of a complete sweep. ``folder`` is the name of the folder of its tables."""
    record, reason = plan.record, plan.reason
    # The indices depend on the order of the cases in the design.
    if reason is None and tuple(case.name for case in report.cases) != plan.names:
        record, reason = None, f"{plan.cases.name} was changed during the sweep"
    columns, left_out = output_columns(report, folder)
    usable = record if reason is None else None
    return Analysis(
        server=context.api.session.host,
        study=study,
        name=context.cache.name(study) or f"study {study}",
        url=web_address(context, study),
        time=context.clock.now(),
        cases_file=plan.cases.name,
        record=record,
        kind=usable.kind if usable is not None else None,
        reason=reason,
        cases=report.cases,
        inputs=input_columns(report),
        outputs=[_analyzed(column, usable) for column in columns],
        keys=report.keys,
        left_out=left_out,
    )


def _analyzed(column: OutputColumn, record: DesignRecord | None) -> AnalyzedOutput:
    summary = summarize(column.numbers)
    indices = None if record is None else compute_indices(record, column.numbers, is_constant=summary.is_constant)
    return AnalyzedOutput(column, summary, indices)
