"""Start a run. The request is never sent twice, because a second start destroys the first run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import RunActive, SostradesError, Unreachable, stopped_by
from sostrades_cli.operations.changes import ChangeOptions, carry_out
from sostrades_cli.operations.history.runs import record_start
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.study_locks import change_lock, require_no_sweep, start_lock
from sostrades_cli.output.text import brief, listed
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sostrades_cli.operations.change_report import ParameterChange
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment

# An accepted start is PENDING at once, but another server process may answer with an older status.
RETRIES_S: Final = (1.0, 2.0, 3.0)
# No run ends sooner, because a process has to start first. The shortest observed run took 4.2 s.
SHORTEST_RUN_S: Final = 4.0


def begin(context: Context, study: int, assignments: Sequence[Assignment], *, attach: bool) -> RunStatus:
    """Set values, if any, start the calculation, and return the server's state.

    A change from this computer that is in progress ends first. ``attach`` returns the state of an active run instead of
    an error.

    Raises
    ------
    RunActive
        A run is active, or another process on this machine is starting a run. Nothing was sent.
    Refused
        The study has the values of a sweep's case. Nothing was sent.
    SostradesError
        The server rejected the start, or the answer was lost and no run has begun.

    """
    # A change that is sent after the start would discard the result of the run.
    with start_lock(context, study), change_lock(context, study):
        # Before the status: during a sweep it is that of a case, and watching that run would end after the case.
        require_no_sweep(context, study)
        # The server has no lock of its own: the status is read within ours, so that no process starts in between.
        before = context.api.calculations.status(study)
        if attach and before.phase is Phase.ACTIVE and not assignments:
            context.inform(f"study {study} is already {before.status}, watching that run")
            return before
        # Values set during a run would destroy its result.
        require_no_run(before, attachable=not assignments)
        if not assignments:
            return _start(context, before)
        plan = make_plan(context, study, assignments, force=False)
        report = carry_out(context, plan, "set", ChangeOptions())
        done = f"study {study}, set and verified: {listed([_text_of(change) for change in report.changes])}"
        context.inform(done)
        with _after(done):
            # The change has altered the status. A lost answer is resolved by comparing the status before and after.
            return _start(context, context.api.calculations.status(study))


def _text_of(change: ParameterChange) -> str:
    if change.file or change.default:
        return change.key
    return f"{change.key} {brief(change.old)} → {brief(change.new)}" if change.sent else f"{change.key} (unchanged)"


def begin_case(context: Context, study: int) -> RunStatus:
    """Start the run of a sweep's case. The lock of the sweep prevents other starts and changes from this computer.

    Raises
    ------
    RunActive
        A run is active. Nothing was sent.
    SostradesError
        The server rejected the start, or the answer was lost and no run has begun.

    """
    before = context.api.calculations.status(study)
    require_no_run(before)
    return _start(context, before)


def begin_each(
    context: Context, studies: Sequence[int], assignments: Sequence[Assignment], *, attach: bool
) -> dict[int, RunStatus | SostradesError]:
    """Start a run of each study in turn. If a start fails, the other studies are still started.

    Raises
    ------
    SostradesError
        The only study was not started.

    """
    starts: dict[int, RunStatus | SostradesError] = {}
    for study in studies:
        try:
            starts[study] = begin(context, study, assignments, attach=attach)
        except SostradesError as error:
            if len(studies) == 1:
                raise
            error.name_study([study])
            named = f"study {study}" in error.message
            # With several studies, each message must name its study.
            starts[study] = error if named else error.reworded(f"study {study}: {error.message}")
        except KeyboardInterrupt as error:
            if len(studies) == 1:
                raise
            raise _interrupted_starts(error, studies, starts) from error
    return starts


def _interrupted_starts(
    error: KeyboardInterrupt, studies: Sequence[int], starts: Mapping[int, RunStatus | SostradesError]
) -> SostradesError:
    """Return an error that lists which of the studies were started."""
    error_class, word = stopped_by(error)
    started = [study for study in studies if isinstance(starts.get(study), RunStatus)]
    current, *left = [study for study in studies if study not in starts]
    facts = {"started": started, "may have started": [current], "not started": left}
    lines = [f"{fact}: {' '.join(map(str, numbers))}" for fact, numbers in facts.items() if numbers]
    return error_class(
        f"{word} while the runs were started",
        detail="\n".join(lines),
        hint=f"sostrades calc status {' '.join(map(str, [*started, current]))}",
    )


@contextlib.contextmanager
def _after(done: str) -> Iterator[None]:
    """Add the completed step to the details of an error."""
    try:
        yield
    except SostradesError as error:
        error.add_detail(done)
        raise


def _start(context: Context, before: RunStatus) -> RunStatus:
    study = before.study
    sent_at = context.clock.monotonic()
    try:
        accepted = context.api.calculations.execute(study)
    except SostradesError as error:
        if not error.answer_lost:
            # If the server is unreachable, another request would fail as well.
            if not isinstance(error, Unreachable):
                _mention_active_run(context, study, error)
            raise
        context.notify(f"{error.message}, checking whether the run has started")
        accepted = _check_started(context, before, error, took_s=context.clock.monotonic() - sent_at)
    record_start(context, study)
    return accepted._replace(requested_s=sent_at)


def _mention_active_run(context: Context, study: int, error: SostradesError) -> None:
    """Add to the error of a rejected start that a run is active nevertheless."""
    with contextlib.suppress(SostradesError):
        status = context.api.calculations.status(study)
        if status.phase is Phase.ACTIVE:
            error.add_detail(f"but study {study} is now {status.status}: `sostrades calc watch {study}`")
            error.in_doubt = True


def require_no_run(status: RunStatus, *, attachable: bool = True) -> None:
    """Reject a start while a run is active or the status is unknown.

    ``attachable`` means that the hint may suggest ``--attach``. It may not if the command also sets values.
    """
    if status.phase in {Phase.ACTIVE, Phase.UNKNOWN}:
        attach = ", or add --attach" if attachable and status.phase is Phase.ACTIVE else ""
        raise RunActive(
            f"study {status.study} is {status.status}, and a second start would destroy its run",
            hint=f"follow the run with `sostrades calc watch {status.study}`{attach}",
            study=status.study,
        )


def _check_started(context: Context, before: RunStatus, error: SostradesError, *, took_s: float) -> RunStatus:
    """Check whether a start without an answer has begun. ``took_s`` is the time since the request."""
    study = before.study
    status = _status_or_doubt(context, study, error)
    for wait_s in RETRIES_S:
        # A changed final state means that the run has started and already ended.
        over = status.phase in {Phase.GOOD, Phase.BAD} and status.payload != before.payload
        if status.phase is Phase.ACTIVE or over:
            context.notify("the run has started despite the error")
            return status
        context.clock.sleep(wait_s)
        status = _status_or_doubt(context, study, error)
    state = f"its status is still {status.status or 'empty'}"
    if took_s < SHORTEST_RUN_S:
        outcome = f"and no run of study {study} has started within {sum(RETRIES_S):g} s"
    else:
        outcome = f"and a run of study {study} may have started and finished already"
    raise error.reworded(
        f"{error.message}, {outcome}",
        detail=state,
        hint=f"check the time of its last run with `sostrades study logs {study}`, then run the command again",
        study=study,
    )


def _status_or_doubt(context: Context, study: int, error: SostradesError) -> RunStatus:
    """Return the status after a start without an answer. If the status is also lost, the start is in doubt."""
    try:
        return context.api.calculations.status(study)
    except SostradesError as failed:
        raise error.reworded(
            f"{error.message}, and a run of study {study} may have started",
            detail=f"its status cannot be read: {failed.message}",
            hint=f"check `sostrades calc status {study}` when the server answers again",
            study=study,
            in_doubt=True,
        ) from failed
