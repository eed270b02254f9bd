"""Write reports of runs for CI systems: a summary in Markdown, and JUnit XML."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import RunFailed, SostradesError, UsageError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.platform_files import reason_of
from sostrades_cli.files.targets import check_target
from sostrades_cli.operations.calc.sweep.progress_log import ABANDONED, ENDED, FAILED
from sostrades_cli.output.disciplines import without_root
from sostrades_cli.output.run_report import ReportedRun, RunReport, junit, markdown
from sostrades_cli.output.run_troubles import NO_RUN
from sostrades_cli.run_events import FINISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.operations.calc.sweep.runner import SweepRunner
    from sostrades_cli.run_events import Event

NOT_RUN: Final = "NOT RUN"


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files of a report.

    ``job_summary`` is the file that the CI system offers for a summary. Unless ``summary`` is another file, the report
    is appended to ``job_summary``. ``redact`` removes the key. ``warn`` gets problems that do not change the outcome.
    ``defer`` gets the error of a command that otherwise succeeds, which ends it after its result.
    """

    summary: Path | None
    junit: Path | None
    job_summary: Path | None
    overwrite: bool
    redact: Callable[[str], str]
    warn: Callable[[str], None]
    defer: Callable[[SostradesError], None]

    def check(self) -> None:
        """Reject files that cannot be written, before a run is started.

        Raises
        ------
        UsageError
            Both files are the same, or a file cannot be written.
        FileConflict
            A file exists.

        """
        if self.junit is not None and self.junit == self.summary:
            raise UsageError("--summary and --junit need different files", hint="choose another file for one of them")
        for file in (self._own_summary, self.junit):
            if file is not None:
                check_target(file, overwrite=self.overwrite, named=True)

    def write(self, report: RunReport, *, outcome_known: bool) -> None:
        """Write the report. With ``outcome_known``, the command already has an error, so a problem is a warning."""
        # Messages and causes come from the server, which may repeat the key in them.
        report = self._redacted(report)
        try:
            if self._own_summary is not None:
                _write(self._own_summary, markdown(report).encode())
            if self.junit is not None:
                _write(self.junit, junit(report))
        except SostradesError as error:
            # The runs have ended, and their results must not be lost with the report.
            if outcome_known:
                self.warn(error.message)
            else:
                self.defer(error)
        if self._own_summary is None and self.job_summary is not None:
            self._append(self.job_summary, markdown(report))

    @property
    def _own_summary(self) -> Path | None:
        """The user's file for the summary, unless it is the file of the CI system."""
        return None if self.summary == self.job_summary else self.summary

    def _append(self, file: Path, text: str) -> None:
        try:
            with file.open("a", encoding="utf-8", newline="\n") as target:
                target.write(text)
        except OSError as error:
            # The user did not name this file, so the problem is only a warning.
            self.warn(f"the summary was not written to {file}: {reason_of(error)}")

    def _redacted(self, report: RunReport) -> RunReport:
        runs = [
            run._replace(message=self.redact(run.message), cause=self.redact(run.cause), name=self.redact(run.name))
            for run in report.runs
        ]
        return RunReport(report.title, runs)


def reported(
    events: Iterator[Event], files: ReportFiles, title: str, studies: Sequence[int], names: Mapping[int, str]
) -> Iterator[Event]:
    """Pass events on, and write a report at their end, also after an interruption."""
    last: dict[int, Event] = {}
    is_complete = False
    try:
        for event in events:
            last[event.study] = event
            yield event
        is_complete = True
    finally:
        has_error = not is_complete or any(event.error is not None for event in last.values())
        runs = [_reported_run(study, names.get(study), last.get(study)) for study in studies]
        files.write(RunReport(title, runs), outcome_known=has_error)


@contextlib.contextmanager
def sweep_reported(files: ReportFiles, runner: SweepRunner) -> Iterator[None]:
    """Write a report at the end of a sweep, also after an interruption."""
    is_complete = False
    try:
        yield
        is_complete = True
    finally:
        runs = [_reported_case(runner, name) for name in runner.names]
        has_error = not is_complete or any(run.kind for run in runs)
        files.write(RunReport(f"sweep of study {runner.study}", runs), outcome_known=has_error)


def _reported_run(study: int, name: str | None, last: Event | None) -> ReportedRun:
    label = f"study {study}" if name is None else f"study {study} {name}"
    if last is None:
        return ReportedRun(label, NO_RUN, is_over=False)
    error = last.error
    states = list(without_root(last.disciplines)[1].values())
    return ReportedRun(
        label,
        str(last.facts.get("outcome", last.status)) or NO_RUN,
        last.elapsed_s if last.run_s is None else last.run_s,
        f"{states.count('DONE')} of {len(states)}" if states else "",
        error.kind if error is not None else "",
        error.message if error is not None else "",
        (error.detail or "") if error is not None else "",
        isinstance(error, RunFailed),
        last.name == FINISHED,
    )


def _reported_case(runner: SweepRunner, name: str) -> ReportedRun:
    result = runner.results.get(name)
    if result is None or result.state not in ENDED:
        return ReportedRun(name, NOT_RUN if result is None else ABANDONED, is_over=False)
    if result.state != FAILED:
        return ReportedRun(name, result.state, result.elapsed_s)
    message = f"{runner.noun} {name} ended {result.state}"
    return ReportedRun(
        name, result.state, result.elapsed_s, "", RunFailed.kind, message, result.cause or "", is_failed=True
    )


def _write(file: Path, content: bytes) -> None:
    with atomic(file, named=True) as target:
        target.write(content)
