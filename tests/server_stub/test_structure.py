"""The structure of studies in the read-only file: the tree of nodes, and the diagrams of exchanges."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from replaying import RECORDINGS
from werkzeug.test import Client

from server_stub import create_app
from server_stub.clock import ManualClock
from server_stub.model import Parameter
from server_stub.structure.sequence import steps
from server_stub.worlds import build_world
from server_stub.worlds.by_hand import add_study
from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

Edge = tuple[str, str, str]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FIELDS = {
    "name",
    "node_type",
    "status",
    "full_namespace",
    "identifier",
    "maturity",
    "data",
    "disc_data",
    "model_name_full_path",
    "models_full_path_list",
    "data_management_disciplines",
    "children",
}
RECORDED = json.loads((RECORDINGS / "sellar-n2.json").read_text(encoding="utf-8"))
A_RUN = 60.0
# The matrix has no exchanges of the disciplines that a driver runs.
DRIVERS = {"ProxyMonoInstanceDriver"}


def read_only(api: "Api", study: int) -> Any:
    """Return the read-only file of a study."""
    answer = api.get(f"/study-case/{study}/read-only-mode")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def nodes(tree: Any) -> Iterator[Any]:
    """Yield a node of the tree and all nodes below it."""
    yield tree
    for child in tree["children"]:
        yield from nodes(child)


def numbered(value: Any) -> Any:
    """Replace each UUID by the number of its first occurrence."""
    numbers: dict[str, str] = {}
    return json.loads(UUID.sub(lambda match: numbers.setdefault(match[0], f"id {len(numbers)}"), json.dumps(value)))


def edges_of_tree(tree: Any) -> list[Edge]:
    """Read the exchanges from inputs and outputs of the disciplines, false ones of a discipline to itself included."""
    disciplines = [
        (label, entry)
        for node in nodes(tree)
        for label, entry in node["data_management_disciplines"].items()
        if label != "Data"
    ]
    producers = {name: label for label, entry in disciplines for name in entry["disciplinary_outputs"]}
    return [
        (producers[name], label, name)
        for label, entry in disciplines
        for name in entry["disciplinary_inputs"]
        if name in producers
    ]


def edges_of_interface(diagram: Any, study_name: str) -> set[Edge]:
    """Read the exchanges from the interface diagram. The study's name is cut at its first dot."""
    first = study_name.partition(".")[0]
    places = {node["id"]: f"{first}.{node['namespace']}" for node in diagram["discipline_nodes"]}
    names = {node["id"] for node in diagram["parameter_nodes"]}
    producers = {link["to"]: link["from"] for link in diagram["links"] if link["to"] in names}
    return {
        (places[producers[link["from"]]], places[link["to"]], f"{first}.{link['from']}")
        for link in diagram["links"]
        if link["from"] in names
    }


def edges_both_ways(whole: Any) -> set[Edge]:
    """Return the exchanges of a study after a check that the two ways to read them agree."""
    of_tree = {edge for edge in edges_of_tree(whole["treenode"]) if edge[0] != edge[1]}
    diagram = whole["n2_diagram"]["interface_diagram"]
    assert edges_of_interface(diagram, whole["study_case"]["name"]) == of_tree
    matrix = whole["n2_diagram"]["n2_diagram"]
    if matrix and not DRIVERS & {node["Sub Type"] for node in matrix["treeNodes"]}:
        groups = [link for link in matrix["groupedLinks"] if link["Type"] == "parameterExchange"]
        assert {
            (group["source"], group["target"], item["id"]) for group in groups for item in group["parameterList"]
        } == of_tree
    return of_tree


# Sellar, as recorded -----------------------------------------------------------------------------------


def test_sellar_has_exactly_four_exchanges() -> None:
    at = "sellar.SellarCoupling"
    assert edges_both_ways(document(28)) == {
        (f"{at}.Sellar_1", f"{at}.Sellar_2", f"{at}.y_1"),
        (f"{at}.Sellar_1", f"{at}.Sellar_Problem", f"{at}.y_1"),
        (f"{at}.Sellar_2", f"{at}.Sellar_1", f"{at}.y_2"),
        (f"{at}.Sellar_2", f"{at}.Sellar_Problem", f"{at}.y_2"),
    }


def test_interface_diagram_of_sellar_is_as_recorded() -> None:
    diagrams = document(28)["n2_diagram"]
    assert diagrams["interface_diagram"] == RECORDED["n2_diagram"]["interface_diagram"]


def test_matrix_of_sellar_is_as_recorded() -> None:
    diagrams = document(28)["n2_diagram"]
    assert diagrams["n2_diagram"] == RECORDED["n2_diagram"]["n2_diagram"]


def test_structure_without_an_ontology_has_no_matrix_and_no_labels(build: "Build") -> None:
    diagrams = read_only(build(ontology="off"), 28)["n2_diagram"]
    assert diagrams["n2_diagram"] == RECORDED["n2_diagram_without_ontology"] == {}
    recorded = RECORDED["n2_diagram"]["interface_diagram"]
    without_labels = [
        {name: value for name, value in node.items() if name != "label"} for node in recorded["parameter_nodes"]
    ]
    assert diagrams["interface_diagram"]["parameter_nodes"] == without_labels
    assert diagrams["interface_diagram"]["links"] == recorded["links"]


def test_execution_sequence_of_sellar_is_as_recorded() -> None:
    """The order of the parameters of a link changes from file to file."""
    given, recorded = (
        {**sequence, "links_list": [{**link, "parameters": {*link["parameters"]}} for link in sequence["links_list"]]}
        for sequence in (numbered(whole["n2_diagram"]["execution_sequence"]) for whole in (document(28), RECORDED))
    )
    assert given == recorded


def test_tree_of_sellar_is_as_recorded() -> None:
    check_node(document(28)["treenode"], RECORDED["treenode_abridged"])


def check_node(given: Any, recorded: Any) -> None:
    """Compare a node with a recorded one that has no solver settings, and only some fields of variables."""
    for name in FIELDS - {"identifier", "data", "disc_data", "data_management_disciplines", "children"}:
        assert given[name] == recorded[name], name
    for name in ("data", "disc_data"):
        kept = {key: entry for key, entry in given[name].items() if not entry["numerical"]}
        assert list(kept) == list(recorded[name])
        for key, entry in recorded[name].items():
            assert without_ids({field: kept[key].get(field) for field in entry}) == without_ids(entry), key
    assert list(given["data_management_disciplines"]) == list(recorded["data_management_disciplines"])
    for label, entry in recorded["data_management_disciplines"].items():
        shown = {name: listed(value) for name, value in given["data_management_disciplines"][label].items()}
        shown["numerical_parameters"] = shown["numerical_parameters"][:3]
        assert shown | {"maturity": entry["maturity"]} == entry
    for child, recorded_child in zip(given["children"], recorded["children"], strict=True):
        check_node(child, recorded_child)


def without_ids(value: Any) -> Any:
    """Blank out UUIDs."""
    return json.loads(UUID.sub("uuid", json.dumps(value)))


def listed(value: Any) -> Any:
    """Return the keys of variables."""
    return list(value) if isinstance(value, dict) else value


# Every study ------------------------------------------------------------------------------------------

# It takes long to build.
LARGE = 23
EDGES = {11: 0, 12: 0, 13: 211, 21: 2, 23: 0, 27: 0, 28: 4, 29: 4, 30: 0, 32: 0, 33: 10}


EVERY = [pytest.param(study, marks=[pytest.mark.slow] * (study == LARGE)) for study in EDGES]


@cache
def document(study: int) -> Any:
    """Return the read-only file of a study of the demo. The tests must not change it."""
    world = build_world("demo", clock=ManualClock())
    headers = {"Authorization": f"Bearer {world.key}"}
    return Client(create_app(world)).get(f"/api/v0/study-case/{study}/read-only-mode", headers=headers).get_json()


@pytest.mark.parametrize("study", EVERY)
def test_both_ways_to_read_exchanges_agree(study: int) -> None:
    assert len(edges_both_ways(document(study))) == EDGES[study]


def test_every_finished_study_is_tested_for_exchanges(api: "Api") -> None:
    available = {study for study in api.world.studies if api.world.studies[study].read_only is not None}
    assert EDGES.keys() == available


@pytest.mark.parametrize("study", EVERY)
def test_every_node_has_twelve_fields(study: int) -> None:
    tree = document(study)["treenode"]
    for node in nodes(tree):
        assert node.keys() == FIELDS
        folder = node["node_type"] == "data"
        assert (node["full_namespace"] == "") == folder
        assert (node["model_name_full_path"] is None) == folder


@pytest.mark.parametrize("study", EVERY)
def test_sequence_names_variables_of_the_tree(study: int) -> None:
    """Every parameter of a link is the key of a variable of the tree."""
    keys = {
        entry["variable_key"]
        for node in nodes(document(study)["treenode"])
        for part in ("data", "disc_data")
        for entry in node[part].values()
    }
    for link in document(study)["n2_diagram"]["execution_sequence"]["links_list"]:
        assert {*link["parameters"]} <= keys


@pytest.mark.parametrize("study", [13, 21, 28, 33])
def test_links_between_disciplines_of_the_sequence_are_the_exchanges(study: int) -> None:
    name = document(study)["study_case"]["name"]
    sequence = document(study)["n2_diagram"]["execution_sequence"]
    labels = {node["id"]: node["label"] for node in sequence["nodes_list"] if node["type"] == "DisciplineNode"}
    pairs = {
        (f"{name}.{labels[link['from']]}", f"{name}.{labels[link['to']]}")
        for link in sequence["links_list"]
        if link["from"] in labels and link["to"] in labels
    }
    assert pairs == {edge[:2] for edge in edges_both_ways(document(study))}


def test_identifiers_of_tree_and_sequence_are_the_same() -> None:
    of_tree = {node["identifier"] for node in nodes(document(28)["treenode"])}
    sequence = document(28)["n2_diagram"]["execution_sequence"]["nodes_list"]
    assert {node["id"] for node in sequence if node["type"] == "DisciplineNode"} <= of_tree


def test_every_run_has_other_identifiers(api: "Api") -> None:
    before = read_only(api, 28)["treenode"]["children"][0]["identifier"]
    assert api.post("/calculation/execute/28").status_code == 200
    api.clock.advance(A_RUN)
    assert read_only(api, 28)["treenode"]["children"][0]["identifier"] != before


# The sizes and shapes of WITNESS -----------------------------------------------------------------------


def test_study_13_has_the_exchanges_of_witness() -> None:
    diagram = document(13)["n2_diagram"]["interface_diagram"]
    assert len(diagram["discipline_nodes"]) == 31
    assert len(diagram["parameter_nodes"]) == 2 * 211
    assert len({node["id"] for node in diagram["parameter_nodes"]}) == 159
    assert sum(producer == consumer for producer, consumer, _ in edges_of_tree(document(13)["treenode"])) == 118


def test_study_13_has_a_loop_and_a_parallel_group() -> None:
    sequence = document(13)["n2_diagram"]["execution_sequence"]["nodes_list"]
    tops = [node for node in sequence if node["parent"] is None and node["type"] != "OutputNode"]
    assert [(node["type"], len(node["children"])) for node in tops] == [
        ("MDANode", 28),
        ("DisciplineNode", 0),
        ("ParallelNode", 2),
    ]


def test_outputs_of_study_13_follow_its_inputs(api: "Api") -> None:
    before = float(api.download(13, "sectors.Well-being index.index").splitlines()[1])
    api.set(13, **{"sectors.Climate.Ocean.rate": 0.5})
    api.load(13)
    assert api.post("/calculation/execute/13").status_code == 200
    api.clock.advance(A_RUN)
    assert api.status(13) == "FINISHED"
    assert float(api.download(13, "sectors.Well-being index.index").splitlines()[1]) == pytest.approx(before + 0.48)


@pytest.mark.slow
def test_full_study_has_the_size_of_witness(build: "Build") -> None:
    api = build("witness")
    answer = api.get("/study-case/33/read-only-mode")
    assert 10_000_000 < len(answer.data) < 14_000_000
    assert len(edges_both_ways(answer.get_json())) == 211


# Rights, drivers and names -----------------------------------------------------------------------------


@pytest.mark.parametrize("study", [28, 33])
def test_restricted_viewer_gets_the_structure_without_variables(api: "Api", study: int) -> None:
    whole = document(study)
    api.key = KEYS["viewer"]
    shown = read_only(api, study)
    assert shown["n2_diagram"] == whole["n2_diagram"]
    kept = FIELDS - {"data", "disc_data", "data_management_disciplines", "children"}
    for node, full in zip(nodes(shown["treenode"]), nodes(whole["treenode"]), strict=True):
        assert {name: node[name] for name in kept} == {name: full[name] for name in kept}
        assert node["data"] == node["disc_data"] == {}
        for entry in node["data_management_disciplines"].values():
            assert entry["disciplinary_inputs"] == entry["disciplinary_outputs"] == entry["numerical_parameters"] == {}


def test_driver_is_one_step_with_two_modules() -> None:
    sequence = document(29)["n2_diagram"]["execution_sequence"]["nodes_list"]
    labels = {node["label"] for node in sequence if node["type"] == "DisciplineNode"}
    assert labels == {"Eval", "SampleGenerator"}
    driver = next(node for node in nodes(document(29)["treenode"]) if node["name"] == "Eval")
    assert driver["node_type"] == "ProxyMonoInstanceDriver"
    assert len(driver["models_full_path_list"]) == 2


def test_dot_in_a_study_name_stays_in_the_diagrams(api: "Api") -> None:
    """The server cuts names at the first dot."""
    copy = api.post("/study-case/21/copy", {"new_study_name": "my.dice"}).get_json()
    api.set(copy, **{"my.dice.Macro.gamma": 0.31})
    api.load(copy)
    assert api.post(f"/calculation/execute/{copy}").status_code == 200
    api.clock.advance(A_RUN)
    given = read_only(api, copy)
    spaces = {node["namespace"] for node in given["n2_diagram"]["interface_diagram"]["discipline_nodes"]}
    assert spaces == {"dice.Macro", "dice.Carbon", "dice.Damage"}
    assert len(edges_both_ways(given)) == 2


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], [[["a"], ["b"], ["c"]]]),
        ([("a", "b"), ("b", "c")], [[["a"]], [["b"]], [["c"]]]),
        ([("a", "c")], [[["a"]], [["b"], ["c"]]]),
        ([("a", "b"), ("b", "a"), ("b", "c")], [[["a", "b"]], [["c"]]]),
        ([("c", "a"), ("a", "c")], [[["a", "c"], ["b"]]]),
    ],
)
def test_tasks_run_as_late_as_possible(pairs: list[tuple[str, str]], expected: list[list[list[str]]]) -> None:
    assert steps("abc", {pair: [] for pair in pairs}) == expected


def test_names_of_no_discipline_use_nothing(build: "Build") -> None:
    api = build("bare")
    parameter = Parameter("One.a", "float", 1.0, io_type="out", coupling=True, readers=("Two",), writer="Three")
    add_study(api.world, 1, "odd", parameter)
    assert api.post("/calculation/execute/1").status_code == 200
    api.clock.advance(A_RUN)
    given = read_only(api, 1)
    assert edges_both_ways(given) == set()
    assert "odd.One.a" in given["treenode"]["children"][0]["data"]


def test_study_with_dots_in_names_has_a_read_only_file(build: "Build") -> None:
    api = build("bare")
    add_study(api.world, 1, "odd", Parameter("../../One.a", "float", 1.0))
    assert api.post("/calculation/execute/1").status_code == 200
    api.clock.advance(A_RUN)
    assert read_only(api, 1)["n2_diagram"]["interface_diagram"]["dotString"]
