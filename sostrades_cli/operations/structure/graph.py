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
    """A graph for people. Names are shown without the study's own name.

    ``disciplines`` are in the order of execution. The members of a loop follow each other. ``edges`` are the parameters
    by producer and consumer, those within ``loops`` first. ``uncoupled`` are the disciplines without any coupling.
    ``folded`` counts the couplings that are left out because both ends are folded into the same node.
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
        """Return the numbers of couplings, disciplines and, if there are any, loops."""
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

    ``node`` selects the couplings that begin or end at this node or below it. ``level`` folds all disciplines deeper
    than this into their ancestor at that level. Couplings within such an ancestor are counted, but left out.

    Raises
    ------
    NotFound, AmbiguousName
        No node matches, or several do.

    """
    structure = couplings.structure
    start = structure.name if node is None else find_node(couplings.study, structure, node).path
    folds = _folds(structure, level)
    graph: DisciplineGraph = nx.DiGraph()
    chosen = [
        coupling
        for coupling in couplings.couplings
        if is_below(coupling.producer, start) or is_below(coupling.consumer, start)
    ]
    folded = [
        coupling._replace(producer=folds[coupling.producer], consumer=folds[coupling.consumer]) for coupling in chosen
    ]
    visible = [coupling for coupling in folded if coupling.producer != coupling.consumer]
    _add_edges(graph, visible)
    order, loops = _order(graph, _positions(structure, folds))
    disciplines = (child.path for child in structure.nodes if has_discipline(child) and is_below(child.path, start))
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
    positions = {path: position for position, path in enumerate(order)}
    in_loop = {path: number for number, loop in enumerate(loops) for path in loop}

    def rank(edge: tuple[str, str]) -> tuple[int, int, int]:
        loop, other = (in_loop.get(path) for path in edge)
        # An edge between two loops belongs to neither, so it comes after all loops.
        return len(loops) if loop is None or loop != other else loop, positions[edge[0]], positions[edge[1]]

    return sorted(graph.edges, key=rank)


def _add_edges(graph: DisciplineGraph, couplings: Iterable[Coupling]) -> None:
    for producer, consumer, parameter in couplings:
        if not graph.has_edge(producer, consumer):
            graph.add_edge(producer, consumer, parameters=[])
        names: list[str] = graph[producer][consumer]["parameters"]
        if parameter not in names:
            names.append(parameter)


def _folds(structure: StudyStructure, level: int | None) -> dict[str, str]:
    """Return the node that each node is folded into: itself, or its ancestor at ``level``."""
    depths: dict[str, int] = {}
    folds: dict[str, str] = {}
    # Parents come before their children, so `depths` and `folds` of a parent are known here.
    for node in structure.nodes:
        depths[node.path] = 0 if node.parent is None else depths[node.parent] + 1
        is_folded = node.parent is not None and level is not None and depths[node.path] > level
        folds[node.path] = folds[str(node.parent)] if is_folded else node.path
    for coupling in structure.from_diagram or ():
        # The diagram may have a discipline that the tree does not have.
        for path in (coupling.producer, coupling.consumer):
            folds.setdefault(path, path)
    return folds


def _positions(structure: StudyStructure, folds: Mapping[str, str]) -> dict[str, int]:
    """Return the position of each discipline, by the order of execution, then by the order of the tree."""
    # The steps do not list disciplines inside a driver, nor any discipline if the server gives no order.
    paths = [*(step.node for step in structure.steps if step.node), *(node.path for node in structure.nodes), *folds]
    positions: dict[str, int] = {}
    for path in paths:
        positions.setdefault(folds.get(path, path), len(positions))
    return positions


def _order(graph: DisciplineGraph, positions: Mapping[str, int]) -> tuple[list[str], list[list[str]]]:
    """Return the disciplines and the loops. Only within a loop, a coupling leads to an earlier discipline."""
    # A block is a loop, or a single discipline. Blocks cannot depend on each other in a circle, so they can be sorted.
    blocks = nx.condensation(graph)
    members = {
        block: sorted(paths, key=positions.__getitem__)
        for block, paths in nx.get_node_attributes(blocks, "members").items()
    }
    # The server's order decides between blocks that do not depend on each other.
    first = {block: positions[paths[0]] for block, paths in members.items()}
    sequence = list(nx.lexicographical_topological_sort(blocks, key=first.__getitem__))
    loops = [members[block] for block in sequence if len(members[block]) > 1]
    return [path for block in sequence for path in members[block]], loops
