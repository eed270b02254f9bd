"""What a study computes: its declared parameters, disciplines, formulas, charts and durations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from server_stub.values import Array, Json, Table, Value

CORE = "sostrades_core.execution_engine.proxy_coupling"


@dataclass(frozen=True)
class Parameter:
    """A declared parameter; `name` is relative to the study: `Macro.gamma`."""

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
    # Names may hold dots inside brackets on no known server: the last dot parts node and variable.
    node: str = field(init=False)
    var_name: str = field(init=False)

    def __post_init__(self) -> None:
        node, _, var_name = self.name.rpartition(".")
        object.__setattr__(self, "node", node)
        object.__setattr__(self, "var_name", var_name)

    @property
    def shown(self) -> bool:
        """Whether the load route shows it."""
        return self.numerical or (self.io_type == "in" and self.editable)


@dataclass(frozen=True)
class Timing:
    """How long things take, in seconds at speed 1."""

    pending: float = 5.0
    silent: float = 0.4
    work: float = 2.0
    load: float = 0.9
    moving: bool = False
    endless: bool = False


@dataclass(frozen=True)
class Bundle:
    """The charts that one model of a discipline makes, with its filters."""

    name: str
    charts: tuple[Json, ...]
    filters: tuple[str, ...] = ()


class ModelError(Exception):
    """A discipline that raises during a run; it becomes the traceback in the log."""

    def __init__(self, discipline: str, text: str) -> None:
        super().__init__(text)
        self.discipline = discipline


Values = Mapping[str, Value]
Charts = dict[str, list[Bundle]]


def no_outputs(_values: Values) -> dict[str, Value]:
    """Compute nothing."""
    return {}


def no_charts(_values: Values) -> Charts:
    """Draw nothing; the root is named all the same, as on the real server."""
    return {"": []}


@dataclass(frozen=True)
class Model:
    """Everything that copies of a study have in common. Node names are relative; "" is the root."""

    process: str
    nodes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    compute: Callable[[Values], dict[str, Value]] = no_outputs
    charts: Callable[[Values], Charts] = no_charts
    timing: Timing = field(default_factory=Timing)
    loadable: bool = True
    repository: str = "cliproc.processes"
    discipline_path: str = "cliproc.discs"

    def path_of(self, node: str) -> str:
        """Give the module that a node's model comes from."""
        return f"{self.discipline_path}.{node.rpartition('.')[2]}" if node else CORE

    def defaults(self) -> dict[str, Value]:
        """Give every parameter its declared default."""
        return {parameter.name: parameter.default for parameter in self.parameters}


@dataclass(frozen=True)
class Problem:
    """Why a run cannot succeed; an early one is found before the run is RUNNING."""

    text: str
    early: bool
    discipline: str = ""


_ACCEPTED: dict[str, tuple[type, ...]] = {
    "float": (float, int),
    "int": (int,),
    "string": (str,),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "array": (Array,),
    "dataframe": (Table,),
}
_LARGE_TYPES = ("array", "dataframe")


def first_problem(parameters: tuple[Parameter, ...], values: Values) -> Problem | None:
    """Check the inputs as the engine does when a run starts; nothing is checked before."""
    for parameter in parameters:
        value = values.get(parameter.name)
        if parameter.io_type != "in" or value is None or same_as_default(parameter, value):
            continue
        accepted = _ACCEPTED.get(parameter.type)
        wrong = accepted is not None and not isinstance(value, accepted)
        if wrong or (isinstance(value, bool) and parameter.type != "bool"):
            text = f"Variable: {parameter.name} of type {type(value)} has not the type specified in datamanager"
            return Problem(f"{text} which is {parameter.type}", early=parameter.type in _LARGE_TYPES)
        if parameter.range is not None and not parameter.range[0] <= value <= parameter.range[1]:
            return Problem(f"Variable: {parameter.name} : {value} is not in range {list(parameter.range)}", early=True)
        if parameter.possible_values is not None and value not in parameter.possible_values:
            choices = list(parameter.possible_values)
            return Problem(f"Variable: {parameter.name} : {value} not in *possible values* {choices}", early=True)
    return None


def same_as_default(parameter: Parameter, value: Value) -> bool:
    """Say whether a value is the declared default itself, which is never checked."""
    return value is parameter.default
