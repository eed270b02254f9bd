"""How a run ended, and why."""

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
    "{log} holds no traceback; a second start that the server refused also writes FAILED while the run goes on: "
    "sostrades calc status shows whether its disciplines still move"
)


def run_error(context: Context, status: RunStatus, *, had_run: bool) -> SostradesError:
    """Return the error of a run that did not finish well.

    ``had_run`` says that a run was seen before, so that no run now means that it was lost.
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
            f"the run of study {status.study} is lost: someone changed the study while it was running",
            detail=f"the server shows {status.status or 'no status'}; what is still calculated will not be kept",
            hint=f"sostrades calc run {status.study}",
            study=status.study,
        )
    return NeverRan(
        f"study {status.study} has no run to watch",
        detail="it was changed since its last run" if status.status else "it never ran",
        hint=f"sostrades calc run {status.study}, or --wait-start S to wait for a run that is started elsewhere",
        study=status.study,
    )


def not_started(status: RunStatus, waited_s: float) -> NeverRan:
    """Make the error for a run that was waited for and did not begin; how an older one ended does not count."""
    return NeverRan(
        f"no run of study {status.study} was started within {waited_s:g} s",
        detail=f"its status is {status.status or 'empty'}, as before",
        hint=f"sostrades calc run {status.study}",
        study=status.study,
    )


def another_run(status: RunStatus) -> RunLost:
    """Make the error for a run that was replaced while it was watched: what ended is not what was started."""
    return RunLost(
        f"the run of study {status.study} is lost: another one was started meanwhile and ended {status.status}",
        detail="the log of the study is that of another execution than the one that was watched",
        hint=f"sostrades param list {status.study}; is someone else working on the study?",
        study=status.study,
    )


def _cause(context: Context, status: RunStatus) -> str | None:
    """Find why a run failed: the server's message, else the cause that the log tells."""
    if status.error_message:
        return status.error_message
    read = "its log"
    try:
        for end in context.api.studies.log_ends(status.study):
            cause = failure_cause(end.content.decode("utf-8", "replace"), whole=not end.start)
            if cause is not None:
                return cause
            read = f"the last {size(len(end.content))} of its log" if end.start else "its log"
    except SostradesError as error:
        # The run has failed whether or not its log can be read: that must not hide the outcome.
        return f"its log cannot be read: {error.message}"
    return NO_TRACEBACK.format(log=read)
