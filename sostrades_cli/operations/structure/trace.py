"""Trace a parameter: the disciplines that its value comes from, and those that it leads to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Final

import networkx as nx

from sostrades_cli.errors import NotFound
from sostrades_cli.operations.param.name_lookup import Finder
from sostrades_cli.operations.structure.couplings import read_couplings
from sostrades_cli.operations.structure.drivers import drivers_of
from sostrades_cli.operations.study.load import no_parameters
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.structure.couplings import StudyCouplings
    from sostrades_cli.operations.structure.drivers import Driver

UP, DOWN = "up", "down"
INPUT, OUTPUT, COUPLING, SOLVER = "input", "output", "coupling", "solver"
NO_PARAMETERS: Final = "your key shows no parameters, so only couplings between disciplines are traced"
# A node of the graph: its kind, and its full name. A parameter and a discipline may have the same name.
Node = tuple[str, str]
_PARAMETER: Final = "parameter"
_DISCIPLINE: Final = "discipline"
_DRIVER: Final = "driver"


@dataclass(frozen=True, slots=True)
class TracedDiscipline:
    """A discipline that a parameter leads to or comes from. Names are without the study's own name.

    ``depth`` counts disciplines from the parameter. ``through`` are the parameters on the near side of the discipline:
    its inputs (down) or outputs (up). ``beyond`` are those on its far side, couplings first. ``neighbor`` is the
    discipline one step nearer to the parameter, ``None`` if the parameter is the nearest. ``others`` are the other
    disciplines of the trace that are connected to it.
    """

    direction: str
    depth: int
    discipline: str
    through: tuple[str, ...]
    beyond: tuple[str, ...]
    neighbor: str | None
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Dependencies that the couplings do not show in one direction, because of drivers or disputed couplings.

    ``drivers`` may be on the way. ``parameters`` may be affected: downwards, outputs of drivers come first. Upwards,
    inputs that the user sets come first.
    """

    drivers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """A parameter, the disciplines that compute and read it, and those that it comes from and leads to.

    ``up`` and ``down`` are empty unless they are in ``directions``. ``restricted`` means that the key shows no
    parameters.
    """

    study: int
    name: str
    parameter: str
    kind: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    directions: tuple[str, ...]
    up: tuple[TracedDiscipline, ...]
    down: tuple[TracedDiscipline, ...]
    unknown_up: Unknown
    unknown_down: Unknown
    restricted: bool

    @property
    def is_complete(self) -> bool:
        """Return whether the trace contains all dependencies, for certain."""
        return not self.restricted and self.unknown_up == self.unknown_down == Unknown()


@dataclass(frozen=True, slots=True)
class Chain:
    """The shortest path from one parameter to another, as pairs of a parameter and the discipline that reads it.

    The last pair has no discipline. Without a path, ``links`` is empty. ``reaches`` is ``None`` if the answer is
    unknown, because of ``drivers``, disputed couplings, or a restricted key. ``backwards`` means that there is a path
    from the end to the start instead.
    """

    study: int
    name: str
    start: str
    end: str
    links: tuple[tuple[str, str | None], ...]
    reaches: bool | None
    drivers: tuple[str, ...]
    restricted: bool
    backwards: bool


class Dependencies:
    """The graph of parameters and disciplines of a study. Edges lead from inputs to disciplines, and on to outputs."""

    def __init__(self, couplings: StudyCouplings) -> None:
        structure = couplings.structure
        self.graph: nx.DiGraph[Node] = nx.DiGraph()
        self.couplings = couplings
        self.name = structure.name
        self.solver = {key for node in structure.nodes for key in node.solver}
        coupled = {coupling.parameter for coupling in couplings.couplings}
        computed = {key for node in structure.nodes for key in node.outputs} | coupled
        for node in structure.nodes:
            # Inputs that a discipline computes come from the couplings below, which leave out disputed ones.
            self._add((key for key in (*node.inputs, *node.solver) if key not in computed), node.path, reads=True)
            self._add(node.outputs, node.path, reads=False)
        for producer, consumer, key in couplings.couplings:
            self._add([key], producer, reads=False)
            self._add([key], consumer, reads=True)

    def _add(self, keys: Iterable[str], path: str, *, reads: bool) -> None:
        discipline = (_DISCIPLINE, path)
        for key in keys:
            ends = ((_PARAMETER, key), discipline) if reads else (discipline, (_PARAMETER, key))
            self.graph.add_edge(*ends)

    @cached_property
    def possible(self) -> nx.DiGraph[Node]:
        """Return the graph with all possible edges, including disputed couplings and edges through drivers."""
        graph = self.graph.copy()
        for producer, consumer, key in self.couplings.disputed:
            nx.add_path(graph, [(_DISCIPLINE, producer), (_PARAMETER, key), (_DISCIPLINE, consumer)])
        drivers = drivers_of(self.couplings.structure)
        for driver in drivers:
            self._add_driver(graph, driver)
        # The server does not say which generator of samples belongs to which driver, so each may belong to any.
        leaves = [driver for driver in drivers if driver.is_leaf]
        for leaf, other in product(leaves, drivers):
            if leaf != other:
                graph.add_edge((_DRIVER, leaf.path), (_DRIVER, other.path))
                graph.add_edge((_DRIVER, other.path), (_DRIVER, leaf.path))
                self._add_inputs(graph, leaf, other.path)
        return graph

    def _add_driver(self, graph: nx.DiGraph[Node], driver: Driver) -> None:
        # A driver sets inputs of its members and collects their results, so edges lead both ways.
        for path in driver.members:
            graph.add_edge((_DRIVER, driver.path), (_DISCIPLINE, path))
            graph.add_edge((_DISCIPLINE, path), (_DRIVER, driver.path))
            if path != driver.path:
                self._add_inputs(graph, driver, path)

    def _add_inputs(self, graph: nx.DiGraph[Node], driver: Driver, path: str) -> None:
        """Add an edge from a driver to each input of a discipline that no discipline computes."""
        inputs = self.graph.predecessors((_DISCIPLINE, path)) if (_DISCIPLINE, path) in self.graph else ()
        for parameter in inputs:
            if not self.graph.pred[parameter] and parameter[1] not in self.solver:
                graph.add_edge((_DRIVER, driver.path), parameter)

    def unknown(self, key: str, direction: str) -> Unknown:
        """Return what a parameter may lead to (down) or come from (up) that the couplings do not show."""
        start = (_PARAMETER, key)
        reached = nx.descendants if direction == DOWN else nx.ancestors
        known, possible = reached(self.graph, start), reached(self.possible, start)
        new = [node for node in possible - known - {start} if node[0] == _PARAMETER and node[1] not in self.solver]

        def rank(node: Node) -> tuple[int, Node]:
            # Few of them are shown. Downwards, outputs of a driver are the study's results. Upwards, inputs can be set.
            producers = self.graph.pred[node]
            of_driver = any((_DRIVER, path) in self.possible for _, path in producers)
            return (bool(producers) if direction == UP else 2 - bool(producers) - of_driver), node

        return Unknown(_drivers(self, possible), self.short(name for _, name in sorted(new, key=rank)))

    @property
    def parameters(self) -> list[str]:
        """Return the full names of all parameters."""
        return [name for kind, name in self.graph if kind == _PARAMETER]

    def beside(self, key: str, direction: str) -> tuple[str, ...]:
        """Return the disciplines that compute (up) or read (down) a parameter itself."""
        edges = self.graph.predecessors if direction == UP else self.graph.successors
        return self.short(path for _, path in edges((_PARAMETER, key)))

    def short(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return names without the study's own name."""
        return tuple(short_key(self.name, name) for name in names)

    def traced(self, key: str, direction: str, max_depth: int | None) -> tuple[TracedDiscipline, ...]:
        """Return the disciplines that a parameter leads to (down) or comes from (up), the nearest first."""
        graph = self.graph.reverse(copy=False) if direction == UP else self.graph
        start = (_PARAMETER, key)
        # Parameters and disciplines alternate: a discipline is two edges away from the nearer one.
        cutoff = None if max_depth is None else 2 * max_depth
        depths = nx.single_source_shortest_path_length(graph, start, cutoff)

        def connected(node: Node) -> TracedDiscipline:
            depth = depths[node]
            through = [key for key in graph.predecessors(node) if depths.get(key) == depth - 1]
            before = [nearer for nearer in graph.predecessors(through[0]) if depths.get(nearer) == depth - 2]
            # The parameter itself is at 0, and the disciplines beside it are at 1. They have no neighbor.
            neighbor = before[0] if depth > 1 else None
            # The disciplines of other paths that lead to the same discipline.
            shared = (key for key in graph.predecessors(node) if key in depths and key != start)
            linked = dict.fromkeys(other for key in shared for other in graph.predecessors(key))
            others = [other for other in linked if other in depths and other not in {node, neighbor}]
            beyond = [key for key in graph.successors(node) if key[1] not in self.solver]
            return TracedDiscipline(
                direction,
                (depth + 1) // 2,
                short_key(self.name, node[1]),
                self.short(name for _, name in through),
                self.short(name for _, name in sorted(beyond, key=lambda key: not graph.succ[key])),
                None if neighbor is None else short_key(self.name, neighbor[1]),
                self.short(name for _, name in others),
            )

        return tuple(connected(node) for node in depths if node[0] == _DISCIPLINE)

    def find(self, context: Context, keys: Iterable[str]) -> list[str]:
        """Return the full names that keys match.

        Raises
        ------
        NotFound, UsageError
            A key matches no parameter, or several.
        PermissionDenied
            A key matches no coupling, and the server shows no other parameters.

        """
        study = self.couplings.study
        finder = Finder(context, study, self.parameters)
        try:
            return [finder.find(key) for key in keys]
        except NotFound as error:
            if self.couplings.structure.has_parameters:
                raise
            # The key may be right, and only hidden.
            raise no_parameters(study, "the server shows a restricted viewer only couplings") from error


def _drivers(dependencies: Dependencies, nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple(sorted(dependencies.short(path for kind, path in nodes if kind == _DRIVER)))


def trace(context: Context, study: int, key: str, directions: tuple[str, ...], max_depth: int | None) -> Trace:
    """Return the disciplines that a parameter comes from and leads to, at most ``max_depth`` disciplines away.

    Raises
    ------
    NotFound, UsageError
        The key matches no parameter, or several.
    PermissionDenied
        The key matches no coupling, and the server shows no other parameters.
    Refused
        No structure of the study is known.

    """
    dependencies = Dependencies(read_couplings(context, study))
    [full] = dependencies.find(context, [key])
    producers, consumers = (dependencies.beside(full, direction) for direction in (UP, DOWN))
    computed = COUPLING if consumers else OUTPUT
    return Trace(
        study,
        dependencies.name,
        short_key(dependencies.name, full),
        computed if producers else SOLVER if full in dependencies.solver else INPUT,
        producers,
        consumers,
        directions,
        dependencies.traced(full, UP, max_depth) if UP in directions else (),
        dependencies.traced(full, DOWN, max_depth) if DOWN in directions else (),
        dependencies.unknown(full, UP) if UP in directions else Unknown(),
        dependencies.unknown(full, DOWN) if DOWN in directions else Unknown(),
        not dependencies.couplings.structure.has_parameters,
    )


def chain(context: Context, study: int, key: str, output: str) -> Chain:
    """Return the shortest path from one parameter to another.

    Raises
    ------
    NotFound, UsageError
        A key matches no parameter, or several.
    PermissionDenied
        A key matches no coupling, and the server shows no other parameters.

    """
    dependencies = Dependencies(read_couplings(context, study))
    graph, possible = dependencies.graph, dependencies.possible
    start, end = ((_PARAMETER, name) for name in dependencies.find(context, [key, output]))
    path: list[Node] = []
    with contextlib.suppress(nx.NetworkXNoPath):
        path = nx.shortest_path(graph, start, end)
    # Parameters and disciplines alternate in the path, and a parameter is first and last.
    names = dependencies.short(name for _, name in path)
    links = tuple(zip(names[::2], [*names[1::2], None], strict=True)) if names else ()
    reached, leading = nx.descendants(possible, start), nx.ancestors(possible, end)
    restricted = not dependencies.couplings.structure.has_parameters
    is_possible = restricted or end in reached
    return Chain(
        study,
        dependencies.name,
        short_key(dependencies.name, start[1]),
        short_key(dependencies.name, end[1]),
        links,
        True if links else None if is_possible else False,
        () if links else _drivers(dependencies, reached & leading),
        restricted,
        not links and end in nx.ancestors(graph, start),
    )
