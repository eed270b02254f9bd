"""Test which values are marked as outputs of an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault
from sostrades_cli.api.models import Parameter
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.operations.param.download_keys import open_one
from sostrades_cli.operations.param.outputs import is_output, note_outdated, outputs_of, status_before_read
from sostrades_cli.operations.param.read import read_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context

GAMMA, DAMAGE, OTHER = "dice.Macro.gamma", "dice.Damage.total_damage", "dice.Damage.other"
KNOWN = {GAMMA: CachedParameter("float", io_type="in"), DAMAGE: CachedParameter("float", io_type="out")}


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context]) -> Context:
    made = server_of(user)._replace(warn=user.noted.append)
    made.cache.store(21, KNOWN)
    return made


def change(user: User) -> None:
    user.world.studies[21].update({GAMMA: 0.7})


def start(user: User) -> None:
    user.world.studies[21].execute()


def end_badly(user: User) -> None:
    user.world.studies[21].label = "FAILED"


@pytest.mark.parametrize(
    ("act", "names", "outdated"),
    [
        (None, [DAMAGE, OTHER], []),
        (change, [GAMMA], []),
        (change, [GAMMA, DAMAGE], [DAMAGE]),
        (start, [DAMAGE], [DAMAGE]),
        (end_badly, [DAMAGE], [DAMAGE]),
        # It may be an output of a run that this computer does not know.
        (change, [OTHER], [OTHER]),
    ],
)
def test_outputs_are_outdated_unless_the_last_run_is_finished(
    user: User, context: Context, act: Callable[[User], None] | None, names: list[str], outdated: list[str]
) -> None:
    if act is not None:
        act(user)
    assert note_outdated(context, 21, names) == frozenset(outdated)
    assert len(user.noted) == bool(outdated)


def read(context: Context, key: str) -> None:
    """Read a value."""
    read_values(context, 21, [key])


def download(context: Context, key: str) -> None:
    """Download a file."""
    with open_one(context, 21, key) as chunks:
        b"".join(chunks)


@pytest.mark.parametrize("act", [read, download])
@pytest.mark.parametrize("key", [DAMAGE, "total_damage"])
def test_end_of_a_run_does_not_make_earlier_values_current(
    user: User, context: Context, act: Callable[[Context, str], None], key: str
) -> None:
    """The value may have been read before that end."""
    start(user)
    user.world.faults.arm(Fault("slow", path="parameter/download$", seconds=25.0))
    act(context, key)
    user.world.studies[21].settle()
    assert (user.world.studies[21].status, len(user.noted)) == ("FINISHED", 1)
    assert sum("/calculation/status/" in request for request in user.requests) == 1


@pytest.mark.parametrize(
    ("keys", "shown", "is_read"),
    [
        ([GAMMA], (), False),
        (["gamma", "total_damage"], (), True),
        ([DAMAGE], [DAMAGE], False),
        # The load wins.
        (["total_damage"], ["dice.Macro.total_damage"], False),
        (["other"], (), False),
    ],
)
def test_status_is_read_before_known_outputs_only(
    user: User, context: Context, keys: list[str], shown: list[str], is_read: bool
) -> None:
    assert (status_before_read(context, 21, keys, shown) is not None) is is_read
    assert len(user.requests) == is_read


def test_ambiguous_key_is_left_to_the_read(user: User, context: Context) -> None:
    """It reports all wrong keys together."""
    context.cache.store(21, {f"dice.{node}.x": KNOWN[DAMAGE] for node in ("A", "B")})
    assert (status_before_read(context, 21, ["x"]), user.requests) == (None, [])


@pytest.mark.parametrize("act", [read, download])
def test_short_key_of_an_earlier_output_is_marked(
    user: User, context: Context, act: Callable[[Context, str], None]
) -> None:
    change(user)
    act(context, "gamma")
    assert user.noted == []
    act(context, "total_damage")
    assert len(user.noted) == 1


def test_value_of_a_load_is_current(user: User, context: Context) -> None:
    context.cache.store(21, {GAMMA: CachedParameter("float", io_type="out")})
    change(user)
    read(context, GAMMA)
    assert user.noted == []


def test_entry_of_an_earlier_output_is_marked(user: User, context: Context) -> None:
    study = user.world.studies[21]
    context.cache.store(21, {"dice.Damage.message": CachedParameter("dict", io_type="out")})
    change(user)
    study.values["Damage.message"] = {"sun": 1.5}
    [value] = read_values(context, 21, ["Damage.message.sun"])
    assert (value.content, value.is_outdated) == (1.5, True)


def test_entry_of_an_input_is_not_marked(user: User, context: Context) -> None:
    change(user)
    [value] = read_values(context, 21, ["linear_solver_MDA_options.max_iter"])
    assert (value.is_outdated, user.noted) == (False, [])


def test_output_without_a_value_is_not_marked(user: User, context: Context) -> None:
    change(user)
    user.world.studies[21].values["Damage.total_damage"] = None
    [value] = read_values(context, 21, [DAMAGE])
    assert (value.error is not None, value.is_outdated, user.noted) == (True, False, [])


def test_no_name_is_outdated_without_any_known_name(user: User, context: Context) -> None:
    context.cache.store(22, {})
    assert note_outdated(context, 22, [OTHER]) == frozenset()
    assert user.requests == []


@pytest.mark.parametrize(
    ("known", "computed"),
    [
        (CachedParameter("float", io_type="out"), True),
        (CachedParameter("float", io_type="in"), False),
        (CachedParameter("float", io_type="in", coupling=True), True),
        (CachedParameter("float", io_type="in", coupling=True, optional=True), False),
        (CachedParameter("float"), False),
    ],
)
def test_start_value_is_no_output(known: CachedParameter, computed: bool) -> None:
    assert is_output(known) is computed


def test_outputs_of_the_read_only_file_are_current(user: User, context: Context) -> None:
    read_only = {name: Parameter(name, "float", None, "x", 1.0, io_type="out") for name in (DAMAGE, OTHER)}
    outputs = outputs_of(context, 21, read_only, [OTHER])
    assert (list(outputs.parameters), outputs.are_outdated, user.requests) == ([DAMAGE], False, [])


@pytest.mark.parametrize(("act", "are_outdated"), [(None, False), (change, True)])
def test_outputs_of_the_cache_are_outdated_after_a_change(
    user: User, context: Context, act: Callable[[User], None] | None, are_outdated: bool
) -> None:
    """The same value keeps the run FINISHED, but deletes the read-only file."""
    if act is not None:
        act(user)
    outputs = outputs_of(context, 21, {}, [])
    assert (list(outputs.parameters), outputs.are_outdated) == ([DAMAGE], are_outdated)
    assert outputs_of(context, 21, {}, [DAMAGE]).are_outdated is False
