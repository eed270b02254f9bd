"""Build the error for a run that did not succeed, with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import NeverRan, RunFailed, RunLost, SostradesError
from sostrades_cli.operations.calc.run_age import PRECISION, run_age_s
from sostrades_cli.operations.calc.status import cause_command
from sostrades_cli.operations.calc.traceback import failure_cause
from sostrades_cli.output.text import size
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.operations.context import Context

NO_TRACEBACK: Final = (
    "{log} has no traceback. If disciplines still change in `sostrades calc status {study}`, the run continues: the "
    "server also shows FAILED after it refuses a second start"
)
CHECK_VALUES: Final = "check its values with `sostrades param list {}`"


def run_error(context: Context, status: RunStatus, *, had_run: bool) -> SostradesError:
    """Return the error for a run that did not succeed.

    ``had_run`` means that a run was observed before. If the status shows no run now, that run was lost.
    """
    if status.phase is Phase.BAD:
        return RunFailed(
            f"the run of study {status.study} ended {status.status}",
            detail=_cause(context, status),
            hint=cause_command(status.study),
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
        detail="the log belongs to another run. Somebody else started one, or a restarted server has lost the run",
        hint=f"ask who else uses the study or restarted the server. Then {CHECK_VALUES.format(status.study)}",
        study=status.study,
    )


def unproven_end(context: Context, status: RunStatus, requested_s: float) -> RunLost | None:
    """Return an error if an end after an outage may not be that of the run requested at ``requested_s``.

    The first line in the log must be younger than the request. A failure without a readable log is accepted,
    because a run that fails at its start writes no log.
    """
    if status.phase not in {Phase.GOOD, Phase.BAD}:
        return None
    age_s = run_age_s(context, status.study)
    longest_s = context.clock.monotonic() - requested_s + PRECISION.total_seconds()
    if (age_s is None and status.phase is Phase.BAD) or (age_s is not None and age_s <= longest_s):
        return None
    verb, detail = "is", f"the log of the study belongs to an earlier run, which ended {status.status}"
    if age_s is None:
        verb, detail = "may be", f"the server shows {status.status}, which may be the outcome of an earlier run"
    return RunLost(
        f"the run of study {status.study} {verb} lost, because the server did not answer before the run was RUNNING",
        detail=f"{detail}. The server may have been restarted",
        hint=f"the server may also have lost values: {CHECK_VALUES.format(status.study)}, then run the study again",
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
