"""The two functions with known sensitivity indices: studies 11 and 12."""

import math
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api


def output(api: "Api", study: int, name: str) -> float:
    """Return an output of a study."""
    return float(api.download(study, name).splitlines()[1])


def run(api: "Api", study: int, **values: object) -> None:
    """Set inputs of a study, and run it."""
    api.load(study)
    api.set(study, **values)
    api.clock.advance(1)
    api.load(study)
    api.post(f"/calculation/execute/{study}")
    api.clock.advance(2)
    assert api.status(study) == "FINISHED"


def test_ishigami_is_computed_from_its_inputs(api: "Api") -> None:
    run(api, 11, ishigami__Ishigami__x1=0.5, ishigami__Ishigami__x2=1.5, ishigami__Ishigami__x3=-2.0)
    expected = math.sin(0.5) + 7 * math.sin(1.5) ** 2 + 0.1 * 16 * math.sin(0.5)
    assert output(api, 11, "ishigami.Ishigami.y") == expected


def test_g_function_is_computed_from_its_inputs(api: "Api") -> None:
    """A factor is 1 at 0.25, and (a + 2) / (a + 1) at 1."""
    assert output(api, 12, "g_function.G.y") == pytest.approx(1.0)
    run(api, 12, g_function__G__x1=1.0, g_function__G__x3=0.0)
    assert output(api, 12, "g_function.G.y") == pytest.approx(2.0 * 6.5 / 5.5)


def test_a_run_is_short(api: "Api") -> None:
    timings = [api.world.studies[number].model.timing for number in (11, 12)]
    assert all(timing.pending + timing.silent + timing.work <= 1.0 for timing in timings)
