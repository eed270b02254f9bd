"""Where the value of a parameter comes from, and what it feeds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import networkx as nx

from sostrades_cli.operations.param.name_lookup import Finder
from sostrades_cli.operations.structure.couplings import read_couplings
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.structure.couplings import StudyCouplings

UP, DOWN = "up", "down"
INPUT, OUTPUT, COUPLING, SOLVER = "input", "output", "coupling", "solver"
NO_PARAMETERS: Final = "your key shows no parameters, so only couplings between disciplines are traced"


@dataclass(frozen=True, slots=True)
class TracedDiscipline:
    """A discipline on the way from or to a parameter; names are without the study's own.

    ``depth`` counts disciplines from the parameter. ``through`` are the parameters by which the discipline is
    connected: those that it reads (down) or computes (up). ``beyond`` are those that it computes (down) or reads (up).
    ``neighbor`` is the discipline one step nearer to the parameter, ``None`` beside the parameter itself.
    """

    direction: str
    depth: int
    discipline: str
    through: tuple[str, ...]
    beyond: tuple[str, ...]
    neighbor: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A parameter, the disciplines that compute and read it, and those that it comes from and leads to."""

    study: int
    name: str
    parameter: str
    kind: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    up: tuple[TracedDiscipline, ...]
    down: tuple[TracedDiscipline, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The shortest way from one parameter to another: pairs of a parameter and the discipline that reads it.

    The last pair has no discipline. Without a way, there are no pairs.
    """

    study: int
    name: str
    start: str
    end: str
    links: tuple[tuple[str, str | None], ...]


class Dependencies:
    """The graph of parameters and disciplines of a study. A parameter leads to its readers, these to their outputs."""

    def __init__(self, couplings: StudyCouplings) -> None:
        structure = couplings.structure
        self.graph: nx.DiGraph[tuple[str, str]] = nx.DiGraph()
        self.name = structure.name
        self.solver = {key for node in structure.nodes for key in node.solver}
        coupled = {one.parameter for one in couplings.couplings}
        computed = {key for node in structure.nodes for key in node.outputs} | coupled
        for node in structure.nodes:
            # A coupling on which the server contradicts itself is left out.
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

    @property
    def parameters(self) -> list[str]:
        """Return the full names of all parameters."""
        return [name for kind, name in self.graph if kind == _PARAMETER]

    def beside(self, key: str, direction: str) -> tuple[str, ...]:
        """Return the disciplines that compute (up) or read (down) a parameter, without the study's own name."""
        edges = self.graph.predecessors if direction == UP else self.graph.successors
        return self.short(path for _, path in edges((_PARAMETER, key)))

    def short(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return names without the study's own."""
        return tuple(short_key(self.name, name) for name in names)

    def traced(self, key: str, direction: str, most: int | None) -> tuple[TracedDiscipline, ...]:
        """Return the disciplines that a parameter leads to (down) or comes from (up), the nearest first."""
        graph = self.graph.reverse(copy=False) if direction == UP else self.graph
        start = (_PARAMETER, key)
        # Each discipline is two edges further than the one before it.
        depths = nx.single_source_shortest_path_length(graph, start, None if most is None else 2 * most)
        through: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for near, far in graph.edges(depths):
            if far[0] == _DISCIPLINE and depths.get(far) == depths[near] + 1:
                through[far].append(near)

        def nearer(node: tuple[str, str]) -> str | None:
            # The parameter itself is at 0, and the disciplines beside it are at 1.
            before = (one for one in graph.predecessors(through[node][0]) if depths.get(one) == depths[node] - 2)
            return next((short_key(self.name, name) for _, name in before if depths[node] > 1), None)

        return tuple(
            TracedDiscipline(
                direction,
                (depth + 1) // 2,
                short_key(self.name, node[1]),
                self.short(name for _, name in through[node]),
                self.short(name for _, name in graph.successors(node) if name not in self.solver),
                nearer(node),
            )
            for node, depth in depths.items()
            if node[0] == _DISCIPLINE
        )


_PARAMETER: Final = "parameter"
_DISCIPLINE: Final = "discipline"


def trace(context: Context, study: int, key: str, directions: tuple[str, ...], most: int | None) -> Trace:
    """Return the disciplines that a parameter comes from and leads to, at most ``most`` disciplines away.

    Raises
    ------
    NotFound, UsageError
        The key matches no parameter, or several.
    Refused
        The study has no finished run of its present inputs.

    """
    couplings = read_couplings(context, study)
    dependencies = Dependencies(couplings)
    full = Finder(context, study, dependencies.parameters).find(key)
    producers, consumers = (dependencies.beside(full, direction) for direction in (UP, DOWN))
    computed = COUPLING if consumers else OUTPUT
    return Trace(
        study,
        dependencies.name,
        short_key(dependencies.name, full),
        computed if producers else SOLVER if full in dependencies.solver else INPUT,
        producers,
        consumers,
        dependencies.traced(full, UP, most) if UP in directions else (),
        dependencies.traced(full, DOWN, most) if DOWN in directions else (),
        None if couplings.structure.has_parameters else NO_PARAMETERS,
    )


def chain(context: Context, study: int, key: str, output: str) -> Chain:
    """Return the shortest way by which one parameter reaches another.

    Raises
    ------
    NotFound, UsageError
        A key matches no parameter, or several.

    """
    dependencies = Dependencies(read_couplings(context, study))
    finder = Finder(context, study, dependencies.parameters)
    start, end = finder.find(key), finder.find(output)
    try:
        path = nx.shortest_path(dependencies.graph, (_PARAMETER, start), (_PARAMETER, end))
    except nx.NetworkXNoPath:
        path = []
    names = dependencies.short(name for _, name in path)
    links = tuple(zip(names[::2], [*names[1::2], None], strict=True)) if names else ()
    shown_start, shown_end = dependencies.short((start, end))
    return Chain(study, dependencies.name, shown_start, shown_end, links)
