"""`sostrades param set` of lists with declared choices or a declared range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.model import Model, Parameter
from server_stub.world import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

WEATHER = ("cloudy, it is Toulouse ...", "sunny", "rainy")
TYPES = Model(
    "types_process",
    ("", "All"),
    (
        Parameter("All.weather_list", "list", list(WEATHER), possible_values=WEATHER),
        Parameter("All.z_list", "list", [0.0, 0.0], "kg", range=(-10000.0, 10000.0)),
    ),
)


def after_a_run(user: User) -> User:
    """Enter study 30, finished, so that choices and ranges are known."""
    study = user.world.add_study(30, "types", TYPES, {user.world.users["owner@email.com"]: Right.OWNER})
    study.start_run(study.pace.now() - 3600.0)
    study.settle()
    study.leave_memory()
    return user


@pytest.mark.parametrize("server", ["documented", "5.3"])
@pytest.mark.parametrize(
    "words",
    ['weather_list=["sunny", "rainy"]', "weather_list=[]", "z_list=[1.0, -9999.0]", "z_list=[-10000.0, 10000.0]"],
)
def test_possible_elements_are_set(user_of: Callable[..., User], server: str, words: str) -> None:
    """Each element is validated, not the list as a whole."""
    user = after_a_run(user_of(server))
    assert user.types("param", "set", "30", words).code == 0


@pytest.mark.parametrize("server", ["documented", "5.3"])
@pytest.mark.parametrize("words", ['weather_list=["sunny", "foggy"]', "z_list=[1.0, 20000.0]"])
def test_other_elements_are_refused(user_of: Callable[..., User], server: str, words: str) -> None:
    """An element that would make the next run fail is exit 2, and nothing is sent."""
    user = after_a_run(user_of(server))
    done = user.types("param", "set", "30", words)
    assert done.code == 2
    assert "index 1" in done.err
    assert not any(request.endswith("/parameters") for request in user.asked)
