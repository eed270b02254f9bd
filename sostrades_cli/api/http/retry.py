"""Retries of reads after transient failures: their conditions and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar, cast

import tenacity

from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = TypeVar("Outcome")
ATTEMPTS: Final = 4
# A wait of minutes is the user's decision, so a longer Retry-After ends the retries.
LONGEST_WAIT_S: Final = 60.0


def repeated(
    attempt: Callable[[], Outcome],
    first: SostradesError,
    sleep: Callable[[float], None],
    notify: Callable[[str], None],
    hopeless: Callable[[], bool],
) -> Outcome:
    """Retry a failed read until it succeeds, is ``hopeless``, or reaches the limit of attempts.

    ``notify`` gets a line for every wait. There is no retry if the server requests a very long wait.

    Raises
    ------
    SostradesError
        The error of the last attempt.

    """
    failed = [first]  # for tenacity's first call: that attempt was already made

    def next_attempt() -> Outcome:
        if failed:
            raise failed.pop()
        return attempt()

    def stop(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS or (_error(state).retry_after_s or 0.0) > LONGEST_WAIT_S or hopeless()

    def notify_wait(state: tenacity.RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        notify(f"{_error(state).message}, retrying in {seconds:.1f} s")

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, SostradesError) and error.transient),
        stop=stop,
        wait=_wait_s,
        sleep=sleep,
        before_sleep=notify_wait,
        reraise=True,
    )(next_attempt)


def _error(state: tenacity.RetryCallState) -> SostradesError:
    """Return the error of the last attempt; only our own errors are retried."""
    return cast("SostradesError", state.outcome and state.outcome.exception())


def _wait_s(state: tenacity.RetryCallState) -> float:
    requested_s = _error(state).retry_after_s
    if requested_s is not None:
        return requested_s
    # The random part keeps parallel downloads from retrying all at once.
    return (tenacity.wait_exponential(multiplier=0.3, max=8.0, exp_base=3.0) + tenacity.wait_random(0.0, 0.2))(state)
