"""The model of a study: declared parameters, disciplines, formulas, charts and durations."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from server_stub.values import Json, Value, same

CORE = "sostrades_core.execution_engine.proxy_coupling"


@dataclass(frozen=True)
class Parameter:
    """A declared parameter; ``name`` is relative to the study: ``Macro.gamma``.

    A coupling variable with ``io_type`` "in" belongs to a loop and has a start value. With "out" it only goes from one
    discipline to later ones. ``readers`` and ``writer`` name disciplines. By default both are the node itself.
    """

    name: str
    type: str
    default: Value = None
    unit: str | None = "-"
    io_type: str = "in"
    numerical: bool = False
    editable: bool = True
    optional: bool = False
    coupling: bool = False
    range: tuple[float, float] | None = None
    possible_values: tuple[Value, ...] | None = None
    descriptor: Mapping[str, Json] | None = None
    subtype: Mapping[str, Json] | None = None
    user_level: int = 1
    visibility: str | None = None
    namespace: str | None = None
    readers: tuple[str, ...] | None = None
    writer: str | None = None
    # An output in the namespace of another node is only in the `disc_data` of that discipline.
    listed: bool = True
    # A discipline after the one that writes the variable may declare these fields differently.
    read_as: Mapping[str, Json] = field(default_factory=dict)
    # No known server has names with dots inside brackets, so the last dot separates node and variable.
    node: str = field(init=False)
    var_name: str = field(init=False)

    def __post_init__(self) -> None:
        node, _, var_name = self.name.rpartition(".")
        object.__setattr__(self, "node", node)
        object.__setattr__(self, "var_name", var_name)
        if self.readers is None:
            object.__setattr__(self, "readers", (node,) if self.io_type == "in" and not self.coupling else ())
        if self.start:
            object.__setattr__(self, "optional", True)
        if self.writer is None and self.io_type == "out":
            object.__setattr__(self, "writer", node)

    @property
    def shown(self) -> bool:
        """Return whether the load route shows the parameter."""
        return self.listed and (self.numerical or (self.io_type == "in" and self.editable))

    @property
    def start(self) -> bool:
        """Return whether the parameter is the start value of a loop."""
        return self.coupling and self.io_type == "in"


@dataclass(frozen=True)
class Timing:
    """Durations, in seconds at speed 1."""

    pending: float = 5.0
    silent: float = 0.4
    work: float = 2.0
    load: float = 0.9
    moving: bool = False
    endless: bool = False
    # Within this time, another change without a load in between destroys a change.
    unread: float = 10.0


@dataclass(frozen=True)
class Bundle:
    """The charts of one model of a discipline, with its filters."""

    name: str
    charts: tuple[Json, ...]
    filters: tuple[str, ...] = ()


class ModelError(Exception):
    """An error that a discipline raises during a run. The log has its traceback."""

    def __init__(self, discipline: str, text: str, error: str = "ValueError") -> None:
        super().__init__(text)
        self.discipline = discipline
        self.error = error


Values = Mapping[str, Value]
Charts = dict[str, list[Bundle]]


def no_outputs(_values: Values) -> dict[str, Value]:
    """Compute no outputs."""
    return {}


def no_charts(_values: Values) -> Charts:
    """Draw no charts. The root has an entry all the same, like on the real server."""
    return {"": []}


def unchanged(values: Values) -> Values:
    """Return the values unchanged."""
    return values


def no_chart_errors(_values: Values) -> Sequence[tuple[str, str]]:
    """Draw every chart without an error."""
    return ()


def no_document(_identifier: str) -> str:
    """Return no documentation."""
    return ""


@dataclass(frozen=True, eq=False)
class Model:
    """The part of a study that all its copies share. Node names are relative; "" is the root."""

    process: str
    # The disciplines and couplings, in the order of the status route. A root that is neither has no settings.
    nodes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    compute: Callable[[Values], dict[str, Value]] = no_outputs
    charts: Callable[[Values], Charts] = no_charts
    timing: Timing = field(default_factory=Timing)
    loadable: bool = True
    # The error of every load. A study with such an error leaves no read-only file.
    load_error: str | None = None
    repository: str = "cliproc.processes"
    discipline_path: str = "cliproc.discs"
    # Modules of some nodes. The others have `discipline_path` and the last part of the node name.
    modules: Mapping[str, str] = field(default_factory=dict)
    # Classes of some disciplines. The others have the last part of the node name in camel case.
    classes: Mapping[str, str] = field(default_factory=dict)
    # Types of some nodes: couplings other than the root, and drivers.
    node_types: Mapping[str, str] = field(default_factory=dict)
    maturity: str = "Fake"
    # The documentation by module or process, and entries of the ontology by module or short name of a parameter.
    # The ontology adds what is missing.
    document: Callable[[str], str] = no_document
    glossary: Mapping[str, Json] = field(default_factory=dict)
    # The parameters that do not exist with these values of others.
    absent: Callable[[Values], Collection[str]] = lambda _values: ()
    # The server completes values when it accepts a change. A second completion has no effect.
    complete: Callable[[Values], Values] = unchanged
    # Errors of charts after a failed run, as (discipline, text), in the order of the log.
    chart_errors: Callable[[Values], Sequence[tuple[str, str]]] = no_chart_errors

    def path_of(self, node: str) -> str:
        """Return the module of the model of a node."""
        if node in self.modules:
            return self.modules[node]
        if self.type_of(node) == "ProxyCoupling":
            return CORE
        return f"{self.discipline_path}.{node.rpartition('.')[2]}"

    def modules_of(self, node: str) -> list[str]:
        """Return the modules of all disciplines on a node. A driver with disciplines below it has a coupling, too."""
        coupled = self.is_driver(node) and any(other.startswith(f"{node}.") for other in self.nodes)
        return [self.path_of(node), *([CORE] if coupled else [])]

    def class_of(self, node: str) -> str:
        """Return the class of a discipline. That of a driver is the class of the engine."""
        if self.is_driver(node):
            return self.type_of(node)
        words = re.split(r"[^A-Za-z0-9]+", node.rpartition(".")[2])
        return self.classes.get(node) or "".join(word[:1].upper() + word[1:] for word in words)

    def is_driver(self, node: str) -> bool:
        """Return whether a node runs the disciplines below it, or generates samples for one that does."""
        return self.type_of(node) not in ("ProxyCoupling", "ProxyDiscipline")

    def type_of(self, node: str) -> str:
        """Return the engine class of a node."""
        return self.node_types.get(node, "ProxyDiscipline" if node else "ProxyCoupling")

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """Return the parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """Return the disciplines that read or write each parameter, by name and in the order of the nodes."""
        order = {node: index for index, node in enumerate(self.nodes)}
        named = (
            (parameter.name, order.keys() & {*(parameter.readers or ()), parameter.writer})
            for parameter in self.parameters
        )
        return {name: tuple(sorted(nodes, key=order.__getitem__)) for name, nodes in named}

    @cached_property
    def sharing(self) -> Mapping[str, tuple[str, ...]]:
        """Return the disciplines of each named namespace, in the order of the nodes."""
        named: dict[str, set[str]] = {}
        for parameter in self.parameters:
            if parameter.namespace is not None:
                named.setdefault(parameter.namespace, set()).update(self.users[parameter.name])
        return {name: tuple(node for node in self.nodes if node in nodes) for name, nodes in named.items()}

    @cached_property
    def _defaults(self) -> Mapping[str, Value]:
        return {parameter.name: None if parameter.start else parameter.default for parameter in self.parameters}

    @cached_property
    def _nodes_with_parameters(self) -> frozenset[str]:
        return frozenset(parameter.node for parameter in self.parameters)

    def defaults(self) -> dict[str, Value]:
        """Return the values of a copy: defaults, and no value at the start of a loop."""
        return dict(self._defaults)

    def configured(self, values: Values) -> dict[str, Value]:
        """Complete values. A parameter that no longer exists loses its value."""
        current = dict(values)
        while True:
            before = dict(current)
            gone = self.absent(current)
            if gone:
                current.update((name, self._defaults[name]) for name in gone)
            current.update(self.complete(current))
            if all(current[name] is old or same(current[name], old) for name, old in before.items()):
                return current

    def present(self, values: Values) -> Iterator[Parameter]:
        """Return the existing parameters in order."""
        absent = self.absent(values)
        return (
            (parameter for parameter in self.parameters if parameter.name not in absent)
            if absent
            else iter(self.parameters)
        )

    def present_nodes(self, values: Values) -> tuple[str, ...]:
        """Return the nodes with at least one parameter."""
        here = {parameter.node for parameter in self.present(values)}
        return tuple(node for node in self.nodes if node in here or node not in self._nodes_with_parameters)


@dataclass(frozen=True)
class Problem:
    """The reason why a run cannot succeed. An ``early`` problem is found before the run is RUNNING."""

    text: str
    early: bool
    discipline: str = ""
    error: str = "ValueError"
