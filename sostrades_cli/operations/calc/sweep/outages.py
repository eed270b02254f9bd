"""Wait for the end of an outage of the server, then set the values of a case. Each attempt has a plan of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sostrades_cli.errors import SostradesError, Unreachable
from sostrades_cli.operations.changes import set_unrecorded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import Assignment

Outcome = TypeVar("Outcome")
PAUSE_S: Final = 2.0


def set_after_outages(context: Context, study: int, assignments: Sequence[Assignment], *, force: bool) -> bool:
    """Set values as ``set_unrecorded`` does. After an outage, plan and set those that the study does not have."""
    return after_outages(
        context,
        lambda: set_unrecorded(context, study, assignments, force=force),
        # An error that is not transient may come from the change itself, and would come again.
        retries=lambda error: error.answer_lost and error.transient,
    )


def after_outages(
    context: Context,
    step: Callable[[], Outcome],
    retries: Callable[[SostradesError], bool] = lambda _: False,
) -> Outcome:
    """Call ``step``, and call it again until an outage ends or reaches the limit of the session.

    ``step`` must read the state of the study before it sends anything. It is called again if nothing was sent, or if
    ``retries`` returns true for the error, unless the values of the study are unknown.

    Raises
    ------
    SostradesError
        The outage lasts too long, or the error has another cause.

    """
    session = context.api.session
    since_s: float | None = None
    while True:
        try:
            return step()
        except SostradesError as error:
            is_unsent = isinstance(error, Unreachable) and not error.answer_lost
            if error.in_doubt or not (is_unsent or retries(error)):
                raise
            if since_s is None:
                since_s = session.outage_since(context.clock.monotonic())
            if session.outage_left_s(since_s) <= 0:
                raise
            context.notify(f"{error.message}, retrying in {PAUSE_S:.0f} s")
            context.clock.sleep(PAUSE_S)
