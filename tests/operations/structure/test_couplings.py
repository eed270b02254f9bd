"""Test the check of couplings against the tree, and the graph of them."""

from __future__ import annotations

import networkx as nx
import pytest
from structures import read_only_file, recorded, structure

from sostrades_cli.api.structure import Coupling, StudyStructure
from sostrades_cli.errors import AmbiguousName, NotFound, PermissionDenied
from sostrades_cli.operations.structure.couplings import agreed_couplings
from sostrades_cli.operations.structure.graph import coupling_graph, discipline_graph
from sostrades_cli.operations.structure.node_lookup import find_node

EDGES = [
    ("Last", "End", "z"),
    ("A", "B", "x"),
    ("B", "A", "y"),
    ("B", "Last", "y"),
    ("A", "B", "w"),
    ("Group.C", "Group.D", "v"),
]


def test_disputed_couplings_are_in_no_result_and_are_reported() -> None:
    missing, invented = ("A", "B", "x"), ("End", "A", "q")
    drawn = [edge for edge in EDGES if edge != missing] + [invented]
    result = agreed_couplings(1, structure(EDGES, drawn=drawn))
    assert set(result.disputed) == {Coupling(*(f"own.{name}" for name in edge)) for edge in (missing, invented)}
    assert not set(result.couplings) & set(result.disputed)
    assert len(result.couplings) == len(EDGES) - 1
    [note] = result.notes
    assert "A -> B: x (only in the tree)" in note
    assert "End -> A: q (only in the diagram)" in note
    assert ("A", "B") in coupling_graph(result).edges
    assert coupling_graph(result).edges["A", "B"] == ("w",)


def test_agreeing_sources_have_no_note() -> None:
    assert agreed_couplings(1, structure(EDGES)).notes == ()
    assert agreed_couplings(1, StudyStructure.from_api(recorded())).notes == ()


@pytest.mark.parametrize(("has_diagram", "has_parameters"), [(True, False), (False, True)])
def test_single_source_is_used_and_reported(*, has_diagram: bool, has_parameters: bool) -> None:
    document = read_only_file(EDGES)
    if not has_diagram:
        del document["n2_diagram"]["interface_diagram"]
    if not has_parameters:
        for child in document["treenode"]["children"]:
            child["data_management_disciplines"] = {}
    result = agreed_couplings(1, StudyStructure.from_api(document))
    assert set(result.couplings) == structure(EDGES).from_interfaces()
    assert len(result.notes) == 1


def test_no_source_is_an_error() -> None:
    with pytest.raises(PermissionDenied):
        agreed_couplings(1, StudyStructure("own", structure([]).nodes, None, ()))


def test_only_loops_have_couplings_to_earlier_disciplines() -> None:
    graph = coupling_graph(agreed_couplings(1, structure(EDGES)))
    position = {name: number for number, name in enumerate(graph.disciplines)}
    backward = {edge for edge in graph.edges if position[edge[0]] > position[edge[1]]}
    assert backward == {("B", "A")}
    assert graph.loops == (("A", "B"),)
    assert list(graph.edges)[:2] == [("A", "B"), ("B", "A")]
    assert [graph.loop_of(edge) for edge in graph.edges] == [1, 1, None, None, None]
    assert graph.couplings == len(EDGES)


def test_recorded_sellar_has_one_loop() -> None:
    graph = coupling_graph(agreed_couplings(1, StudyStructure.from_api(recorded())))
    assert [set(loop) for loop in graph.loops] == [{"SellarCoupling.Sellar_1", "SellarCoupling.Sellar_2"}]
    assert graph.disciplines[-1] == "SellarCoupling.Sellar_Problem"


def test_level_folds_disciplines_and_leaves_out_inner_couplings() -> None:
    graph = coupling_graph(agreed_couplings(1, StudyStructure.from_api(recorded())), level=1)
    assert (graph.edges, graph.uncoupled) == ({}, ("SellarCoupling",))


def test_node_leaves_its_couplings_with_others() -> None:
    graph = coupling_graph(agreed_couplings(1, structure(EDGES)), node="last")
    assert set(graph.edges) == {("B", "Last"), ("Last", "End")}


def test_discipline_graph_has_every_discipline_and_parameter() -> None:
    couplings = agreed_couplings(1, structure(EDGES, uses={"Alone": "p"}))
    graph = discipline_graph(couplings)
    assert graph.edges["own.A", "own.B"]["parameters"] == ["own.w", "own.x"]
    assert graph.nodes["own.Alone"] == {"models": ["models.Alone"], "status": "DONE"}
    assert nx.shortest_path(graph, "own.A", "own.End") == ["own.A", "own.B", "own.Last", "own.End"]
    assert coupling_graph(couplings).uncoupled == ("Alone",)


@pytest.mark.parametrize("name", ["own.Last", "Last", "last", "OWN.LAST"])
def test_node_is_found_by_its_name(name: str) -> None:
    assert find_node(1, structure(EDGES), name).path == "own.Last"


def test_unknown_and_ambiguous_nodes_are_errors() -> None:
    nodes = structure([("G.A", "H.A", "x")])
    with pytest.raises(AmbiguousName):
        find_node(1, nodes, "A")
    with pytest.raises(NotFound) as caught:
        find_node(1, nodes, "G.B")
    assert "G.A" in str(caught.value.detail)
