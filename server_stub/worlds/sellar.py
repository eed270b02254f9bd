"""The Sellar problem: two disciplines in a loop and a third after it. The root is not a discipline."""

from math import exp, sqrt

from server_stub.model import Model, Parameter, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Array, Value

COUPLING = "SellarCoupling"
CLASSES = ("SellarProblem", "Sellar2", "Sellar1")
MODULE = "sostrades_core.sos_wrapping.test_discs.sellar"
_NAMESPACE = "ns_OptimSellar"
_SWEEPS = 100
_EXACT = 1e-9
# The acceleration of the server's solver decides the result: (x, z, y_1, y_2) at the default tolerance -> y_1.
_RECORDED: dict[tuple[float, ...], float] = {(1.0, 1.0, 1.0, 1.0, 1.0): 2.296890111779933}


def nodes(below: str = "") -> tuple[str, ...]:
    """Return the coupling and its disciplines in the order of the server."""
    at = f"{below}{COUPLING}"
    return (at, *(f"{at}.{name}" for name in ("Sellar_Problem", "Sellar_2", "Sellar_1")))


def parameters(below: str = "") -> tuple[Parameter, ...]:
    """Declare the problem below a node."""
    at, problem, second, first = nodes(below)
    return (
        *coupling_settings(at, listed=False),
        _shared(f"{at}.x", readers=(problem, first)),
        _loop(f"{at}.y_1", readers=(problem, second), writer=first),
        _loop(f"{at}.y_2", readers=(problem, first), writer=second),
        _shared(f"{at}.z", readers=(problem, second, first)),
        Parameter(f"{at}.debug_mode_sellar", "bool", default=False, unit=None, namespace=_NAMESPACE, readers=(second,)),
        Parameter(f"{problem}.local_dv", "float", None, None),
        *discipline_settings(problem),
        *discipline_settings(second),
        *discipline_settings(first),
        *(_result(f"{at}.{name}", problem) for name in ("c_1", "c_2", "obj")),
    )


def _shared(name: str, readers: tuple[str, ...]) -> Parameter:
    return Parameter(name, "array", None, None, namespace=_NAMESPACE, readers=readers)


def _loop(name: str, readers: tuple[str, ...], writer: str) -> Parameter:
    return Parameter(
        name,
        "array",
        None,
        None,
        coupling=True,
        namespace=_NAMESPACE,
        readers=readers,
        writer=writer,
    )


def _result(name: str, writer: str) -> Parameter:
    return Parameter(name, "array", None, None, io_type="out", namespace=_NAMESPACE, writer=writer, listed=False)


def solve(values: Values, below: str = "") -> dict[str, Value]:
    """Compute every output from the inputs below a node."""
    at, problem, *_ = nodes(below)
    x, z, local = values[f"{at}.x"].data[0], values[f"{at}.z"].data, values[f"{problem}.local_dv"]
    starts = [_first(values[f"{at}.y_1"]), _first(values[f"{at}.y_2"])]
    first, second = _converge(x, z, starts, values[f"{at}.tolerance"])
    objective = local + x**2 + z[1] + first + exp(-second)
    return {
        f"{at}.y_1": Array([first]),
        f"{at}.y_2": Array([second]),
        f"{at}.c_1": Array([3.16 - first]),
        f"{at}.c_2": Array([second - 24.0]),
        f"{at}.obj": Array([complex(objective)]),
    }


def _first(value: Value) -> float | None:
    return None if value is None else value.data[0]


def _converge(x: float, z: list[float], starts: list[float | None], tolerance: float) -> tuple[float, float]:
    """Iterate over both disciplines until no value changes by more than the tolerance."""
    recorded = _RECORDED.get((x, *z, *(0.0 if start is None else start for start in starts)))
    if recorded is not None and tolerance > _EXACT:
        return recorded, sqrt(recorded) + z[0] + z[1]
    first, second = starts
    if second is None:
        second = sqrt(first or 0.0) + z[0] + z[1]
    if first is None:
        first = z[0] ** 2 + z[1] + x - 0.2 * second
    for _ in range(_SWEEPS):
        before = (first, second)
        first, second = z[0] ** 2 + z[1] + x - 0.2 * second, sqrt(first) + z[0] + z[1]
        moved = max(abs(first - before[0]), abs(second - before[1]))
        if moved == 0 or (moved < tolerance and tolerance > _EXACT):
            break
    return first, second


def fill(study: Study) -> None:
    """Set the recorded values, which a copy does not get."""
    at, problem, *_ = nodes()
    study.values |= {
        f"{at}.x": Array([1.0]),
        f"{at}.z": Array([1.0, 1.0]),
        f"{at}.y_1": Array([1.0]),
        f"{at}.y_2": Array([1.0]),
        f"{problem}.local_dv": 10.0,
        f"{at}.max_mda_iter": 100,
        f"{at}.tolerance": 1e-12,
    }


SELLAR = Model(
    "test_sellar_coupling",
    nodes(),
    parameters(),
    solve,
    charts=lambda _values: {COUPLING: []},
    repository="sostrades_core.sos_processes.test",
    modules=dict.fromkeys(nodes()[1:], MODULE),
    node_types={COUPLING: "ProxyCoupling"},
    classes=dict(zip(nodes()[1:], CLASSES, strict=True)),
)
