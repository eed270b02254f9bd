"""Validation of a sweep before its first change. No request of this module changes a study."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import FileConflict, Refused, UploadFault, UsageError
from sostrades_cli.files.atomic import check_target
from sostrades_cli.operations.calc.sweep.case_table import CaseTable
from sostrades_cli.operations.calc.sweep.collect import Collection, resolve
from sostrades_cli.operations.calc.sweep.progress_log import FAILED, CaseResult, ProgressLog, SweepSpec
from sostrades_cli.operations.calc.sweep.runner import SweepRunner, inputs_digest
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_inputs
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.output.text import counted, listed

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Mapping

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


@dataclass(frozen=True, slots=True)
class ValidSweep:
    """A sweep with valid cases, and the present inputs of its study; ``earlier`` is the sweep that it resumes."""

    runner: SweepRunner
    spec: SweepSpec
    reference: ListedParameters
    earlier: SweepSpec | None

    @property
    def is_complete(self) -> bool:
        """Return whether all cases of the sweep that it resumes have ended."""
        # Other inputs than those of the sweep do not matter any more, because no case will run.
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
    log.check_folder()
    earlier = _earlier_sweep(log, request)
    reference = list_parameters(context, request.study, outputs=False)
    source = CaseTable(request.cases) if isinstance(request.cases, Path) else request.cases
    cases = source.read(context, request.study, reference.name, resumed=interrupted)
    keys = resolve(context, request.study, reference.name, request.collect)
    digest = inputs_digest(reference, cases.keys)
    spec = SweepSpec(context.api.session.host, request.study, cases.sha256, keys, request.charts, digest)
    collection = Collection(keys, request.charts)
    runner = SweepRunner(request.study, source, cases, collection, options, log, request.fail_fast)
    if earlier:
        runner.take_earlier(_kept(earlier[1], retry_failed=request.retry_failed))
    return ValidSweep(runner, spec, reference, earlier[0] if earlier else None)


def _kept(results: Mapping[str, CaseResult], *, retry_failed: bool) -> dict[str, CaseResult]:
    """Return the results of an earlier sweep that still count."""
    return {name: result for name, result in results.items() if not (retry_failed and result.state == FAILED)}


def left_studies(request: SweepRequest) -> dict[int, int]:
    """Return the studies of a sweep that is overwritten, with their journal entries."""
    if request.resume or not request.overwrite:
        return {}
    log = ProgressLog(request.folder)
    log.check_folder()
    with contextlib.suppress(UsageError):  # a damaged log is overwritten like any other
        older = log.read()
        return {int(study): number for study, number in older[0].entries.items()} if older else {}
    return {}


def _earlier_sweep(log: ProgressLog, request: SweepRequest) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
    """Return the sweep to resume, ``None`` for a new sweep."""
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
            hint="add --resume to continue it, or --overwrite to start anew",
            study=request.study,
        )
    return earlier


def require_same_sweep(request: SweepRequest, earlier: SweepSpec, spec: SweepSpec) -> None:
    """Check that a sweep can be resumed with these cases, and that its results can be written.

    Raises
    ------
    UsageError
        It is another sweep.
    FileConflict
        The file of the results exists.

    """
    if changed := earlier.differences(spec):
        raise UsageError(
            f"cannot resume {request.folder}, because these have changed: {', '.join(changed)}",
            hint="add --overwrite instead of --resume to start anew",
            study=request.study,
        )
    # An interrupted sweep has no results yet, so an existing file is not its own.
    check_target(request.results, overwrite=request.overwrite, named=True)


def require_uploads(context: Context, study: int, cases: Cases) -> None:
    """Check that the server accepts files if a case sets a table.

    Raises
    ------
    UploadFault
        It does not.

    """
    if cases.has_files and not context.api.parameters.takes_files(study):
        raise UploadFault(
            "no case was run: this server does not accept files, and a case sets a table",
            detail="the upload route is broken in versions 4.2.0 to 5.3.4",
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
    # Otherwise the results would depend on the study that ran a case.
    own = take_inputs(context, request.study)
    found = []
    for study in request.studies:
        if study == request.study:
            found.append(reference)
            continue
        differences = compare(own, take_inputs(context, study)).differences
        differing = [d.key for d in differences if not any(name.endswith(f".{d.key}") for name in restored)]
        if differing:
            raise Refused(
                f"study {study} cannot share the work: {counted(len(differing), 'input')} of it differ from study "
                f"{request.study}",
                detail=listed(differing),
                hint=f"sostrades study diff {request.study} {study}",
                study=study,
            )
        found.append(list_parameters(context, study, outputs=False))
    return found
