"""The couplings of a study as a graph of disciplines, in the order of execution, with its loops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import networkx as nx

from sostrades_cli.operations.structure.node_lookup import find_node, is_below
from sostrades_cli.operations.structure.tree import has_discipline
from sostrades_cli.output.text import counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sostrades_cli.api.structure import Coupling, StudyStructure
    from sostrades_cli.operations.structure.couplings import StudyCouplings

# A node is the full name of a discipline. An edge has the names of its parameters in `parameters`.
DisciplineGraph: TypeAlias = "nx.DiGraph[str]"


@dataclass(frozen=True, slots=True)
class CouplingGraph:
    """A graph for people: names are without the study's own.

    ``disciplines`` are in the order of execution, those of a loop beside each other. ``edges`` are the parameters by
    producer and consumer, those within ``loops`` first. ``uncoupled`` are the disciplines without any coupling.
    ``folded`` is the number of couplings that are left out because both ends are folded into the same node.
    """

    study: int
    name: str
    disciplines: tuple[str, ...]
    edges: Mapping[tuple[str, str], tuple[str, ...]]
    loops: tuple[tuple[str, ...], ...]
    uncoupled: tuple[str, ...]
    folded: int = 0

    @property
    def couplings(self) -> int:
        """Return the number of couplings: a parameter counts for each producer and consumer."""
        return sum(map(len, self.edges.values()))

    @property
    def folded_note(self) -> str | None:
        """Return how many couplings are left out because of folding."""
        return f"{counted(self.folded, 'coupling')} inside the nodes of this level left out" if self.folded else None

    @property
    def counts(self) -> list[str]:
        """Return the numbers of couplings and disciplines, and that of loops if there are any."""
        loops = [counted(len(self.loops), "loop")] if self.loops else []
        return [counted(self.couplings, "coupling"), counted(len(self.disciplines), "discipline"), *loops]

    def loop_of(self, edge: tuple[str, str]) -> int | None:
        """Return the number of the loop that has both ends of an edge, counted from 1."""
        return next((number for number, loop in enumerate(self.loops, 1) if {*edge} <= {*loop}), None)


def discipline_graph(couplings: StudyCouplings) -> DisciplineGraph:
    """Return the couplings as a graph of all disciplines, with ``models`` and ``status`` of each."""
    graph: DisciplineGraph = nx.DiGraph()
    for node in couplings.structure.nodes:
        if has_discipline(node):
            graph.add_node(node.path, models=list(node.models), status=node.status)
    _add_edges(graph, couplings.couplings)
    return graph


def coupling_graph(couplings: StudyCouplings, node: str | None = None, level: int | None = None) -> CouplingGraph:
    """Return the graph of couplings, or a part of it.

    ``node`` leaves the couplings that begin or end at this node or below it. ``level`` folds disciplines into the nodes
    this far below the root, so that couplings within one of them are left out and counted.

    Raises
    ------
    NotFound, AmbiguousName
        No node matches, or several do.

    """
    structure = couplings.structure
    start = structure.name if node is None else find_node(couplings.study, structure, node).path
    folds = _folds(structure, level)
    graph: DisciplineGraph = nx.DiGraph()
    chosen = [one for one in couplings.couplings if is_below(one.producer, start) or is_below(one.consumer, start)]
    folded = [one._replace(producer=folds[one.producer], consumer=folds[one.consumer]) for one in chosen]
    visible = [one for one in folded if one.producer != one.consumer]
    _add_edges(graph, visible)
    order, loops = _order(graph, _places(structure, folds))
    disciplines = (one.path for one in structure.nodes if has_discipline(one) and is_below(one.path, start))
    uncoupled = dict.fromkeys(folds[path] for path in disciplines if folds[path] not in graph)

    def short(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(short_key(structure.name, name) for name in names)

    edges = {short(edge): short(sorted(graph.edges[edge]["parameters"])) for edge in _sorted_edges(graph, order, loops)}
    return CouplingGraph(
        couplings.study,
        structure.name,
        short(order),
        {(producer, consumer): names for (producer, consumer), names in edges.items()},
        tuple(map(short, loops)),
        short(uncoupled),
        len(folded) - len(visible),
    )


def _sorted_edges(graph: DisciplineGraph, order: list[str], loops: list[list[str]]) -> list[tuple[str, str]]:
    """Return the edges: loop by loop, then the others, each in the order of the disciplines."""
    place = {path: number for number, path in enumerate(order)}
    in_loop = {path: number for number, loop in enumerate(loops) for path in loop}

    def rank(edge: tuple[str, str]) -> tuple[int, int, int]:
        loop, other = (in_loop.get(path) for path in edge)
        return len(loops) if loop is None or loop != other else loop, place[edge[0]], place[edge[1]]

    return sorted(graph.edges, key=rank)


def _add_edges(graph: DisciplineGraph, couplings: Iterable[Coupling]) -> None:
    for producer, consumer, parameter in couplings:
        if not graph.has_edge(producer, consumer):
            graph.add_edge(producer, consumer, parameters=[])
        names: list[str] = graph[producer][consumer]["parameters"]
        if parameter not in names:
            names.append(parameter)


def _folds(structure: StudyStructure, level: int | None) -> dict[str, str]:
    """Return the node at a level that each node is folded into: itself, or a node above it."""
    depths: dict[str, int] = {}
    folds: dict[str, str] = {}
    # Parents come first.
    for node in structure.nodes:
        depths[node.path] = 0 if node.parent is None else depths[node.parent] + 1
        is_folded = node.parent is not None and level is not None and depths[node.path] > level
        folds[node.path] = folds[str(node.parent)] if is_folded else node.path
    for coupling in structure.drawn or ():
        # The diagram may have a discipline that the tree does not have.
        for path in (coupling.producer, coupling.consumer):
            folds.setdefault(path, path)
    return folds


def _places(structure: StudyStructure, folds: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each discipline in the order of execution, then in that of the tree."""
    paths = [*(step.node for step in structure.steps if step.node), *(node.path for node in structure.nodes), *folds]
    places: dict[str, int] = {}
    for path in paths:
        places.setdefault(folds.get(path, path), len(places))
    return places


def _order(graph: DisciplineGraph, places: Mapping[str, int]) -> tuple[list[str], list[list[str]]]:
    """Return the disciplines in an order in which only loops have couplings to earlier ones, and the loops."""
    blocks = nx.condensation(graph)
    members = {
        block: sorted(paths, key=places.__getitem__)
        for block, paths in nx.get_node_attributes(blocks, "members").items()
    }
    first = {block: places[paths[0]] for block, paths in members.items()}
    sequence = list(nx.lexicographical_topological_sort(blocks, key=first.__getitem__))
    loops = [members[block] for block in sequence if len(members[block]) > 1]
    return [path for block in sequence for path in members[block]], loops
