"""Test the read-only file of a finished study, with recorded files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sostrades_cli.api.models import parameters_from_api
from sostrades_cli.api.read_only import ReadOnlyStudy
from sostrades_cli.errors import UnusableAnswer
from sostrades_cli.operations.param.outputs import is_output

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
LINES = [
    line
    for name in ("exchanges.jsonl", "exchanges-2.jsonl")
    for line in (RECORDINGS / name).read_text(encoding="utf-8").splitlines()
]


def recorded(name: str) -> Any:
    """Return the JSON of a recorded answer, the first of that name."""
    exchange = next(item for item in map(json.loads, LINES) if item["name"] == name)
    return json.loads(exchange["response"]["body"])


def test_outputs_named_only_by_disciplines_are_found() -> None:
    """A start value stays an input."""
    study = ReadOnlyStudy.from_api(recorded("f4-pair-ro"))
    assert study.name == "pair"
    outputs = {name for name, item in study.parameters.items() if is_output(item)}
    assert outputs == {f"pair.SellarCoupling.{name}" for name in ("c_1", "obj")}
    assert study.parameters["pair.SellarCoupling.obj"].type == "array"
    start = study.parameters["pair.SellarCoupling.y_1"]
    assert (start.io_type, start.coupling, start.optional) == ("in", True, True)


def test_stored_inputs_equal_those_of_a_load() -> None:
    study, loaded = ReadOnlyStudy.from_api(recorded("f4-pair-ro")), recorded("f7-pair-load-whole")
    assert study.as_loaded().keys() == {"pair.SellarCoupling.x", "pair.SellarCoupling.y_1"}
    assert study.as_loaded().keys() <= loaded.keys()


def test_restricted_viewer_gets_only_the_name() -> None:
    study = ReadOnlyStudy.from_api(recorded("f14-pair-ro-viewer"))
    assert (study.name, study.parameters) == ("pair", {})


@pytest.mark.parametrize("producer_first", [True, False])
def test_two_uses_of_an_output_are_merged(*, producer_first: bool) -> None:
    user = {"a.N.y": {"type": "float", "unit": "kg", "io_type": "in", "coupling": True, "optional": False}}
    producer = {"a.N.y": {"type": "float", "io_type": "out", "coupling": True}}
    order = (producer, user) if producer_first else (user, producer)
    tree = {"name": "a", "data": {}, "children": [{"name": "N", "disc_data": used} for used in order]}
    [item] = ReadOnlyStudy.from_api({"treenode": tree}).parameters.values()
    assert (item.unit, item.io_type, item.coupling) == ("kg", "out", True)


def test_recorded_file_has_inputs_and_outputs() -> None:
    study = ReadOnlyStudy.from_api(recorded("ro-done"))
    loaded = parameters_from_api(recorded("rich-load-done"))
    assert study.name == "rich"
    directions = {p.var_name: p.io_type for p in study.parameters.values()}
    assert directions["f"] == "in"
    assert directions["y"] == "out"
    assert any(p.numerical for p in study.parameters.values())
    common = set(loaded) & set(study.parameters)
    assert "rich.Rich.f" in common
    assert {n: loaded[n].type for n in common} == {n: study.parameters[n].type for n in common}


def test_nodes_are_read_in_order() -> None:
    """The first occurrence of a parameter counts."""

    def entry(value: float) -> dict[str, Any]:
        return {"type": "float", "value": value, "io_type": "in", "coupling": False}

    tree = {
        "name": "a",
        "data": {"a.x": entry(1)},
        "children": [
            {"name": "b", "data": {"a.b.x": entry(2)}, "children": [{"data": {"a.b.c.x": entry(3)}}]},
            {"name": "d", "data": {"a.d.x": entry(4), "a.x": entry(9)}, "children": []},
        ],
    }
    study = ReadOnlyStudy.from_api({"treenode": tree})
    values = {name: p.value for name, p in study.parameters.items()}
    assert values == {"a.x": 1, "a.b.x": 2, "a.b.c.x": 3, "a.d.x": 4}
    assert list(values) == ["a.x", "a.b.x", "a.b.c.x", "a.d.x"]


def test_deep_tree_is_read() -> None:
    tree: dict[str, Any] = {"data": {"deep.x": {"type": "float"}}}
    for _ in range(20_000):
        tree = {"children": [tree]}
    assert list(ReadOnlyStudy.from_api({"treenode": tree}).parameters) == ["deep.x"]
    while tree.get("children"):  # taken apart from the top, so that Python need not do it in depth
        [tree] = tree.pop("children")


def test_empty_nodes_have_no_parameters() -> None:
    """A restricted viewer gets them."""
    tree = {"name": "rich", "data": {}, "children": [{"name": "Rich", "data": {}, "children": []}]}
    study = ReadOnlyStudy.from_api({"treenode": tree})
    assert (study.name, study.parameters) == ("rich", {})


@pytest.mark.parametrize("payload", [{}, {"treenode": None}, {"treenode": []}, {"treenode": "x"}])
def test_file_without_a_tree_is_an_invalid_answer(payload: dict[str, Any]) -> None:
    with pytest.raises(UnusableAnswer):
        ReadOnlyStudy.from_api(payload)


@pytest.mark.parametrize("data", [{"a.x": None}, {"a.x": {"value": 1}}])
def test_invalid_entry_in_the_tree_is_an_invalid_answer(data: dict[str, Any]) -> None:
    with pytest.raises(UnusableAnswer, match=r"a\.x"):
        ReadOnlyStudy.from_api({"treenode": {"children": [{"data": data}]}})


@pytest.mark.parametrize("node", [None, 1, "x", [], {"data": None}, {"data": [1]}, {"children": "x"}])
def test_empty_node_does_not_hide_others(node: Any) -> None:
    tree = {"children": [node, {"data": {"a.x": {"type": "float"}}}]}
    assert list(ReadOnlyStudy.from_api({"treenode": tree}).parameters) == ["a.x"]


def test_usages_of_a_parameter_begin_with_that_of_its_producer() -> None:
    """Each discipline has its own name for a parameter in the ontology."""
    stored = {"a.N.y": {"type": "float", "io_type": "in", "variable_key": "models.user_input_y"}}
    reader = {"a.N.y": {"type": "float", "io_type": "in", "variable_key": "models.user_input_y"}}
    writer = {"a.N.y": {"type": "float", "io_type": "out", "variable_key": "models.maker_output_y"}}
    odd = {"a.N.y": {"type": "float", "io_type": "in", "variable_key": 3}, "a.x": {"type": "float"}}
    children = [{"name": name, "disc_data": used} for name, used in (("R", reader), ("W", writer), ("O", odd))]
    tree = {"name": "a", "data": stored, "children": children}
    usages = ReadOnlyStudy.from_api({"treenode": tree}).usages
    assert usages == {"a.N.y": ["models.maker_output_y", "models.user_input_y"]}
