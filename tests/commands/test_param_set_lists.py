"""Test `sostrades param set` with lists that have declared choices or a declared range."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow
from hypothesis import given
from hypothesis import strategies as st

from server_stub.integrity import find_problem
from server_stub.model import Model, Parameter
from server_stub.world import Right
from sostrades_cli.errors import UsageError
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.metadata import ParameterInfo
from sostrades_cli.operations.param.validation import validate_limits

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
    """Add the finished study 30. Its read-only file has choices and ranges."""
    study = user.world.add_study(30, "types", TYPES, {user.world.users["owner@email.com"]: Right.OWNER})
    study.start_run(study.pace.now() - 3600.0)
    study.settle()
    study.unload()
    return user


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize(
    "words",
    [
        'weather_list=["sunny", "rainy"]',
        slow("weather_list=[]"),
        slow("z_list=[1.0, -9999.0]"),
        "z_list=[-10000.0, 10000.0]",
    ],
)
def test_possible_elements_are_set(user_of: Callable[..., User], server: str, words: str) -> None:
    """Each element is validated, not the list as a whole."""
    user = after_a_run(user_of(server))
    assert user.types("param", "set", "30", words).code == 0


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("words", ['weather_list=["sunny", "foggy"]', "z_list=[1.0, 20000.0]"])
def test_other_elements_are_rejected(user_of: Callable[..., User], server: str, words: str) -> None:
    user = after_a_run(user_of(server))
    done = user.types("param", "set", "30", words)
    assert done.code == 2
    assert "index 1" in done.err
    assert not any(request.endswith("/parameters") for request in user.requests)


def test_run_failure_lists_each_invalid_parameter(user: User) -> None:
    after_a_run(user)
    sent = [
        {"variableId": "types.All.weather_list", "newValue": ["foggy", "sunny", "grey"], "unit": ""},
        {"variableId": "types.All.z_list", "newValue": [20000.0], "unit": "kg"},
    ]
    assert user.types("api", "POST", "/api/v0/study-case/30/parameters", "--data", json.dumps(sent)).code == 0
    done = user.types("calc", "run", "30", "-F", "ndjson")
    assert done.code == 3
    weather, numbers = json.loads(done.out.splitlines()[-1])["cause"].split("\n")
    assert weather.startswith("types.All.weather_list: Value foggy in list")
    assert "; Value grey in list" in weather
    assert numbers.startswith("types.All.z_list: Value [20000.0] at index 0 is not in range")


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([*WEATHER, "foggy", ""])), st.lists(st.floats(-2e4, 2e4) | st.sampled_from([-1e4, 10000]))
)
def test_validation_agrees_with_the_engine(weather: list[str], numbers: list[float]) -> None:
    """A list is rejected if and only if the next run would fail because of it."""
    for parameter, value in zip(TYPES.parameters, (weather, numbers), strict=True):
        cached = CachedParameter("list", range=parameter.range, possible_values=parameter.possible_values)
        others = {other.name: other.default for other in TYPES.parameters}
        problem = find_problem(TYPES, {**others, parameter.name: value}, lambda name: name)
        try:
            validate_limits(value, ParameterInfo(parameter.name, "list", None, None, None, cached))
        except UsageError:
            assert problem is not None
        else:
            assert problem is None


def test_elements_in_a_file_are_validated(user: User) -> None:
    after_a_run(user)
    file = user.folder / "weather.csv"
    file.write_text("value\nsunny\nfoggy\n")
    assert user.types("param", "set", "30", f"weather_list=@{file}").code == 2
    file.write_text("value\nsunny\nrainy\n")
    assert user.types("param", "set", "30", f"weather_list=@{file}").code == 0


def test_elements_in_a_file_of_a_sweep_are_validated(user: User) -> None:
    after_a_run(user)
    (user.folder / "weather.csv").write_text("value\nfoggy\n")
    cases = user.folder / "cases.csv"
    cases.write_text(f"case,weather_list\na,@{user.folder / 'weather.csv'}\n")
    done = user.types("calc", "sweep", "30", str(cases), "-o", str(user.folder / "results.csv"))
    assert done.code == 2
