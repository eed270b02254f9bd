"""The outcome of a run and its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import NeverRan, RunFailed, RunLost, SostradesError
from sostrades_cli.operations.calc.traceback import failure_cause
from sostrades_cli.output.text import size

if TYPE_CHECKING:
    from sostrades_cli.api.models import RunStatus
    from sostrades_cli.operations.context import Context

NO_TRACEBACK: Final = (
    "{log} has no traceback. If disciplines still change in `sostrades calc status {study}`, the run continues: the "
    "server also shows FAILED after it refuses a second start"
)


def run_error(context: Context, status: RunStatus, *, had_run: bool) -> SostradesError:
    """Return the error for a run that did not succeed.

    ``had_run`` says that there was a run before. If there is none now, it was lost.
    """
    if status.phase is Phase.BAD:
        return RunFailed(
            f"the run of study {status.study} ended {status.status}",
            detail=_cause(context, status),
            hint=f"sostrades study logs {status.study}",
            study=status.study,
        )
    if had_run:
        return RunLost(
            f"the run of study {status.study} is lost, because somebody changed the study during the run",
            detail=f"the server shows {status.status or 'no status'}. Further results of the run are not stored",
            hint=f"sostrades calc run {status.study}",
            study=status.study,
        )
    return NeverRan(
        f"study {status.study} has no run to watch",
        detail="it was changed since its last run" if status.status else "it never ran",
        hint=f"start one with `sostrades calc run {status.study}`, or wait for one: add `--wait-start 10m`",
        study=status.study,
    )


def not_started(status: RunStatus, waited_s: float) -> NeverRan:
    """Return the error for a run that did not start in time. The outcome of an earlier run does not count."""
    return NeverRan(
        f"no run of study {status.study} was started within {waited_s:g} s",
        detail=f"its status is still {status.status or 'empty'}",
        hint=f"sostrades calc run {status.study}",
        study=status.study,
    )


def another_run(status: RunStatus) -> RunLost:
    """Return the error for a run that was replaced during the watch: the ended run is not the started one."""
    return RunLost(
        f"the run of study {status.study} is lost, because another run was started and ended {status.status}",
        detail="the log of the study belongs to another run",
        hint=f"ask who else uses the study, and check its values with `sostrades param list {status.study}`",
        study=status.study,
    )


def _cause(context: Context, status: RunStatus) -> str | None:
    """Return the cause of a failed run: the server's message, or else a traceback from the log."""
    # Only Kubernetes servers fill this field, with the reason of a pod failure.
    if status.error_message:
        return status.error_message
    searched = "its log"
    try:
        # Logs can be huge: search growing ends of it instead of the whole log.
        for end in context.api.studies.log_ends(status.study):
            cause = failure_cause(end.content.decode("utf-8", "replace"), whole=not end.start)
            if cause is not None:
                return cause
            searched = f"the last {size(len(end.content))} of its log" if end.start else "its log"
    except SostradesError as error:
        # An unreadable log must not hide the failure of the run.
        return f"cannot read its log: {error.message}"
    return NO_TRACEBACK.format(log=searched, study=status.study)
