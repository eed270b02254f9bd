"""New copies of a study that run the cases of a sweep, so that the study keeps its own results."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import SostradesError, UsageError
from sostrades_cli.operations.calc.sweep.dry_run import plan_sweep
from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog
from sostrades_cli.operations.study.copy import copy

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
    from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
    from sostrades_cli.operations.calc.watch_options import WatchOptions
    from sostrades_cli.operations.context import Context

# The rest of the 64 characters that a name may have is for the number.
_LONGEST: Final = 50


def check_options(studies: tuple[int, ...], copies: int | None) -> None:
    """Reject options that both name the studies of a sweep.

    Raises
    ------
    UsageError
        Both are given.

    """
    if studies and copies is not None:
        raise UsageError("only one of --studies and --on-copies works", hint="remove one of the two")


def plan_on_copies(context: Context, request: SweepRequest, options: WatchOptions, count: int | None) -> SweepPlan:
    """Validate a sweep on new copies, and return what it would do. Without ``count``, the request has its studies.

    Raises
    ------
    SostradesError
        The sweep would be refused.

    """
    if count is None:
        return plan_sweep(context, request, options)
    kept = _earlier_copies(request)[:count]
    # Until there is a copy, the study is validated in its place.
    missing = (request.study,) * (count - len(kept))
    plan = plan_sweep(context, replace(request, studies=(*kept, *missing)), options)
    # More copies than cases would have nothing to do.
    losing = tuple(study for study in plan.losing if study in kept)
    return replace(plan, studies=kept, losing=losing, new_copies=max(0, min(count, plan.runs) - len(kept)))


def with_copies(context: Context, request: SweepRequest, options: WatchOptions, count: int | None) -> SweepRequest:
    """Make the copies that run the cases, once the sweep is valid. A resumed sweep uses those of its first try.

    Raises
    ------
    SostradesError
        The sweep is invalid, or a copy cannot be made. The error names those that were made before.

    """
    if count is None:
        return request
    plan = plan_on_copies(context, request, options, count)
    studies = list(plan.studies)
    for _ in range(plan.new_copies):
        try:
            report = copy(context, request.study, _free_name(context, request.study))
        except SostradesError as error:
            _add_made(error, studies)
            raise
        studies.append(report.study)
        if report.failure is not None:
            _add_made(report.failure, studies)
            raise report.failure
    # A complete sweep needs no study.
    return replace(request, studies=tuple(studies) or (request.study,))


def copies_notes(request: SweepRequest, count: int | None) -> list[str]:
    """Return a note on the copies that have run the cases, if there are any."""
    # A sweep that is resumed with fewer copies does not use the others.
    studies = dict.fromkeys([*request.studies, *_earlier_copies(request)])
    numbers = ",".join(str(study) for study in studies if study != request.study)
    if count is None or not numbers:
        return []
    return [f"the copies stay on the server. Use them again with --studies {numbers}, or delete them in the web page"]


def _earlier_copies(request: SweepRequest) -> tuple[int, ...]:
    """Return the studies of the sweep that is resumed, without the study itself."""
    earlier = ProgressLog(request.folder).read() if request.resume else None
    studies = map(int, earlier[0].entries) if earlier else ()
    return tuple(study for study in studies if study != request.study)


def _free_name(context: Context, study: int) -> str:
    """Return a name that the web page accepts, and that no known study has."""
    taken = {cached.name for cached in context.cache.studies()}
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", context.cache.name(study))[:_LONGEST] or f"study-{study}"
    number = 1
    while f"{name}-sweep-{number}" in taken:
        number += 1
    return f"{name}-sweep-{number}"


def _add_made(error: SostradesError, studies: list[int]) -> None:
    if studies:
        numbers = ",".join(map(str, studies))
        error.add_detail(f"no case was run. Copies that were made before: {numbers}")
