"""Retries of reads after transient failures: their conditions and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

import tenacity

from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = TypeVar("Outcome")
ATTEMPTS: Final = 4
# A wait of minutes is the user's decision: a longer Retry-After ends the retries, unless an outage may last as long.
LONGEST_WAIT_S: Final = 60.0


class RetryLimits(NamedTuple):
    """The limits of retries.

    ``outage_left_s`` returns how long an outage may still last. Until then, the number of attempts has no limit.
    ``is_wrong_address`` returns whether the address is most likely wrong.
    """

    outage_left_s: Callable[[], float]
    is_wrong_address: Callable[[], bool]


def repeated(
    attempt: Callable[[], Outcome],
    first: SostradesError,
    sleep: Callable[[float], None],
    notify: Callable[[str], None],
    limits: RetryLimits,
) -> Outcome:
    """Retry a failed read until it succeeds, or until ``limits`` or the number of attempts is reached.

    ``notify`` gets a line before each of the first ``ATTEMPTS`` waits. There is no retry if Retry-After is longer than
    both ``LONGEST_WAIT_S`` and the time that the outage may still last.

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
        left_s = limits.outage_left_s()
        is_over = state.attempt_number >= ATTEMPTS and left_s <= 0
        is_too_long = (_error(state).retry_after_s or 0.0) > max(LONGEST_WAIT_S, left_s)
        return is_over or is_too_long or limits.is_wrong_address()

    def notify_wait(state: tenacity.RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        if state.attempt_number < ATTEMPTS:
            notify(f"{_error(state).message}, retrying in {seconds:.1f} s")
        elif state.attempt_number == ATTEMPTS:
            notify(f"{_error(state).message}, retrying for up to {limits.outage_left_s():.0f} s")

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
