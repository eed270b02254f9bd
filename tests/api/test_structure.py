"""Test the structure of a study in its read-only file."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structures import interface_diagram, node, read_only_file, recorded, sellar_couplings, structure

from sostrades_cli.api.structure import Coupling, StudyStructure
from sostrades_cli.errors import SostradesError, UnusableAnswer
from sostrades_cli.operations.structure.couplings import agreed_couplings
from sostrades_cli.operations.structure.graph import coupling_graph

KEYS = ["name", "children", "id", "from", "to", "namespace", "parent", "identifier", "node_type", "label"]
CHAIN = [("A", "B", "x"), ("B", "C", "B.y"), ("A", "C", "x")]


def test_recorded_sellar_has_exactly_four_couplings_in_both_sources() -> None:
    sellar = StudyStructure.from_api(recorded())
    assert set(sellar.from_diagram or ()) == sellar.from_interfaces() == sellar_couplings()
    assert len(sellar.from_diagram or ()) == 4


def test_recorded_sellar_has_its_tree_and_its_steps() -> None:
    sellar = StudyStructure.from_api(recorded())
    below = "sellar.SellarCoupling"
    assert [(item.path, item.parent, item.type, item.classes) for item in sellar.nodes] == [
        ("sellar", None, "data", ()),
        (below, "sellar", "ProxyCoupling", ()),
        (f"{below}.Sellar_Problem", below, "ProxyDiscipline", ("SellarProblem",)),
        (f"{below}.Sellar_2", below, "ProxyDiscipline", ("Sellar2",)),
        (f"{below}.Sellar_1", below, "ProxyDiscipline", ("Sellar1",)),
    ]
    assert [(step.kind, step.node, step.group) for step in sellar.steps] == [
        ("loop", None, None),
        ("discipline", f"{below}.Sellar_2", 0),
        ("discipline", f"{below}.Sellar_1", 0),
        ("discipline", f"{below}.Sellar_Problem", None),
    ]
    problem = sellar.nodes[2]
    assert [name.rpartition(".")[2] for name in problem.outputs] == ["c_1", "c_2", "obj"]
    assert f"{below}.Sellar_Problem.local_dv" in problem.inputs
    # `Data` lists what is stored at a node, which is no use of it.
    assert sellar.nodes[1].inputs == ()


def test_output_that_its_own_discipline_reads_is_not_a_coupling() -> None:
    """118 false couplings of WITNESS would be such."""
    document = read_only_file(CHAIN)
    document["treenode"]["children"][0] = node("own", "A", ["x"], ["x"])
    assert StudyStructure.from_api(document).nodes[1].inputs == ()
    assert StudyStructure.from_api(document).from_interfaces() == structure(CHAIN).from_interfaces()


def test_diagram_and_disciplines_have_the_same_couplings() -> None:
    chain = structure(CHAIN)
    assert (
        set(chain.from_diagram or ())
        == chain.from_interfaces()
        == {Coupling(*(f"own.{n}" for n in edge)) for edge in CHAIN}
    )


def test_diagram_removes_only_the_first_part_of_a_study_name_with_dots() -> None:
    document = read_only_file(CHAIN, name="dice.v2")
    document["n2_diagram"]["interface_diagram"] = interface_diagram(
        [tuple(f"v2.{name}" for name in edge) for edge in CHAIN]  # type: ignore[misc]
    )
    dotted = StudyStructure.from_api(document)
    assert set(dotted.from_diagram or ()) == dotted.from_interfaces()


@pytest.mark.parametrize("diagram", [None, {}, {"links": []}, {"links": None, "discipline_nodes": []}, []])
def test_missing_diagram_differs_from_an_empty_one(diagram: Any) -> None:
    document = read_only_file([])
    assert StudyStructure.from_api(document).from_diagram == ()
    document["n2_diagram"]["interface_diagram"] = diagram
    assert StudyStructure.from_api(document).from_diagram is None


def test_restricted_view_has_couplings_without_parameters() -> None:
    document = read_only_file(CHAIN)
    for child in document["treenode"]["children"]:
        child["data_management_disciplines"] = {}
    restricted = StudyStructure.from_api(document)
    assert (restricted.has_parameters, restricted.from_interfaces()) == (False, set())
    assert set(restricted.from_diagram or ()) == structure(CHAIN).from_interfaces()


def _unknown_end(document: Any) -> None:
    document["n2_diagram"]["interface_diagram"]["links"].append({"from": "x", "to": "Nobody.Class"})


def _no_producer(document: Any) -> None:
    links = document["n2_diagram"]["interface_diagram"]["links"]
    links[:] = [link for link in links if link["to"] != "x"]


def _same_names(document: Any) -> None:
    document["n2_diagram"]["interface_diagram"]["parameter_nodes"].append({"id": "A.Class"})


def _no_tree(document: Any) -> None:
    document["treenode"] = []


def _twice(document: Any) -> None:
    document["treenode"]["children"] *= 2


def _no_name(document: Any) -> None:
    document["treenode"]["name"] = document["treenode"]["full_namespace"] = ""


def _no_object(document: Any) -> None:
    document["treenode"]["children"].append("A")


def _unknown_step(document: Any) -> None:
    document["n2_diagram"]["execution_sequence"] = {"nodes_list": [{"id": "a", "parent": None, "children": ["b"]}]}


def _own_member(document: Any) -> None:
    steps = [{"id": "a", "parent": None, "children": ["b"]}, {"id": "b", "parent": "a", "children": ["b"]}]
    document["n2_diagram"]["execution_sequence"] = {"nodes_list": steps}


@pytest.mark.parametrize(
    "damage",
    [
        _unknown_end,
        _no_producer,
        _same_names,
        _no_tree,
        _twice,
        _no_name,
        _no_object,
        _unknown_step,
        _own_member,
    ],
)
def test_contradictory_file_is_unusable(damage: Any) -> None:
    """A wrong coupling would be worse than none."""
    document = read_only_file(CHAIN)
    damage(document)
    with pytest.raises(UnusableAnswer):
        StudyStructure.from_api(document)


def test_cached_structure_equals_the_original() -> None:
    for item in (StudyStructure.from_api(recorded()), structure(CHAIN)):
        assert StudyStructure.from_json(json.loads(json.dumps(item.to_json()))) == item


@pytest.mark.parametrize("damaged", [{}, {"name": "a", "nodes": [1], "drawn": None, "steps": []}, {"nodes": [[]]}])
def test_damaged_cache_has_no_structure(damaged: Any) -> None:
    assert StudyStructure.from_json(damaged) is None


def test_deep_tree_is_read_without_recursion() -> None:
    document = read_only_file([])
    deepest = document["treenode"]
    for depth in range(2_000):
        child = {"name": f"n{depth}", "node_type": "data", "children": []}
        deepest["children"] = [child]
        deepest = child
    assert len(StudyStructure.from_api(document).nodes) == 2_001


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.sampled_from(["", "A", "x", "own", "A.Class", "a -> b"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=8,
)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_damaged_file_is_read_or_unusable(data: st.DataObject) -> None:
    """Any part may be of any shape."""
    document = recorded()
    for _ in range(data.draw(st.integers(1, 3))):
        part: Any = document
        while isinstance(part, dict | list) and part:
            key = data.draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
            if not isinstance(part[key], dict | list) or not part[key] or data.draw(st.integers(0, 3)) == 0:
                part[key] = data.draw(ANYTHING)
                break
            part = part[key]
    with contextlib.suppress(UnusableAnswer):
        structure = StudyStructure.from_api(document)
        assert StudyStructure.from_json(json.loads(json.dumps(structure.to_json()))) == structure
        with contextlib.suppress(SostradesError):
            coupling_graph(agreed_couplings(1, structure))
