"""Test how the session measures outages, and the limit within which reads wait for their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context]) -> Context:
    made = server_of(user)
    made.api.calculations.status(21)
    return made


def left_s(context: Context) -> float:
    """Return how long an outage that begins now may last."""
    return context.api.session.outage_left_s(context.clock.monotonic())


def test_limit_holds_in_its_block_only(context: Context) -> None:
    session = context.api.session
    assert left_s(context) == 0.0
    with session.outage_limit(60.0):
        with session.outage_limit(10.0):
            assert left_s(context) == 10.0
        assert left_s(context) == 60.0
    assert left_s(context) == 0.0


def test_limit_ends_with_an_error_of_its_block(context: Context) -> None:
    def fail() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), context.api.session.outage_limit(60.0):
        fail()
    assert left_s(context) == 0.0


def test_outage_lasts_from_the_first_failed_read_to_the_next_answer(user: User, context: Context) -> None:
    """A poll is not retried, but it shows the outage."""
    session = context.api.session
    user.world.faults.arm(Fault("drop", count=2))
    began_s = context.clock.monotonic()
    for _ in range(2):
        with pytest.raises(SostradesError):
            context.api.calculations.poll(21, 5.0)
        context.clock.sleep(3.0)
    assert session.outage_since(context.clock.monotonic()) == began_s
    context.api.calculations.poll(21, 5.0)
    assert session.outage_since(1.0) == 1.0


def test_read_waits_for_the_rest_of_an_outage_only(user: User, context: Context) -> None:
    user.world.faults.arm(Fault("drop", count=99))
    began_s = context.clock.monotonic()
    with context.api.session.outage_limit(60.0):
        with pytest.raises(SostradesError):
            context.api.calculations.poll(21, 5.0)
        context.clock.sleep(50.0)
        with pytest.raises(SostradesError):
            context.api.calculations.status(21)
    assert 60.0 <= context.clock.monotonic() - began_s < 70.0


def test_poll_is_limited_by_the_time_that_is_left(user: User, context: Context) -> None:
    """A watch ends at its own timeout."""
    user.world.faults.arm(Fault("slow", count=2, seconds=5.0))
    with pytest.raises(SostradesError):
        context.api.calculations.poll(21, 4.0)
    context.api.calculations.poll(21, 6.0)


def test_read_that_succeeds_at_a_retry_ends_the_outage(user: User, context: Context) -> None:
    user.world.faults.arm(Fault("drop"))
    context.api.calculations.status(21)
    assert context.api.session.outage_since(1.0) == 1.0


def test_error_of_the_application_is_no_outage(context: Context) -> None:
    with pytest.raises(SostradesError):
        context.api.calculations.status(999)
    assert context.api.session.outage_since(1.0) == 1.0
