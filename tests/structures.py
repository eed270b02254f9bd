"""Read-only files with a structure, made by hand or recorded, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from replaying import RECORDINGS

from sostrades_cli.api.structure import Coupling, StudyStructure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Edge = tuple[str, str, str]
SELLAR_EDGES = {
    ("Sellar_1", "Sellar_2", "y_1"),
    ("Sellar_1", "Sellar_Problem", "y_1"),
    ("Sellar_2", "Sellar_1", "y_2"),
    ("Sellar_2", "Sellar_Problem", "y_2"),
}


def recorded() -> dict[str, Any]:
    """Return the read-only file of the recorded Sellar study. Its lists of names become objects, as on the server."""
    recording = json.loads((RECORDINGS / "sellar-n2.json").read_text(encoding="utf-8"))
    tree = recording["treenode_abridged"]
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        waiting += node["children"]
        for discipline in node["data_management_disciplines"].values():
            for part, names in discipline.items():
                if isinstance(names, list):
                    discipline[part] = {name: {} for name in names}
    return {"study_case": recording["study_case"], "treenode": tree, "n2_diagram": recording["n2_diagram"]}


def sellar_couplings() -> set[Coupling]:
    """Return the couplings of the recorded Sellar study by full names."""
    at = "sellar.SellarCoupling"
    return {Coupling(*(f"{at}.{name}" for name in edge)) for edge in SELLAR_EDGES}


def read_only_file(
    edges: Iterable[Edge], *, name: str = "own", drawn: Iterable[Edge] | None = None, uses: Mapping[str, str] = {}
) -> dict[str, Any]:
    """Return a file whose tree has these edges (producer, consumer, parameter), and whose diagram has ``drawn``.

    Disciplines are directly below the root. ``uses`` are inputs by discipline that nothing computes.
    """
    edges = list(edges)
    disciplines = dict.fromkeys([*(end for edge in edges for end in edge[:2]), *uses])
    inputs = {discipline: [p for _, consumer, p in edges if consumer == discipline] for discipline in disciplines}
    outputs = {discipline: [p for producer, _, p in edges if producer == discipline] for discipline in disciplines}
    children = [
        node(
            name,
            discipline,
            [*inputs[discipline], *([uses[discipline]] if discipline in uses else [])],
            outputs[discipline],
        )
        for discipline in disciplines
    ]
    diagram = interface_diagram(edges if drawn is None else list(drawn))
    root = {"name": name, "node_type": "ProxyCoupling", "full_namespace": name, "children": children}
    return {"study_case": {"name": name}, "treenode": root, "n2_diagram": {"interface_diagram": diagram}}


def node(name: str, discipline: str, inputs: Iterable[str], outputs: Iterable[str]) -> dict[str, Any]:
    """Return a discipline of the tree."""
    uses = {"disciplinary_inputs": inputs, "disciplinary_outputs": outputs, "numerical_parameters": []}
    return {
        "name": discipline,
        "node_type": "ProxyDiscipline",
        "status": "DONE",
        "full_namespace": f"{name}.{discipline}",
        "models_full_path_list": [f"models.{discipline}"],
        "data_management_disciplines": {
            f"{name}.{discipline}": {
                part: {f"{name}.{parameter}": {} for parameter in parameters} for part, parameters in uses.items()
            }
        },
        "children": [],
    }


def interface_diagram(edges: Iterable[Edge]) -> dict[str, Any]:
    """Return the server's diagram of these edges, with its repetitions."""
    edges = list(edges)
    disciplines = dict.fromkeys(end for edge in edges for end in edge[:2])
    links = [
        *((f"{producer}.Class", parameter) for producer, _, parameter in edges),
        *((parameter, f"{consumer}.Class") for _, consumer, parameter in edges),
    ]
    return {
        "discipline_nodes": [
            {"id": f"{discipline}.Class", "namespace": discipline, "classname": "Class"} for discipline in disciplines
        ],
        "parameter_nodes": [{"id": parameter, "namespace": producer} for producer, _, parameter in edges],
        "links": [{"id": f"{start}->{end}", "from": start, "to": end} for start, end in dict.fromkeys(links)],
    }


def structure(edges: Iterable[Edge], **options: Any) -> StudyStructure:
    """Return the structure of ``read_only_file``."""
    return StudyStructure.from_api(read_only_file(edges, **options))
