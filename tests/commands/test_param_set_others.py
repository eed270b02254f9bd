"""Test concurrent changes of the same parameter by somebody else: theirs are reported and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, StubTransport  # type: ignore[attr-defined] # the one above this folder

from server_stub.faults import Fault
from server_stub.values import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User  # type: ignore[attr-defined] # the same

POPULATION = "years,population\n2020,1.0\n2021,2.0\n"
THEIRS = Table(("years", "population"), ((2020, 5.0),))


@dataclass
class Colleague(httpx.BaseTransport):
    """A stub on which somebody else sets a parameter right after our change."""

    user: User
    name: str
    value: object
    posts: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does, then let the other one set it."""
        # A form without a file only asks whether files are taken.
        body = request.read()
        ours = request.url.path.endswith("/parameters") and (b"newValue" in body or b"filename=" in body)
        try:
            return StubTransport(self.user.world).handle_request(request)
        finally:
            if ours:
                self.posts.append(request.url.path)
                # The update is taken in after its answer: theirs comes after that.
                self.user.world.clock.sleep(1.0)
                self.user.world.studies[21].settle()
                self.user.world.studies[21].values[self.name] = self.value


def colleague(user: User, name: str = "Macro.gamma", value: object = 0.77) -> Colleague:
    """Let somebody else set a parameter right after our change."""
    user.transport = Colleague(user, name, value)
    return user.transport


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_value_set_by_another_user_is_kept(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    other = colleague(user)
    done = user.types("param", "set", "21", "Macro.gamma=0.11")
    assert (done.code, len(other.posts)) == (8, 1)
    assert "somebody else may have changed this" in done.err
    assert "dropped" not in done.err
    assert user.world.studies[21].values["Macro.gamma"] == 0.77


def test_table_set_by_another_user_is_kept(user: User) -> None:
    other = colleague(user, "Macro.population", THEIRS)
    (user.folder / "p.csv").write_text(POPULATION)
    done = user.types("param", "set", "21", f"Macro.population=@{user.folder / 'p.csv'}", "--yes")
    assert (done.code, len(other.posts)) == (8, 1)
    assert "somebody else may have changed this" in done.err
    assert user.world.studies[21].values["Macro.population"] == THEIRS


def test_lost_answer_and_value_of_another_user_are_unverified(user: User) -> None:
    user.world.faults.arm(Fault("drop", method="POST", path="parameters", when="after"))
    colleague(user)
    done = user.types("param", "set", "21", "Macro.gamma=0.11")
    assert done.code in {6, 7}
    assert "somebody else may have changed this" in done.err
    assert "not made" not in done.err


def test_only_the_overwritten_parameter_is_reported(user: User) -> None:
    other = colleague(user)
    done = user.types("param", "set", "21", "Macro.gamma=0.11", "Macro.savings_rate=0.3")
    assert (done.code, len(other.posts)) == (8, 1)
    assert "does not have the values that were sent: dice.Macro.gamma\n" in done.err
    assert user.world.studies[21].values["Macro.savings_rate"] == 0.3
