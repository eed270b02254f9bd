"""Starting a run: never twice, since a second start destroys the first."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase, RunStatus
from sostrades_cli.errors import RunActive, SostradesError, Unreachable
from sostrades_cli.operations.changes import ChangeOptions, set_parameters
from sostrades_cli.operations.history.recorder import require_no_sweep
from sostrades_cli.operations.study_locks import start_lock
from sostrades_cli.output.text import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment

# An accepted start shows as PENDING at once; several server processes may lag a little.
LOOKS_S: Final = (1.0, 2.0, 3.0)
# No run is over sooner after its start, since a process must start first; seen: 4.2 s.
SHORTEST_RUN_S: Final = 4.0


def begin(
    context: Context, study: int, assignments: Sequence[Assignment], *, attach: bool, swept: bool = False
) -> RunStatus:
    """Set values, if any, and start the calculation; return the state that the server gave.

    ``attach`` returns the state of a run that is going on already instead of refusing; ``swept`` says that the run is
    that of a case, whose values nobody else may run.

    Raises
    ------
    RunActive
        A run is going on, or being started from this machine; nothing was sent.
    Refused
        The study holds the values of a sweep's case; nothing was sent.
    SostradesError
        The server refused, or the answer was lost and no run has begun.

    """
    with start_lock(context.state, context.api.session.host, study):
        before = context.api.calculations.status(study)
        if attach and before.phase is Phase.ACTIVE and not assignments:
            context.inform(f"study {study} is {before.status} already; watching that run")
            return before
        require_no_run(before, attachable=not assignments)
        if not swept:
            require_no_sweep(context, study)
        if not assignments:
            return _start(context, before)
        set_parameters(context, study, assignments, ChangeOptions())
        done = f"set and verified: {listed([a.key for a in assignments])}"
        context.inform(done)
        with _after(done):
            return _start(context, context.api.calculations.status(study))


@contextlib.contextmanager
def _after(done: str) -> Iterator[None]:
    """Say in an error what was done before it."""
    try:
        yield
    except SostradesError as error:
        error.add_detail(done)
        raise


def _start(context: Context, before: RunStatus) -> RunStatus:
    study = before.study
    sent_at = context.clock.monotonic()
    try:
        return context.api.calculations.execute(study)
    except SostradesError as error:
        if not error.answer_lost:
            if not isinstance(error, Unreachable):
                _look_once(context, study, error)
            raise
        context.notify(f"{error.message}; looking whether the run has begun")
        return _begun(context, before, error, took_s=context.clock.monotonic() - sent_at)


def _look_once(context: Context, study: int, error: SostradesError) -> None:
    """Say in a refusal if a run goes on all the same, whoever started it."""
    with contextlib.suppress(SostradesError):
        seen = context.api.calculations.status(study)
        if seen.phase is Phase.ACTIVE:
            error.add_detail(f"and yet study {study} is {seen.status} now: sostrades calc watch {study}")
            error.in_doubt = True


def require_no_run(status: RunStatus, *, attachable: bool = True) -> None:
    """Refuse to start a study whose run is going on, or whose status is not known to be an end.

    ``attachable`` says that ``--attach`` would do: it cannot where values are to be set first.
    """
    if status.phase in {Phase.ACTIVE, Phase.UNKNOWN}:
        attach = ", or --attach" if attachable and status.phase is Phase.ACTIVE else ""
        raise RunActive(
            f"study {status.study} is {status.status}: starting it again would destroy its run",
            hint=f"sostrades calc watch {status.study}{attach}",
            study=status.study,
        )


def _begun(context: Context, before: RunStatus, error: SostradesError, *, took_s: float) -> RunStatus:
    """Look whether a start whose answer was lost has begun; ``took_s`` is how long ago it was sent."""
    study = before.study
    seen = _looked(context, study, error)
    for wait_s in LOOKS_S:
        over = seen.phase in {Phase.GOOD, Phase.BAD} and seen.payload != before.payload
        if seen.phase is Phase.ACTIVE or over:
            context.notify("the run has begun all the same")
            return seen
        context.clock.sleep(wait_s)
        seen = _looked(context, study, error)
    state = f"its status is {seen.status or 'empty'}, as before"
    if took_s < SHORTEST_RUN_S:
        outcome = f"and no run of study {study} has begun within {sum(LOOKS_S):g} s"
    else:
        outcome = f"and whether study {study} was started and is over already cannot be told"
    raise error.reworded(
        f"{error.message}, {outcome}",
        detail=state,
        hint=f"sostrades study logs {study} shows the time of its last run; after that the command can be given again",
        study=study,
    )


def _looked(context: Context, study: int, error: SostradesError) -> RunStatus:
    """Return the status after a start whose answer was lost; where that is lost, too, the start is in doubt."""
    try:
        return context.api.calculations.status(study)
    except SostradesError as failed:
        raise error.reworded(
            f"{error.message}, and whether a run of study {study} has begun cannot be told",
            detail=f"its status could not be read afterwards: {failed.message}",
            hint=f"sostrades calc status {study} tells it, once the server answers",
            study=study,
            in_doubt=True,
        ) from failed
