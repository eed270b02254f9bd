"""Comparison of two snapshots."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.api.models import UNKNOWN
from sostrades_cli.files.digests import digest_of
from sostrades_cli.operations.study.snapshot.diff import compare
from sostrades_cli.operations.study.snapshot.model import Snapshot, SnapshotEntry
from sostrades_cli.operations.tables.equality import Tolerance, identical
from sostrades_cli.operations.tables.stored_table import StoredTable

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.study.snapshot.diff import Difference

quickly = settings(deadline=None, derandomize=True, max_examples=20)
texts = st.text(max_size=4)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


def snapshot_of(value: object, kind: str = "list", **fields: Any) -> Snapshot:
    """Return a snapshot with one parameter."""
    return Snapshot("dice", "here", {"x": SnapshotEntry("x", kind, "kg", value=value, **fields)})


def many(values: dict[str, object]) -> Snapshot:
    """Return a snapshot with several parameters."""
    return Snapshot("dice", "here", {key: SnapshotEntry(key, "list", value=value) for key, value in values.items()})


def sides_of(difference: Difference) -> dict[str, Any]:
    """Return the JSON values of both sides of a difference."""
    sides = {"a": difference.a, "b": difference.b}
    plain = {side: entry.plain if entry else None for side, entry in sides.items()}
    return {"key": difference.key, "type": difference.type, **plain}


def differences(a: Snapshot, b: Snapshot, tolerance: Tolerance | None = None) -> list[Difference]:
    """Return the differences, after a check that the reverse comparison has as many."""
    result = compare(a, b, tolerance or Tolerance()).differences
    assert len(compare(b, a, tolerance or Tolerance()).differences) == len(result)
    return result


def table(folder: Path, text: str) -> StoredTable:
    """Return a table with a text."""
    path = folder / f"{len(list(folder.iterdir()))}.csv"
    path.write_text(text)
    return StoredTable(path, digest_of(path))


@quickly
@given(anything)
def test_value_equals_its_copy(value: object) -> None:
    """Also nan."""
    assert differences(snapshot_of(value), snapshot_of(copy.deepcopy(value))) == []


@quickly
@given(anything, anything)
def test_values_differ_unless_identical(a: object, b: object) -> None:
    """Types count."""
    assert (differences(snapshot_of(a), snapshot_of(b)) == []) is identical(a, b)


@quickly
@given(anything, anything, st.floats(0, 1), st.floats(0, 1))
def test_tolerance_adds_no_differences(a: object, b: object, rtol: float, atol: float) -> None:
    close = differences(snapshot_of(a), snapshot_of(b), Tolerance(rtol, atol))
    assert not close or not identical(a, b)
    assert close or not isinstance(a, str) or a == b


@quickly
@given(st.dictionaries(texts, anything, max_size=4), st.dictionaries(texts, anything, max_size=4))
def test_every_parameter_is_compared_once(a: dict[str, object], b: dict[str, object]) -> None:
    """The differences are sorted by key."""
    result = compare(many(a), many(b))
    keys = [difference.key for difference in result.differences]
    assert result.compared == len(a.keys() | b.keys())
    assert keys == sorted(set(keys))
    assert set(keys) == {k for k in a.keys() | b.keys() if not (k in a and k in b and identical(a[k], b[k]))}


@pytest.mark.parametrize(
    ("a", "b", "kind", "same"),
    [
        (1, 1.0, "int", False),
        (1, 1.0, "float", True),
        (1, True, "float", False),
        (1, "1", "float", False),
        ([1, 2.0], [1.0, 2.0], "list", False),
        ({"a": 0}, {"a": False}, "dict", False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "dict", True),
        ([1, 2], [2, 1], "list", False),
        (None, None, "float", True),
        (math.nan, math.nan, "float", True),
        (math.inf, -math.inf, "float", False),
        (0.1 + 0.2, 0.3, "float", False),
        (10**400, 10**400 + 1, "int", False),
    ],
)
def test_types_count_except_for_floats(a: object, b: object, kind: str, same: bool) -> None:
    assert (differences(snapshot_of(a, kind), snapshot_of(b, kind)) == []) is same


@pytest.mark.parametrize(
    ("a", "b", "rtol", "atol", "same"),
    [
        (1.0, 1.25, 0.0, 0.25, True),
        (1.0, 1.25, 0.0, 0.24, False),
        (100.0, 101.0, 0.01, 0.0, True),
        (-100.0, 100.0, 0.5, 0.0, False),
        (0.0, 1e-9, 0.5, 0.0, False),
        ([1, [2.0]], [1.001, [1.999]], 0.01, 0.0, True),
        ({"a": 5}, {"a": 5.0}, 0.01, 0.0, True),
        (True, 1, 1.0, 1.0, False),
        (math.inf, 1e308, 0.9, 1e308, False),
        (math.nan, 0.0, 1.0, 1.0, False),
        (10**400, 10**400 + 1, 0.01, 0.0, True),
        (10**400, 1.5, 0.01, 0.0, False),
    ],
)
def test_close_numbers_are_the_same_within_a_tolerance(
    a: object, b: object, rtol: float, atol: float, same: bool
) -> None:
    assert (differences(snapshot_of(a), snapshot_of(b), Tolerance(rtol, atol)) == []) is same


@pytest.mark.parametrize(
    ("a", "b", "where"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [".a.b[1]"]),
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, [".a", ".b", ".c"]),
        ([1, 2], [1, 2, 3], [""]),
        ([[1], [2]], [[1], {"x": 2}], ["[1]"]),
        ({"a": None}, {}, [".a"]),
    ],
)
def test_nested_difference_has_its_path(a: object, b: object, where: list[str]) -> None:
    """Lists of different lengths differ as a whole."""
    [result] = differences(snapshot_of(a), snapshot_of(b))
    assert [part.where for part in result.parts] == where


def test_parameter_on_one_side_is_a_difference() -> None:
    a, b = many({"x": [1], "y": [2]}), many({"y": [2], "z": [3]})
    assert [(d.key, d.change) for d in compare(a, b).differences] == [("x", "only in A"), ("z", "only in B")]
    [first, _] = compare(a, b).differences
    assert {"key": "x", "type": "list", "a": [1], "b": None}.items() <= sides_of(first).items()


def test_parameter_without_a_value_equals_a_missing_one() -> None:
    assert differences(snapshot_of(UNKNOWN), Snapshot("dice", "there", {})) == []
    assert differences(snapshot_of(UNKNOWN), snapshot_of(UNKNOWN)) == []
    [result] = differences(snapshot_of(UNKNOWN), snapshot_of([]))
    assert (result.a, result.change) == (SnapshotEntry("x", "list", "kg"), "changed")


def test_unreadable_parameter_is_not_compared() -> None:
    result = compare(snapshot_of(UNKNOWN, reason="2-D"), snapshot_of([1]))
    assert (result.differences, result.compared, result.not_compared) == ([], 0, ["x"])


def test_download_is_compared_by_its_content() -> None:
    """In a list, a download has no difference between `1` and `1.0`."""
    shown = replace(snapshot_of([1, 2.5]).items["x"], content=b"value\n1\n2.5\n")
    stored = Snapshot("dice", "here", {"x": shown})
    assert differences(stored, snapshot_of([1.0, 2.5])) == []
    assert differences(stored, snapshot_of(["1", 2.5])) == []
    assert len(differences(stored, snapshot_of([1.0, 2.0]))) == 1
    assert differences(stored, snapshot_of([1.1, 2.5]), Tolerance(atol=0.2)) == []


@pytest.mark.parametrize(
    ("kind", "a", "b", "same"),
    [
        ("dataframe", "y,p\n1,2.0\n", "y,p\n1,2\n", True),
        ("dataframe", "y,p\n1,\n", "y,p\n1,None\n", True),
        ("dataframe", "y,p\n1,2\n3,4\n", "y,p\n3,4\n1,2\n", False),
        ("dataframe", "y,p\n1,2\n", "p,y\n2,1\n", False),
        ("dict", "variable,p\na,1\na,2\nb,3\n", "variable,p\nb,3\na,1\na,2\n", True),
        ("dict", "variable,p\na,1\na,2\n", "variable,p\na,2\na,1\n", False),
        ("array", "value\n1\n2\n", "other\n1.0\n2\n", True),
        ("array", "value\n1\n", "value\n1\n2\n", False),
    ],
)
def test_tables_are_compared_by_type(tmp_path: Path, kind: str, a: str, b: str, same: bool) -> None:
    """A dict of tables has no order of keys, an array no header."""
    result = differences(
        snapshot_of(UNKNOWN, kind, table=table(tmp_path, a)), snapshot_of(UNKNOWN, kind, table=table(tmp_path, b))
    )
    assert (result == []) is same
    if result:
        json.dumps(sides_of(result[0]), allow_nan=False)


def test_table_differs_from_a_value(tmp_path: Path) -> None:
    [result] = differences(
        snapshot_of(UNKNOWN, "dataframe", table=table(tmp_path, "a\n1\n")), snapshot_of([1], "dataframe")
    )
    assert (sides_of(result)["a"], sides_of(result)["b"]) == ("1 row", [1])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, {"a": [None]}])
def test_json_has_texts_for_nan_and_inf(value: object) -> None:
    [result] = differences(snapshot_of(value, "float"), snapshot_of("x", "float"))
    assert json.loads(json.dumps(sides_of(result), allow_nan=False))["b"] == "x"
