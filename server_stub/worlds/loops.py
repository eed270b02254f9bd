"""Two small studies with loops: a ring of two disciplines with defaults, and a process that cannot be loaded."""

from functools import cache
from math import sqrt

from server_stub.model import Model, Parameter, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Array, Value

# The result of the optimisation on the server that works.
OPTIMUM = 1.77763888346126
_PASSES = 27
_COUPLING_ERROR = "'ProxyCoupling' object has no attribute 'coupling_structure'"


def _ring(values: Values) -> dict[str, Value]:
    """Iterate to a fixed point, then extrapolate. The start shows only in the last digit."""
    a, b = values["Feeder.a"], values["Taker.b"]
    visited = [(float(values["p"]), float(values["q"]))]
    for _ in range(_PASSES):
        q = 1 + a * visited[-1][0]
        visited.append((2 + b * q, q))
    p, q = (_extrapolated(*(point[index] for point in visited[-3:])) for index in (0, 1))
    return {"p": p, "q": q}


def _extrapolated(before: float, last_but_one: float, last: float) -> float:
    bend = last - 2 * last_but_one + before
    return last - (last - last_but_one) ** 2 / bend if bend else last


def _on_the_way(name: str, reader: str, writer: str) -> Parameter:
    return Parameter(
        name,
        "float",
        1.0,
        None,
        coupling=True,
        visibility="Shared",
        namespace="ns_mda",
        readers=(reader,),
        writer=writer,
    )


RING = Model(
    "loop",
    ("", "Feeder", "Taker"),
    (
        *coupling_settings(),
        _on_the_way("p", "Feeder", "Taker"),
        _on_the_way("q", "Taker", "Feeder"),
        Parameter("Feeder.a", "float", 0.5, None),
        Parameter("Feeder.pause", "float", 0.0, "s"),
        *discipline_settings("Feeder"),
        Parameter("Taker.b", "float", 0.5, None),
        *discipline_settings("Taker"),
    ),
    _ring,
    repository="ownproc.processes",
    modules=dict.fromkeys(("Feeder", "Taker"), "ownproc.discs.mixed"),
)


@cache
def wrapped(optimum: float) -> Model:
    """Return the model of a wrapped optimisation that ends near the square root of 3.16, like on a recorded server."""
    error = optimum - sqrt(3.16)
    return Model(
        "test_wrapped",
        ("",),
        (
            *coupling_settings(),
            Parameter("x_shared", "array", Array([1.9776, 0.0]), None),
            Parameter("limit", "float", 3.16, None),
            Parameter("y_1", "float", None, None, io_type="out"),
        ),
        lambda values: {"y_1": sqrt(values["limit"]) + error},
        load_error=_COUPLING_ERROR,
        repository="sostrades_core.sos_processes.test",
    )
