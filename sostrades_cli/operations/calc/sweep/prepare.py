"""Preparing a sweep: everything that can be wrong is found before the first value is set."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import FileConflict, Refused, RunFailed, UploadFault, UsageError
from sostrades_cli.operations.calc.sweep.baseline import keep, own_values, put_back_earlier
from sostrades_cli.operations.calc.sweep.cases import read_cases
from sostrades_cli.operations.calc.sweep.collect import Collection, resolve
from sostrades_cli.operations.calc.sweep.progress_log import CaseResult, ProgressLog, SweepSpec
from sostrades_cli.operations.calc.sweep.runner import SweepRunner, inputs_digest
from sostrades_cli.operations.calc.sweep.worker import SweepWorker
from sostrades_cli.operations.calc.watch import watch
from sostrades_cli.operations.study.snapshot.capture import list_parameters, take_inputs
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.output.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sostrades_cli.operations.calc.monitor import WatchOptions
    from sostrades_cli.operations.calc.sweep.cases import Cases
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.study.snapshot.capture import ListedParameters


@dataclass(frozen=True, slots=True)
class SweepRequest:
    """What a user asks of a sweep; ``studies`` are those that do the work, the study itself unless others are named."""

    study: int
    cases: Path
    collect: tuple[str, ...]
    charts: str | None
    results: Path
    studies: tuple[int, ...]
    resume: bool = False
    overwrite: bool = False
    fail_fast: bool = False

    @property
    def folder(self) -> Path:
        """The folder of tables, charts and the record."""
        return self.results.with_suffix(".d")


def prepare(context: Context, request: SweepRequest, options: WatchOptions) -> SweepRunner:
    """Read and judge the cases, find what is to be collected, and keep the studies' own values.

    Raises
    ------
    UsageError
        A cell cannot be set, or there is nothing to resume.
    FileConflict
        The folder of the results holds a sweep already.
    Refused
        A study that is to help has other inputs.

    """
    record = ProgressLog(request.folder)
    record.check_folder()
    before = _before(context, record, request)
    reference = list_parameters(context, request.study, outputs=False)
    cases = read_cases(context, request.study, reference.name, request.cases, resumed=bool(before))
    keys = resolve(context, request.study, reference.name, request.collect)
    digest = inputs_digest(reference, cases.keys)
    sweep = SweepSpec(context.api.session.host, request.study, cases.sha256, keys, request.charts, digest)
    entries = _go_on(context, request, before, sweep, options) if before else {}
    listings = _listings(context, request, reference)
    owns = {one.study: own_values(context, one, cases.keys, entries.get(str(one.study))) for one in listings}
    _require_uploads(context, request.study, cases)
    if not before:
        # Results of an older sweep, which were to be replaced, must not be taken for those of this one.
        record.clear()
        request.results.unlink(missing_ok=True)
    record.make_folder()
    owns = {study: keep(context, study, own) for study, own in owns.items()}
    numbers = {str(study): own.entry for study, own in owns.items() if own.entry}
    record.begin(replace(sweep, entries={**entries, **numbers}))
    stop = threading.Event()
    workers = [SweepWorker(context, one, owns[one.study], stop) for one in listings]
    done = dict(before[1]) if before else {}
    what = Collection(keys, request.charts)
    return SweepRunner(request.study, cases, what, options, record, workers, stop, request.fail_fast, done)


def _go_on(
    context: Context,
    request: SweepRequest,
    before: tuple[SweepSpec, dict[str, CaseResult]],
    sweep: SweepSpec,
    options: WatchOptions,
) -> dict[str, int]:
    """Return the entries that an earlier part of the sweep left in journals; it must be this very sweep."""
    if not before[0].same(sweep):
        raise UsageError(
            f"the sweep in {request.folder} is another one: its cases, what it collects, or the study were changed",
            hint="--overwrite starts anew",
        )
    _wait_for_leftovers(context, map(int, before[0].entries), options)
    for study, entry in before[0].entries.items():
        # What goes on with other studies begins with own values everywhere: they are compared.
        if request.studies != (request.study,) or int(study) != request.study:
            put_back_earlier(context, int(study), entry)
    return before[0].entries


def _require_uploads(context: Context, study: int, cases: Cases) -> None:
    """Ask a server whether it takes files where cases set tables."""
    if any(case.has_files for case in cases.rows) and not context.api.parameters.takes_files(study):
        raise UploadFault(
            "this server cannot take files, and cases set tables",
            detail="its upload route is broken (a fault of versions 4.2.0 to 5.3.4); nothing was run",
            hint="sweep numbers, texts, lists and dicts",
            study=study,
        )


def _before(
    context: Context, record: ProgressLog, request: SweepRequest
) -> tuple[SweepSpec, dict[str, CaseResult]] | None:
    """Return the sweep that goes on, ``None`` for a new one; what an older one left in its studies is put back."""
    if request.overwrite and not request.resume:
        with contextlib.suppress(UsageError):  # a record that cannot be read is replaced like any other
            older = record.read()
            for study, entry in older[0].entries.items() if older else ():
                put_back_earlier(context, int(study), entry)
        return None
    before = record.read()
    if before is None and request.resume:
        raise UsageError(f"there is no sweep in {record.folder} to go on with", hint="leave --resume away")
    if before is not None and not request.resume:
        raise FileConflict(f"{record.folder} holds a sweep already", hint="--resume goes on, --overwrite starts anew")
    return before


def _listings(context: Context, request: SweepRequest, reference: ListedParameters) -> list[ListedParameters]:
    """Return the inputs of the studies that do the work, which must be those of the study itself."""
    others = [study for study in request.studies if study != request.study]
    if not others:
        return [reference]
    own = take_inputs(context, request.study)
    found = []
    for study in request.studies:
        if study == request.study:
            found.append(reference)
            continue
        different = compare(own, take_inputs(context, study)).differences
        if different:
            raise Refused(
                f"study {study} cannot help: {len(different)} of its inputs are not those of study {request.study}",
                detail=listed([one.key for one in different]),
                hint=f"sostrades study diff {request.study} {study}",
                study=study,
            )
        found.append(list_parameters(context, study, outputs=False))
    return found


def _wait_for_leftovers(context: Context, studies: Iterable[int], options: WatchOptions) -> None:
    """Wait for runs that the cut off part of the sweep has left: to change a study during its run would lose it."""
    for study in studies:
        if context.api.calculations.status(study).phase is Phase.ACTIVE:
            context.notify(f"study {study} still runs the case at which the sweep was cut off; waiting for its end")
            for event in watch(context, [study], options):
                if event.error is not None and not isinstance(event.error, RunFailed):
                    raise event.error
