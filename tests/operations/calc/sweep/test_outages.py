"""Test that a step is repeated until an outage ends or is too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import ServerFault, SostradesError, Unreachable
from sostrades_cli.operations.calc.sweep.outages import PAUSE_S, after_outages, set_after_outages
from sostrades_cli.operations.param.assignments import Assignment

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context

LIMIT_S = 60.0
UPDATE = "parameters$"


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context]) -> Context:
    return server_of(user)


class Step:
    """A step that fails with each error in turn, and then succeeds."""

    def __init__(self, *errors: SostradesError) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def down(*, answer_lost: bool = False, in_doubt: bool = False) -> Unreachable:
    return Unreachable("no connection", study=21, transient=True, answer_lost=answer_lost, in_doubt=in_doubt)


def test_step_is_repeated_until_the_server_is_back(user: User, context: Context) -> None:
    step, began_s = Step(down(), down()), user.world.clock.now()
    with context.api.session.outage_limit(LIMIT_S):
        assert after_outages(context, step) == "done"
    assert (step.calls, user.world.clock.now() - began_s, len(user.noted)) == (3, 2 * PAUSE_S, 2)


@pytest.mark.parametrize("error", [down(answer_lost=True), down(in_doubt=True), ServerFault("no", transient=True)])
def test_step_that_may_have_been_sent_is_not_repeated(context: Context, error: SostradesError) -> None:
    step = Step(error)
    with context.api.session.outage_limit(LIMIT_S), pytest.raises(SostradesError) as raised:
        after_outages(context, step)
    assert (raised.value, step.calls) == (error, 1)


def test_step_is_not_repeated_if_the_values_are_unknown(context: Context) -> None:
    step = Step(down(answer_lost=True, in_doubt=True))
    with context.api.session.outage_limit(LIMIT_S), pytest.raises(Unreachable):
        after_outages(context, step, retries=lambda _: True)
    assert step.calls == 1


def test_outage_ends_at_its_limit(user: User, context: Context) -> None:
    began_s = user.world.clock.now()

    def step() -> NoReturn:
        raise down()

    with context.api.session.outage_limit(LIMIT_S), pytest.raises(Unreachable):
        after_outages(context, step)
    assert user.world.clock.now() - began_s == LIMIT_S


def test_outage_began_with_the_first_failed_read(user: User, context: Context) -> None:
    """The reads of a step have waited for a part of the outage already."""
    context.api.calculations.status(21)
    user.world.faults.arm(Fault("drop", count=99))
    with context.api.session.outage_limit(LIMIT_S):
        with pytest.raises(SostradesError):
            context.api.calculations.status(21)
        step, began_s = Step(down()), user.world.clock.now()
        with pytest.raises(Unreachable):
            after_outages(context, step)
    assert (step.calls, user.world.clock.now()) == (1, began_s)


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (Fault("drop", method="POST", path=UPDATE), 2),
        (Fault("drop", method="POST", path=UPDATE, when="after"), 1),
        (Fault("status", method="POST", path=UPDATE, status=503), 2),
        (Fault("cut", method="POST", path=UPDATE), 1),
    ],
)
def test_values_are_set_after_an_outage(user: User, context: Context, fault: Fault, sent: int) -> None:
    user.world.faults.arm(fault)
    with context.api.session.outage_limit(LIMIT_S):
        set_after_outages(context, 21, [Assignment("dice.Macro.gamma", value=0.5)], force=False)
    study = user.world.studies[21]
    study.settle()
    assert (study.values["Macro.gamma"], user.requests.count("POST /api/v0/study-case/21/parameters")) == (0.5, sent)


@pytest.mark.parametrize("status", [429, 500])
def test_values_are_not_sent_again_after_an_answer_that_is_no_outage(user: User, context: Context, status: int) -> None:
    """It would come again."""
    user.world.faults.arm(Fault("status", count=9, method="POST", path=UPDATE, status=status))
    with context.api.session.outage_limit(LIMIT_S), pytest.raises(ServerFault):
        set_after_outages(context, 21, [Assignment("dice.Macro.gamma", value=0.5)], force=False)
    assert user.requests.count("POST /api/v0/study-case/21/parameters") == 1
