"""Two functions with known Sobol' indices: Ishigami (study 11) and the g-function (study 12). Their runs are short."""

from collections.abc import Callable, Sequence
from math import pi, prod, sin

from server_stub.model import Model, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings

_TIMING = Timing(pending=0.5, silent=0.1, work=0.4, load=0.2)
# The influence of an input falls with its coefficient.
G_COEFFICIENTS = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0)


def _numbers(names: Sequence[str], values: Values) -> list[float]:
    return [float(values[name]) for name in names]


def _model(node: str, inputs: tuple[Parameter, ...], function: Callable[[Values], float]) -> Model:
    output = Parameter(f"{node}.y", "float", None, "-", io_type="out")
    return Model(
        f"{node.lower()}_process",
        ("", node),
        (*coupling_settings(), *inputs, *discipline_settings(node), output),
        lambda values: {output.name: function(values)},
        timing=_TIMING,
        repository="sensitivity.processes",
        discipline_path="sensitivity.discs",
    )


def _ishigami(values: Values) -> float:
    names = [f"Ishigami.{name}" for name in ("x1", "x2", "x3", "a", "b")]
    x1, x2, x3, a, b = _numbers(names, values)
    return sin(x1) + a * sin(x2) ** 2 + b * x3**4 * sin(x1)


ISHIGAMI = _model(
    "Ishigami",
    (
        *(Parameter(f"Ishigami.x{number}", "float", 0.0, "rad", range=(-pi, pi)) for number in (1, 2, 3)),
        Parameter("Ishigami.a", "float", 7.0),
        Parameter("Ishigami.b", "float", 0.1),
    ),
    _ishigami,
)

_G_INPUTS = tuple(f"G.x{number}" for number in range(1, len(G_COEFFICIENTS) + 1))


def _g(values: Values) -> float:
    pairs = zip(_numbers(_G_INPUTS, values), map(float, values["G.a"]), strict=True)
    return prod((abs(4 * x - 2) + a) / (1 + a) for x, a in pairs)


G_FUNCTION = _model(
    "G",
    (
        *(Parameter(name, "float", 0.25, range=(0.0, 1.0)) for name in _G_INPUTS),
        Parameter("G.a", "list", list(G_COEFFICIENTS), subtype={"list": "float"}),
    ),
    _g,
)
