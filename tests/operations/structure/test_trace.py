"""Test the ways between parameters."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st
from structures import node, read_only_file, structure

from sostrades_cli.api.structure import StudyStructure
from sostrades_cli.operations.structure.couplings import agreed_couplings
from sostrades_cli.operations.structure.trace import DOWN, UP, Dependencies, Unknown

NAMES = "ABCDEF"
EDGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda ends: ends[0] != ends[1]),
    unique=True,
    max_size=12,
)


def test_discipline_is_reached_by_its_shortest_way() -> None:
    """A feeds B and C, and B feeds C."""
    diamond = structure([("A", "B", "x"), ("A", "C", "x"), ("B", "C", "y")], uses={"A": "in"})
    down = Dependencies(agreed_couplings(1, diamond)).traced("own.in", DOWN, None)
    assert [(item.depth, item.discipline, item.neighbor) for item in down] == [
        (1, "A", None),
        (2, "B", "A"),
        (2, "C", "A"),
    ]
    assert down[2].through == ("x",)


def test_disputed_coupling_is_not_traced() -> None:
    edges = [("A", "B", "x"), ("B", "C", "y")]
    disputed = agreed_couplings(1, structure(edges, drawn=edges[1:], uses={"A": "in"}))
    dependencies = Dependencies(disputed)
    assert [item.discipline for item in dependencies.traced("own.in", DOWN, None)] == ["A"]
    assert [item.discipline for item in dependencies.traced("own.y", UP, None)] == ["B"]


def test_output_that_its_own_discipline_reads_does_not_change_itself() -> None:
    document = read_only_file([("A", "B", "x")])
    document["treenode"]["children"][0] = node("own", "A", ["x"], ["x", "w"])
    dependencies = Dependencies(agreed_couplings(1, StudyStructure.from_api(document)))
    assert [item.discipline for item in dependencies.traced("own.x", DOWN, None)] == ["B"]


@settings(max_examples=20, deadline=None)
@given(EDGES)
def test_ways_are_those_of_the_disciplines(ends: list[tuple[str, str]]) -> None:
    """Each discipline has an input and computes one parameter, which the disciplines after it read."""
    study = structure([(start, end, f"of_{start}") for start, end in ends], uses={name: f"to_{name}" for name in NAMES})
    dependencies = Dependencies(agreed_couplings(1, study))
    graph = nx.DiGraph(ends)
    graph.add_nodes_from(NAMES)
    for name in NAMES:
        depths = nx.single_source_shortest_path_length(graph, name)
        down = dependencies.traced(f"own.to_{name}", DOWN, None)
        assert {item.discipline: item.depth for item in down} == {end: depth + 1 for end, depth in depths.items()}
        if graph.out_degree(name):
            up = dependencies.traced(f"own.of_{name}", UP, None)
            assert {item.discipline for item in up} == nx.ancestors(graph, name) | {name}
            sources = {key for item in up for key in item.beyond if key.startswith("to_")}
            assert sources == {f"to_{item.discipline}" for item in up}


def with_driver(*below: str, kind: str = "ProxyMonoInstanceDriver", models: list[str] | None = None) -> Dependencies:
    """Return a chain A -> B -> C of which some disciplines are below a node D, which has an input and an output."""
    document = read_only_file([("A", "B", "x"), ("B", "C", "y")], uses={"A": "in"})
    driver = node("own", "D", ["how"], ["result"]) | {"node_type": kind, "models_full_path_list": models or []}
    nodes = document["treenode"]["children"]
    driver["children"] = [item for item in nodes if item["name"] in below]
    document["treenode"]["children"] = [*(item for item in nodes if item["name"] not in below), driver]
    for item in driver["children"]:
        item["full_namespace"] = f"own.D.{item['name']}"
    for item in document["n2_diagram"]["interface_diagram"]["discipline_nodes"]:
        item["namespace"] = f"D.{item['id'][0]}" if item["id"][0] in below else item["namespace"]
    return Dependencies(agreed_couplings(1, StudyStructure.from_api(document)))


def test_result_of_a_driver_is_not_known_to_be_independent() -> None:
    dependencies = with_driver("B", "C")
    unknown = dependencies.unknown("own.in", DOWN)
    assert (unknown.drivers, unknown.parameters) == (("D",), ("result",))
    assert dependencies.unknown("own.result", UP).parameters == ("in", "x", "y")


def test_driver_outside_the_trace_leaves_it_complete() -> None:
    """Nothing that A leads to is inside the driver, and the driver leads to nothing else."""
    dependencies = with_driver()
    assert dependencies.unknown("own.in", DOWN) == Unknown()
    assert dependencies.unknown("own.y", UP) == Unknown()


def test_driver_is_known_by_its_module_where_its_type_is_that_of_a_coupling() -> None:
    engine = "sostrades_core.execution_engine."
    models = [f"{engine}mono_instance_driver", f"{engine}proxy_coupling"]
    assert with_driver("C", kind="ProxyCoupling", models=models).unknown("own.in", DOWN).drivers == ("D",)
    assert with_driver("C", kind="ProxyCoupling", models=models[1:]).unknown("own.in", DOWN) == Unknown()


def test_disputed_coupling_may_be_on_the_way() -> None:
    edges = [("A", "B", "x"), ("B", "C", "y")]
    dependencies = Dependencies(agreed_couplings(1, structure(edges, drawn=edges[1:], uses={"A": "in"})))
    assert dependencies.unknown("own.in", DOWN).parameters == ("y",)
