"""What a study computes: its declared parameters, disciplines, formulas, charts and durations."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from server_stub.values import Json, Value, same

CORE = "sostrades_core.execution_engine.proxy_coupling"


@dataclass(frozen=True)
class Parameter:
    """A declared parameter; `name` is relative to the study: `Macro.gamma`.

    A coupling variable with `io_type` "in" belongs to a loop and has a start value; with "out" it only goes from
    one discipline to later ones. `readers` and `writer` name disciplines; by default both are the node itself.
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
    # An output that is stored under another node's namespace is only in that discipline's `disc_data`.
    listed: bool = True
    # Fields that a discipline declares differently when it comes after the one that writes the variable.
    read_as: Mapping[str, Json] = field(default_factory=dict)
    # Names may hold dots inside brackets on no known server: the last dot parts node and variable.
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
        """Whether the load route shows it."""
        return self.listed and (self.numerical or (self.io_type == "in" and self.editable))

    @property
    def start(self) -> bool:
        """Whether it is a coupling variable of a loop, whose value is where the loop starts."""
        return self.coupling and self.io_type == "in"


@dataclass(frozen=True)
class Timing:
    """How long things take, in seconds at speed 1."""

    pending: float = 5.0
    silent: float = 0.4
    work: float = 2.0
    load: float = 0.9
    moving: bool = False
    endless: bool = False
    # For so many seconds of the clock a change is destroyed by the next one, unless a load came between.
    unread: float = 10.0


@dataclass(frozen=True)
class Bundle:
    """The charts that one model of a discipline makes, with its filters."""

    name: str
    charts: tuple[Json, ...]
    filters: tuple[str, ...] = ()


class ModelError(Exception):
    """A discipline that raises during a run; it becomes the traceback in the log."""

    def __init__(self, discipline: str, text: str, error: str = "ValueError") -> None:
        super().__init__(text)
        self.discipline = discipline
        self.error = error


Values = Mapping[str, Value]
Charts = dict[str, list[Bundle]]


def no_outputs(_values: Values) -> dict[str, Value]:
    """Compute nothing."""
    return {}


def no_charts(_values: Values) -> Charts:
    """Draw nothing; the root is named all the same, as on the real server."""
    return {"": []}


def as_they_are(values: Values) -> Values:
    """Complete nothing."""
    return values


def no_chart_errors(_values: Values) -> Sequence[tuple[str, str]]:
    """Draw every chart without an error."""
    return ()


@dataclass(frozen=True)
class Model:
    """Everything that copies of a study have in common. Node names are relative; "" is the root."""

    process: str
    # The disciplines, couplings included, in the order of the status route. A root that is not one has no settings.
    nodes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    compute: Callable[[Values], dict[str, Value]] = no_outputs
    charts: Callable[[Values], Charts] = no_charts
    timing: Timing = field(default_factory=Timing)
    loadable: bool = True
    # The text of the error that every load ends with; such a study leaves no read-only file.
    load_error: str | None = None
    repository: str = "cliproc.processes"
    discipline_path: str = "cliproc.discs"
    # Modules of single nodes, else `discipline_path` and the node's last name.
    modules: Mapping[str, str] = field(default_factory=dict)
    # Types of single nodes: couplings other than the root, drivers.
    node_types: Mapping[str, str] = field(default_factory=dict)
    maturity: str = "Fake"
    # Names of the parameters that do not exist while others have these values.
    absent: Callable[[Values], Collection[str]] = lambda _values: ()
    # What the server makes of values when it takes a change in; completing twice changes nothing more.
    complete: Callable[[Values], Values] = as_they_are
    # Errors of charts after a failed run, as (discipline, text), in the order of the log.
    chart_errors: Callable[[Values], Sequence[tuple[str, str]]] = no_chart_errors

    def path_of(self, node: str) -> str:
        """Give the module that a node's model comes from."""
        if node in self.modules:
            return self.modules[node]
        if self.type_of(node) == "ProxyCoupling":
            return CORE
        return f"{self.discipline_path}.{node.rpartition('.')[2]}"

    def type_of(self, node: str) -> str:
        """Give the engine class of a node."""
        return self.node_types.get(node, "ProxyDiscipline" if node else "ProxyCoupling")

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return {one.name: one for one in self.parameters}

    @cached_property
    def users(self) -> Mapping[str, tuple[str, ...]]:
        """The disciplines that read or write each parameter, by its name and in the order of the nodes."""
        order = {node: place for place, node in enumerate(self.nodes)}
        named = ((one.name, order.keys() & {*(one.readers or ()), one.writer}) for one in self.parameters)
        return {name: tuple(sorted(nodes, key=order.__getitem__)) for name, nodes in named}

    @cached_property
    def sharing(self) -> Mapping[str, tuple[str, ...]]:
        """The disciplines that use each named namespace, in the order of the nodes."""
        named: dict[str, set[str]] = {}
        for one in self.parameters:
            if one.namespace is not None:
                named.setdefault(one.namespace, set()).update(self.users[one.name])
        return {name: tuple(node for node in self.nodes if node in nodes) for name, nodes in named.items()}

    @cached_property
    def _defaults(self) -> Mapping[str, Value]:
        return {one.name: None if one.start else one.default for one in self.parameters}

    @cached_property
    def _nodes_with_parameters(self) -> frozenset[str]:
        return frozenset(one.node for one in self.parameters)

    def defaults(self) -> dict[str, Value]:
        """Give every parameter the value of a copy: its default, and nothing where a loop starts."""
        return dict(self._defaults)

    def configured(self, values: Values) -> dict[str, Value]:
        """Complete values; a parameter that does not exist any more loses its own."""
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
        """Give the parameters that exist, in order."""
        absent = self.absent(values)
        return (one for one in self.parameters if one.name not in absent) if absent else iter(self.parameters)

    def present_nodes(self, values: Values) -> tuple[str, ...]:
        """Give the nodes that have at least one parameter."""
        here = {one.node for one in self.present(values)}
        return tuple(node for node in self.nodes if node in here or node not in self._nodes_with_parameters)


@dataclass(frozen=True)
class Problem:
    """Why a run cannot succeed; an early one is found before the run is RUNNING."""

    text: str
    early: bool
    discipline: str = ""
    error: str = "ValueError"
