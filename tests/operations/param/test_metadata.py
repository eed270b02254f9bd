"""Test the metadata of parameters: what can be set, entries of dicts, and the present value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, STUDY, FakeStudy

from sostrades_cli.api.models import TABLE, Parameter
from sostrades_cli.errors import NotFound, Unreachable, UsageError
from sostrades_cli.local.cache import CachedParameter
from sostrades_cli.local.journal import DONE, IN_DOUBT, Journal, RecordedValue
from sostrades_cli.operations.param.metadata import (
    Inputs,
    ParameterInfo,
    Target,
    declare,
    exists,
    present_value,
    why_not_settable,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context

A, B, DICT, GONE = "dice.Macro.a", "dice.Macro.b", "dice.Macro.dict", "dice.Macro.gone"
INNER = "dice.Macro.dict.k"


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0, DICT: {"k": {"l": 1.0}}})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


def found(context: Context, key: str) -> Target:
    """Return the input that a key stands for."""
    return Inputs(context, STUDY).find(key)


def cached(**fields: Any) -> CachedParameter:
    return CachedParameter("float", "-", **fields)


@pytest.mark.parametrize(
    ("name", "parameter", "can_be_set"),
    [
        (A, None, True),
        (A, cached(), True),
        (A, cached(io_type="in"), True),
        (A, cached(io_type="out"), False),
        (A, cached(io_type="in", coupling=True), False),
        (A, cached(io_type="in", coupling=True, optional=True), True),
        (A, cached(io_type="in", coupling=False), True),
        ("dice.residuals_history", None, False),
        ("residuals_history", cached(io_type="in"), False),
        ("dice.residuals_history.a", None, True),
    ],
)
def test_only_inputs_and_start_values_can_be_set(
    name: str, parameter: CachedParameter | None, can_be_set: bool
) -> None:
    """An output and a computed coupling variable are replaced by the next run."""
    assert (why_not_settable(name, parameter) is None) is can_be_set


@pytest.mark.parametrize(
    ("parameter", "has_limits", "is_start_value"),
    [
        (None, False, False),
        (cached(), False, False),
        (cached(range=(0.0, 0.0)), True, False),
        (cached(possible_values=("a",)), True, False),
        (cached(possible_values=()), False, False),
        (cached(coupling=True), False, False),
        (cached(coupling=True, optional=True), False, True),
        (cached(optional=True), False, False),
    ],
)
def test_limits_and_start_values(parameter: CachedParameter | None, has_limits: bool, is_start_value: bool) -> None:
    info = ParameterInfo(A, "float", None, None, None, parameter)
    assert (info.has_limits, info.is_start_value) == (has_limits, is_start_value)


@pytest.mark.parametrize(
    ("kind", "content", "holds_tables"),
    [
        (None, None, False),
        (None, b"value\n1.0\n", False),
        (None, b"variable,value\nk,1.0\n", False),
        (None, b"variable,a,b\nk,1,2\n", True),
        ("dict", b"variable,a,b\nk,1,2\n", True),
        ("dict", b"variable,value\nk,1.0\n", False),
        ("dict_list", b"variable,a,b\n0,1,2\n", False),
    ],
)
def test_dict_of_tables_is_known_by_its_download(kind: str | None, content: bytes | None, holds_tables: bool) -> None:
    """A list of objects has the same columns."""
    assert ParameterInfo(DICT, kind, None, None, content).holds_tables is holds_tables


# Keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name", "entry"),
    [
        (A, A, ""),
        ("a", A, ""),
        ("Macro.a", A, ""),
        ("MACRO.A", A, ""),
        (DICT, DICT, ""),
        (f"{DICT}.k", DICT, "k"),
        (f"{DICT}.k.l", DICT, "k.l"),
        ("dict.k", DICT, "k"),
        ("DICT.k.l", DICT, "k.l"),
        (f"{A}.k", None, ""),
        ("nothing", None, ""),
        ("nothing.k", None, ""),
    ],
)
@pytest.mark.parametrize("others", [(), (B,)])
def test_key_stands_for_a_parameter_or_an_entry_of_a_dict(
    context: Context, key: str, name: str | None, entry: str, others: tuple[str, ...]
) -> None:
    """Only a dict has entries."""
    inputs = Inputs(context, STUDY)
    assert inputs.shown is not None
    for other in others:
        inputs.find(other)
    if name is None:
        with pytest.raises(NotFound):
            inputs.find(key)
    else:
        target = inputs.find(key)
        assert (target.info.name, target.entry) == (name, entry)


def test_parameter_wins_over_an_entry(study: FakeStudy, context: Context) -> None:
    study.values[INNER], study.types[INNER] = 5.0, "float"
    target = found(context, INNER)
    assert (target.info.name, target.entry) == (INNER, "")


def test_longest_dict_has_the_entry(study: FakeStudy, context: Context) -> None:
    study.values[INNER], study.types[INNER] = {"l": 5.0}, "dict"
    target = found(context, f"{INNER}.l")
    assert (target.info.name, target.entry) == (INNER, "l")


def test_entry_is_not_a_parameter(context: Context) -> None:
    assert [info.name for info in declare(context, STUDY, [A, "dict"])[0]] == [A, DICT]
    with pytest.raises(UsageError):
        declare(context, STUDY, [A, f"{DICT}.k"])


@pytest.mark.parametrize("io_type", ["in", "out", None])
def test_parameter_that_the_load_does_not_show(study: FakeStudy, context: Context, io_type: str | None) -> None:
    """Read-only mode may have more inputs than the load. Without it, the direction is unknown."""
    study.tables[GONE], study.types[GONE] = b"value\n1.0\n", "float"
    study.unloaded = {GONE}
    if io_type is not None:
        context.cache.store(STUDY, {GONE: cached(io_type=io_type, coupling=False)})
    if io_type == "in":
        target = found(context, GONE)
        assert (target.info.parameter, target.info.content) == (None, b"value\n1.0\n")
    else:
        with pytest.raises(UsageError):
            found(context, GONE)


def test_output_is_an_error_although_the_load_shows_it(context: Context) -> None:
    context.cache.store(STUDY, {A: cached(io_type="out", coupling=False)})
    with pytest.raises(UsageError):
        found(context, A)


@pytest.mark.parametrize("key", [A, "MACRO.A"])
def test_output_is_an_error_on_a_server_that_cannot_load(study: FakeStudy, context: Context, key: str) -> None:
    context.cache.store(STUDY, {A: cached(io_type="out", coupling=False)})
    study.loads = False
    inputs = Inputs(context, STUDY)
    assert inputs.shown is None
    with pytest.raises(UsageError):
        inputs.find(key)


def test_server_without_an_answer_is_not_a_server_that_cannot_load(study: FakeStudy, context: Context) -> None:
    study.fail_reads(Unreachable("no connection"))
    with pytest.raises(Unreachable):
        found(context, A)


@pytest.mark.parametrize(
    ("value", "is_hidden", "content", "empty"),
    [(5.0, False, b"value\n5.0\n", False), (None, False, None, True), (5.0, True, None, False)],
)
def test_parameter_without_a_load_is_known_by_its_download(
    study: FakeStudy, context: Context, value: float | None, is_hidden: bool, content: bytes | None, empty: bool
) -> None:
    study.loads, study.values[A] = False, value
    study.hidden = {A} if is_hidden else set()
    target = found(context, A)
    assert (target.info.type, target.info.content, target.info.empty) == (None, content, empty)
    assert len(study.notes) == 1  # the type is unknown


@pytest.mark.parametrize(
    ("key", "name"), [("a", None), ("MACRO.A", A), (f"{A}.k", None), (f"{DICT}.k", DICT), ("dice.Macro.A", A)]
)
def test_key_on_a_server_that_cannot_load(study: FakeStudy, context: Context, key: str, name: str | None) -> None:
    """The cache resolves short keys, and the server decides about full ones."""
    study.loads = False
    if name is not None:
        context.cache.store(STUDY, {A: cached(), DICT: CachedParameter("dict", "-")})
    if name is None:
        with pytest.raises(NotFound):
            found(context, key)
    else:
        assert found(context, key).info.name == name


def test_names_that_differ_in_case_are_two_parameters(study: FakeStudy, context: Context) -> None:
    """The cache may know one of them only."""
    study.loads, study.values["dice.Macro.A"] = False, 5.0
    context.cache.store(STUDY, {A: cached()})
    target = found(context, "dice.Macro.A")
    assert target.info.name == "dice.Macro.A"


@pytest.mark.parametrize(("name", "is_there"), [(A, True), ("dice.empty", True), ("dice.hidden", True), (GONE, False)])
def test_parameter_without_a_download_exists(study: FakeStudy, context: Context, name: str, is_there: bool) -> None:
    study.values |= {"dice.empty": None, "dice.hidden": 1.0}
    study.hidden = {"dice.hidden"}
    assert exists(context, STUDY, name) is is_there


# The present value ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "empty", "new", "value"),
    [
        ("float", None, True, 1.0, None),
        ("float", None, False, 1.0, TABLE),
        ("float", b"value\n1.5\n", False, 1.0, 1.5),
        ("float", b"value\nnan\n", False, 1.0, None),
        ("string", b"value\nnan\n", False, "x", "nan"),
        ("string", b"value\n1.5\n", False, "x", "1.5"),
        (None, b"value\n1.5\n", False, 1.0, 1.5),
        (None, b"value\n1.0\n2.0\n", False, [3.0], [1.0, 2.0]),
        (None, b"variable,value\nk,1.0\n", False, {"k": 2.0}, {"k": 1.0}),
        ("dict", b"variable,value\nk,1.0\n", False, 1.0, {"k": 1.0}),
        (None, b"years,people\n2020,1.5\n", False, 1.0, TABLE),
    ],
)
def test_present_value_of_a_download(
    tmp_path: Path, kind: str | None, content: bytes | None, empty: bool, new: Any, value: Any
) -> None:
    """A download is read like the new value if the type is unknown."""
    info = ParameterInfo(A, kind, None, None, content, None, empty)
    assert present_value(info, new, Journal(tmp_path, HOST, STUDY)) == value


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (Parameter(A, "float", None, "a", 1.5), 1.5),
        (Parameter(DICT, "df_dict", None, "dict", "anything"), TABLE),
        (Parameter(DICT, "dict", None, "dict", {"k": TABLE}), TABLE),
        (Parameter(DICT, "dict", None, "dict", {"k": 1.0}), {"k": 1.0}),
    ],
)
def test_present_value_of_a_load(tmp_path: Path, parameter: Parameter, value: Any) -> None:
    info = ParameterInfo(parameter.name, parameter.type, None, parameter, None)
    assert present_value(info, 2.0, Journal(tmp_path, HOST, STUDY)) == value


@pytest.mark.parametrize(
    ("kind", "new", "outcome", "content", "value"),
    [
        (None, "1", DONE, b"value\n1\n", "1"),
        (None, "1", IN_DOUBT, b"value\n1\n", 1),
        (None, "1", DONE, b"value\n2\n", 2),
        (None, None, DONE, b"value\n1\n", 1),
        ("string", None, DONE, b"value\nnan\n", "nan"),
    ],
)
def test_last_value_from_here_is_the_present_one_if_the_download_shows_it(
    tmp_path: Path, kind: str | None, new: Any, outcome: str, content: bytes, value: Any
) -> None:
    """A download shows neither every digit nor whether a number is a text."""
    journal = Journal(tmp_path, HOST, STUDY)
    journal.end(journal.begin("set", [RecordedValue(A, kind, None, 0, new)], [], "now"), outcome)
    info = ParameterInfo(A, kind, None, None, content)
    shown = present_value(info, 5.0, journal)
    assert (type(shown), shown) == (type(value), value)
