"""Validate a sweep before its first change. No request of this module changes a study."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import FileConflict, Refused, UploadFault, UsageError
from sostrades_cli.files.platform_files import is_same_file
from sostrades_cli.files.targets import check_target
from sostrades_cli.operations.calc.start import require_no_run
from sostrades_cli.operations.calc.sweep.baseline import keeping_hint, recorded_entry
from sostrades_cli.operations.calc.sweep.case_table import CaseTable
from sostrades_cli.operations.calc.sweep.collect import Collection, resolve
from sostrades_cli.operations.calc.sweep.original_values import named_studies
from sostrades_cli.operations.calc.sweep.progress_log import (
    CASES_CHANGED,
    FAILED,
    INPUTS_CHANGED,
    CaseResult,
    ProgressLog,
    SweepSpec,
)
from sostrades_cli.operations.calc.sweep.runner import SweepRunner, inputs_digest
from sostrades_cli.operations.history.recorder import journal_of
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_inputs
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.tables.file_types import split_sheet
from sostrades_cli.output.text import counted, listed
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Iterable, Mapping, Sequence

    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


@dataclass(frozen=True, slots=True)
class ValidSweep:
    """A sweep with valid cases.

    ``reference`` are the current inputs of its study. ``earlier`` is the sweep that it resumes.
    """

    runner: SweepRunner
    spec: SweepSpec
    reference: ListedParameters
    earlier: SweepSpec | None

    @property
    def is_complete(self) -> bool:
        """Return whether all cases of the resumed sweep have ended."""
        # Other inputs are not compared: no case will run, so they may have changed in the meantime.
        is_same = self.earlier is not None and self.earlier.is_same(replace(self.spec, inputs=None))
        return is_same and self.runner.is_complete


def validate(context: Context, request: SweepRequest, options: WatchOptions, *, interrupted: bool) -> ValidSweep:
    """Validate the cases and resolve the outputs.

    The study of an ``interrupted`` sweep may still have the values of a case.

    Raises
    ------
    UsageError
        A cell is invalid, or there is no sweep to resume.
    FileConflict
        The folder of the results already contains a sweep.

    """
    log = ProgressLog(request.folder)
    log.check_folder(request.command, request.results.name, resumes=request.resume)
    earlier = _earlier_sweep(log, request)
    reference = list_parameters(context, request.study, outputs=False)
    source = CaseTable(request.cases) if isinstance(request.cases, Path) else request.cases
    cases = source.read(context, request.study, reference.name, resumed=interrupted)
    collected = earlier[0].collect if earlier else ()
    for file in cases.files:
        require_not_replaced(file, request.results, request.folder)
    outputs = resolve(context, request.study, reference.name, request.collect, collected)
    collection = Collection(outputs, request.charts)
    digest = inputs_digest(reference, cases.keys)
    spec = SweepSpec(
        context.api.session.host,
        request.study,
        cases.sha256,
        collection.keys,
        request.charts,
        digest,
        command=request.command,
        results=request.results.name,
    )
    runner = SweepRunner(request.study, source, cases, collection, options, log, request.fail_fast)
    if earlier:
        kept = _results_to_keep(earlier[1], retry_failed=request.retry_failed)
        runner.take_earlier(kept)
        collection.collected.update(k for result in kept.values() for k, v in result.outputs.items() if v is not None)
    return ValidSweep(runner, spec, reference, earlier[0] if earlier else None)


def require_not_replaced(source: Path, results: Path, folder: Path) -> None:
    """Reject a file that a command reads and would replace: the file of its results, or one in their folder.

    Raises
    ------
    UsageError
        It would replace the file.

    """
    file = split_sheet(source)[0]
    if is_same_file(file, results):
        raise UsageError(f"{results} is both the input and the file of the results", hint="choose another name with -o")
    if folder.resolve() in file.resolve().parents:
        raise UsageError(
            f"{file} is in the folder of the results, which is replaced", hint="choose another name with -o"
        )


def _results_to_keep(results: Mapping[str, CaseResult], *, retry_failed: bool) -> dict[str, CaseResult]:
    """Return the results of an earlier sweep whose cases are not repeated."""
    return {name: result for name, result in results.items() if not (retry_failed and result.state == FAILED)}


def left_studies(request: SweepRequest) -> dict[int, int]:
    """Return the studies of a sweep that is overwritten, with their journal entries.

    Raises
    ------
    UsageError
        The table of cases would be overwritten, too.

    """
    if isinstance(request.cases, Path):
        require_not_replaced(request.cases, request.results, request.folder)
    if request.resume or not request.overwrite:
        return {}
    log = ProgressLog(request.folder)
    log.check_folder(request.command, request.results.name, resumes=request.resume)
    with contextlib.suppress(UsageError):  # a damaged log is overwritten like any other
        older = log.read()
        return {int(study): number for study, number in older[0].entries.items()} if older else {}
    return {}


def _earlier_sweep(log: ProgressLog, request: SweepRequest) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
    """Return the sweep to resume, or ``None`` for a new sweep."""
    if request.overwrite and not request.resume:
        return None
    earlier = log.read()
    if earlier is None and request.resume:
        raise UsageError(
            f"nothing to resume in {log.folder}", hint="run the command without --resume", study=request.study
        )
    if earlier is not None and not request.resume:
        raise FileConflict(
            f"{log.folder} already contains results",
            hint="add --resume to continue it, or --overwrite to start again",
            study=request.study,
        )
    return earlier


def require_same_sweep(context: Context, request: SweepRequest, earlier: SweepSpec, spec: SweepSpec) -> None:
    """Check that a sweep can be resumed with these cases, and that its results can be written.

    Raises
    ------
    UsageError
        The sweep to resume has another description.
    FileConflict
        The file of the results exists.

    """
    if changed := earlier.differences(spec):
        raise UsageError(
            f"cannot resume {request.folder}, because these have changed: {', '.join(changed)}",
            hint=_resuming_hint(context, earlier, changed),
            study=request.study,
        )
    # An interrupted sweep has no results yet, so an existing file is not its own.
    check_target(request.results, overwrite=request.overwrite, named=True)


def _resuming_hint(context: Context, earlier: SweepSpec, changed: Sequence[str]) -> str:
    """Return how to keep the finished cases of a sweep that cannot be resumed, and how to start again."""
    again = "--overwrite instead of --resume starts again"
    if list(changed) == [CASES_CHANGED]:
        return f"to run only new cases, put them into another file, and give another -o. {again}"
    if list(changed) == [INPUTS_CHANGED] and (before := earlier.baselines.get(earlier.study)):
        entries = journal_of(context, earlier.study).entries()
        if (entry := recorded_entry(entries, before)) is not None:
            return f"{keeping_hint(entry, entries)}. {again}"
    return again


def finished_studies(context: Context, studies: Iterable[int], *, resumed: bool) -> list[int]:
    """Return the studies whose last run has finished. For a new sweep, no run may be active.

    Raises
    ------
    RunActive
        A run is active.

    """
    statuses = [context.api.calculations.status(study) for study in studies]
    if not resumed:
        for status in statuses:
            require_no_run(status, attachable=False)
    return [status.study for status in statuses if status.phase is Phase.GOOD]


def lost_results(studies: Sequence[int], noun: str) -> str:
    """Return the note that the first cases replace the results of studies. ``noun`` is the word for a case."""
    is_single = len(studies) == 1
    lose = "loses the results of its last run" if is_single else "lose the results of their last runs"
    return f"{named_studies(studies)} {lose}. To keep them, run the {noun}s on copies: --studies"


def require_uploads(context: Context, study: int, cases: Cases) -> None:
    """Check that the server accepts files if a case sets a table.

    Raises
    ------
    UploadFault
        The server accepts no files.

    """
    if cases.has_files and not context.api.parameters.takes_files(study):
        raise UploadFault(
            "no case was run: this server does not accept files, and a case sets a table",
            detail=f"the upload route is broken in versions {UploadFault.versions}",
            hint="sweep only numbers, texts, lists and dicts",
            study=study,
        )


def listings(
    context: Context, request: SweepRequest, reference: ListedParameters, restored: Names[str] = ()
) -> list[ListedParameters]:
    """Return the inputs of the studies that run the cases, after a check that they are the same.

    ``restored`` are full names of parameters that may differ, because they will get their original values first.

    Raises
    ------
    Refused
        A study that shares the work has other inputs.

    """
    if all(study == request.study for study in request.studies):
        return [reference]
    # If the inputs differed, results would depend on the study that ran a case.
    reference_inputs = take_inputs(context, request.study)
    result = []
    for study in request.studies:
        if study == request.study:
            result.append(reference)
            continue
        differences = compare(reference_inputs, take_inputs(context, study)).differences
        differing = [d.key for d in differences if not any(name.endswith(f".{d.key}") for name in restored)]
        if differing:
            raise Refused(
                f"study {study} cannot share the work: {counted(len(differing), 'input')} of it differ from study "
                f"{request.study}",
                detail=listed(differing),
                hint=f"sostrades study diff {request.study} {study}",
                study=study,
            )
        result.append(list_parameters(context, study, outputs=False))
    return result
