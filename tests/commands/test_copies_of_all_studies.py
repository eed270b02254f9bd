"""Test a copy of every study of the stub: it equals its source and can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

WORLDS = ("demo", "realistic", "recorded", "witness")
# Studies of another's and those that the server cannot load: nothing can be read that could be copied.
CLOSED = {"hidden", "stuck", "broken", "wrapped"}
# What the quick tests copy: a loop, a design of experiments, a name with a dot, all types.
QUICK = {("demo", "sellar"), ("demo", "dice.v2"), ("demo", "types"), ("demo", "hidden")}


def studies() -> list[object]:
    """Return each study of each world. Most are left to the slow tests."""
    return [
        pytest.param(
            world, number, id=f"{world}-{study.name}", marks=[pytest.mark.slow] * ((world, study.name) not in QUICK)
        )
        for world in WORLDS
        for number, study in sorted(build_world(world, speed=100.0).studies.items())
    ]


@pytest.mark.parametrize(("world", "number"), studies())
def test_copy_equals_its_source_and_can_be_run(user_of: Callable[..., User], world: str, number: int) -> None:
    user = user_of("documented", world)
    source = str(number)
    if user.world.studies[number].name in CLOSED:
        before = set(user.world.studies)
        assert user.types("study", "copy", source, "second").code in {4, 7, 124}
        assert set(user.world.studies) == before
        return
    endless = user.world.studies[number].model.timing.endless
    ran = user.types("calc", "run", source).code if not endless else None
    done = user.types("study", "copy", source, "second")
    assert done.code == 0, done.err
    copied = done.out.strip()
    assert user.types("study", "diff", source, copied, "--exit-code").code == 0
    if not endless:
        assert user.types("calc", "run", copied).code == ran
