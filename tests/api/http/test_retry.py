"""Test retries of reads: which errors are retried, how often, and after which waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.api.http.retry import ATTEMPTS, LONGEST_WAIT_S, RetryLimits, repeated
from sostrades_cli.errors import ServerFault, SostradesError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable


def transient(retry_after_s: float | None = None) -> SostradesError:
    error = Unreachable("no connection", transient=True)
    error.retry_after_s = retry_after_s
    return error


def permanent() -> SostradesError:
    return ServerFault("broken")


class Attempts:
    """A read whose attempts after the first one end with these errors, and then with ``done``."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.count = 0
        self.waits_s: list[float] = []
        self.notes: list[str] = []

    def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def run(
        self, first: SostradesError, is_wrong_address: Callable[[], bool] = lambda: False, outage_s: float = 0.0
    ) -> str:
        limits = RetryLimits(lambda: outage_s - sum(self.waits_s), is_wrong_address)
        return repeated(self, first, self.waits_s.append, self.notes.append, limits)


@pytest.mark.parametrize("failures", range(ATTEMPTS - 1))
def test_read_is_retried_until_it_succeeds(failures: int) -> None:
    """The first attempt was made by the caller and is not made again."""
    read = Attempts(*(transient() for _ in range(failures)))
    assert read.run(transient()) == "done"
    assert read.count == len(read.waits_s) == len(read.notes) == failures + 1


def test_last_error_is_raised() -> None:
    errors = [transient() for _ in range(ATTEMPTS - 1)]
    read = Attempts(*errors)
    with pytest.raises(Unreachable) as raised:
        read.run(transient())
    assert raised.value is errors[-1]
    assert (read.count, len(read.waits_s)) == (ATTEMPTS - 1, ATTEMPTS - 1)


@pytest.mark.parametrize("error", [permanent(), ValueError("a bug"), KeyboardInterrupt()])
def test_other_error_ends_the_retries(error: BaseException) -> None:
    read = Attempts(error)
    with pytest.raises(type(error)) as raised:
        read.run(transient())
    assert (raised.value is error, read.count) == (True, 1)


def test_waits_grow() -> None:
    """The random part is shorter than the growth."""
    read = Attempts(transient(), transient())
    read.run(transient())
    assert [0.3 <= read.waits_s[0] <= 0.5, 0.9 <= read.waits_s[1] <= 1.1, 2.7 <= read.waits_s[2] <= 2.9] == [True] * 3


def test_parallel_reads_do_not_retry_together() -> None:
    waits_s = set()
    for _ in range(5):
        read = Attempts()
        read.run(transient())
        waits_s.update(read.waits_s)
    assert len(waits_s) > 1


@pytest.mark.parametrize(
    ("retry_after_s", "is_retried"), [(0.0, True), (7.0, True), (LONGEST_WAIT_S, True), (61.0, False)]
)
def test_requested_wait_is_respected_up_to_a_limit(retry_after_s: float, is_retried: bool) -> None:
    read = Attempts()
    if is_retried:
        read.run(transient(retry_after_s))
        assert read.waits_s == [retry_after_s]
    else:
        with pytest.raises(Unreachable):
            read.run(transient(retry_after_s))
        assert (read.count, read.waits_s) == (0, [])


def test_read_from_a_wrong_address_is_not_retried() -> None:
    answers = [False, True]
    read = Attempts(transient(), transient())
    with pytest.raises(Unreachable):
        read.run(transient(), lambda: answers.pop(0))
    assert (read.count, len(read.waits_s)) == (1, 1)


def test_read_is_retried_until_the_outage_is_too_long() -> None:
    """It does not write a line for every wait."""
    read = Attempts(*(transient() for _ in range(99)))
    with pytest.raises(Unreachable):
        read.run(transient(), outage_s=300.0)
    assert (300 <= sum(read.waits_s) < 310, len(read.notes)) == (True, ATTEMPTS)
    read = Attempts(*(transient() for _ in range(20)))
    assert read.run(transient(), outage_s=300.0) == "done"


def test_requested_wait_may_be_as_long_as_the_outage() -> None:
    read = Attempts()
    assert read.run(transient(120.0), outage_s=120.0) == "done"
    assert read.waits_s == [120.0]
    read = Attempts()
    with pytest.raises(Unreachable):
        read.run(transient(121.0), outage_s=120.0)
    assert (read.count, read.waits_s) == (0, [])


def test_waits_without_time_have_an_end() -> None:
    read = Attempts(*(transient(0.0) for _ in range(20)))
    with pytest.raises(Unreachable):
        read.run(transient(0.0))
    assert len(read.waits_s) == ATTEMPTS - 1


def test_last_note_has_the_rest_of_the_outage() -> None:
    read = Attempts(*(transient(10.0) for _ in range(6)))
    assert read.run(transient(10.0), outage_s=300.0) == "done"
    assert ["10.0 s" in note for note in read.notes] == [True, True, True, False]
    assert "270 s" in read.notes[-1]
