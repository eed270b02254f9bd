"""A small model with every type of parameter and every kind of chart: study 21 of the demo."""

import math

from server_stub import charts
from server_stub.charts import Position
from server_stub.model import Bundle, Charts, Model, ModelError, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Array, Table, Value

NODES = ("", "Macro", "Carbon", "Damage", "Energy mix")
_YEARS = tuple(range(2020, 2031))
_POPULATION = Table(("years", "population"), tuple((year, 7800.0 + 70.5 * index) for index, year in enumerate(_YEARS)))
_PRICES = Table(
    ("years", "price", "tax"), tuple((year, 40.0 + index, 0.5 * index) for index, year in enumerate(_YEARS))
)
_EVENTS = Table(
    ("name", "active", "comment", "amount"),
    (("Paris, 2015", True, 'said "now"', 1.5), ("Glasgow", False, None, math.nan), ("Belém ☃", True, "naïve", 3.0)),
)
_REGIONS = {
    "Europe": Table(("years", "share"), ((2020, 0.25), (2030, 0.2))),
    "Asia": Table(("years", "share"), ((2020, 0.5), (2030, 0.6))),
}
_COST = Table(("years", "cost"), ((2020, 40.0), (2030, 35.5)))
_NESTED = {"A": {"x": 1.0, "y": math.nan}, "B": {"x": 2.0}}
_LONG_NAME = "a very long name that says it all " * 3 + "about wind & sun [GW]"

_MACRO = (
    Parameter("Macro.gamma", "float", 0.3),
    Parameter("Macro.savings_rate", "float", 0.25, range=(0.0, 1.0)),
    Parameter("Macro.start_year", "int", 2020, "year", range=(1950.0, 2200.0)),
    Parameter("Macro.periods", "int", 11),
    Parameter("Macro.use_damage", "bool", default=True, unit=None),
    Parameter("Macro.scenario", "string", "sunny", None, possible_values=("cloudy", "sunny", "rainy")),
    Parameter("Macro.note", "string", "café ☃ naïve", None),
    Parameter("Macro.targets", "list", [1.0, 2.5, 4.0], subtype={"list": "float"}),
    Parameter("Macro.region_names", "list", ["Europe", "Asia"], None),
    Parameter("Macro.milestones", "list", [float(number) for number in range(12)], "year"),
    Parameter("Macro.weights", "array", Array([0.2, 0.3, 0.5]), "kg"),
    Parameter("Macro.matrix", "array", Array([[1.0, 2.0], [3.0, 4.0]])),
    Parameter("Macro.shares", "dict", {"coal": 0.4, "wind": 0.6}),
    Parameter("Macro.nested", "dict", _NESTED, None, subtype={"dict": {"dict": "float"}}),
    Parameter("Macro.regions", "dict", _REGIONS, None, subtype={"dict": "dataframe"}),
    Parameter(
        "Macro.population",
        "dataframe",
        _POPULATION,
        "Mpeople",
        descriptor={"years": ["int", [1900, 2100], False], "population": ["float", None, True]},
    ),
    Parameter("Macro.events", "dataframe", _EVENTS, None),
    Parameter("Macro.not_known", "float", math.nan),
    Parameter("Macro.no_limit", "float", math.inf),
    Parameter("Macro.remark", "string", None, None, optional=True),
    Parameter("Macro.locked", "float", 9.0, None, editable=False),
    *discipline_settings("Macro"),
    Parameter("Macro.output", "dataframe", None, "G$", io_type="out", coupling=True, readers=("Carbon",)),
)
_OTHERS = (
    Parameter("Carbon.price", "dataframe", _PRICES, "$/t"),
    Parameter("Carbon.intensity", "float", 0.35, "kg/$"),
    *discipline_settings("Carbon"),
    Parameter("Carbon.emissions", "dataframe", None, "Gt", io_type="out"),
    Parameter("Damage.theta", "float", 0.00236),
    # From Carbon to Damage without a loop, so it has no start value and is not in a load.
    Parameter(
        "Damage.temperature",
        "dataframe",
        None,
        "°C",
        io_type="out",
        coupling=True,
        readers=("Damage",),
        writer="Carbon",
    ),
    *discipline_settings("Damage"),
    Parameter("Damage.total_damage", "float", None, "G$", io_type="out"),
    Parameter("Damage.damages", "dataframe", None, "G$", io_type="out"),
    Parameter("Damage.by_year", "array", None, "G$", io_type="out"),
    Parameter("Damage.message", "string", None, None, io_type="out"),
    Parameter("Energy mix.share of wind [%] & sun", "float", 12.5, "%"),
    Parameter(f"Energy mix.{_LONG_NAME}", "float", 3.0, "GW"),
    # Names that differ only in characters that are invalid in file names.
    Parameter("Energy mix.cost [$/MWh]", "dataframe", _COST, "$/MWh"),
    Parameter("Energy mix.cost [$:MWh]", "dataframe", _COST, "$/MWh"),
    *discipline_settings("Energy mix"),
    Parameter("Energy mix.nothing", "float", None, None, io_type="out"),
)
PARAMETERS = (*coupling_settings(), *_MACRO, *_OTHERS)


def compute(values: Values) -> dict[str, Value]:
    """Compute output, emissions, temperature and damage. A changed input changes every output."""
    population: Table = values["Macro.population"]
    years = population.column("years")
    growth = 1 + float(values["Macro.gamma"]) / 10
    made = [people * growth**index * 0.011 for index, people in enumerate(population.column("population"))]
    clean = float(values["Energy mix.share of wind [%] & sun"]) / 100
    emitted = [amount * float(values["Carbon.intensity"]) * (1 - clean) for amount in made]
    warmth = [1.1 + 0.001 * math.fsum(emitted[: index + 1]) for index in range(len(emitted))]
    theta = float(values["Damage.theta"]) if values["Macro.use_damage"] else 0.0
    lost = [theta * degrees**2 * amount for degrees, amount in zip(warmth, made, strict=True)]
    return {
        "Macro.output": Table(("years", "output"), tuple(zip(years, made, strict=True))),
        "Carbon.emissions": Table(("years", "emissions"), tuple(zip(years, emitted, strict=True))),
        "Damage.temperature": Table(("years", "temperature"), tuple(zip(years, warmth, strict=True))),
        "Damage.damages": Table(("years", "damages"), tuple(zip(years, lost, strict=True))),
        "Damage.by_year": Array(lost),
        "Damage.total_damage": math.fsum(lost),
        "Damage.message": f"{values['Macro.scenario']} days",
        "Energy mix.nothing": math.nan,
    }


def fail(_values: Values) -> dict[str, Value]:
    """Raise an error like a discipline."""
    raise ModelError("Damage", "deliberate failure: temperature is out of bounds")


def draw(values: Values) -> Charts:
    """Draw the results of a run. Before the first run there are only empty lists."""
    if values.get("Macro.output") is None:
        return {"": [], **{node: [] for node in NODES[1:]}}
    years = values["Macro.output"].column("years")
    made = values["Macro.output"].column("output")
    emitted = values["Carbon.emissions"].column("emissions")
    lost = values["Damage.damages"].column("damages")
    warmth = values["Damage.temperature"].column("temperature")
    return {
        "": [],
        "Macro": [Bundle("cliproc.discs.Macro", _first_macro(years, made)), _last_macro(values, years, made)],
        "Carbon": [Bundle("cliproc.discs.Carbon", _carbon(years, emitted), ("stacked", "axes"))],
        "Damage": [Bundle("cliproc.discs.Damage", _damage(years, lost, warmth), ("bar", "native"))],
        "Energy mix": [],
    }


def _first_macro(years: list[Value], made: list[Value]) -> tuple[Value, ...]:
    """Draw charts that only the page and the read-only file show, because a later bundle hides them in the JSON."""
    return (charts.lines("Hidden in JSON", ("years", years), ("output [G$]", {"first bundle": made})),)


def _last_macro(values: Values, years: list[Value], made: list[Value]) -> Bundle:
    doubled = [2 * amount for amount in made]
    wind = float(values["Energy mix.share of wind [%] & sun"])
    drawn = (
        charts.lines(
            "Output <i>per year</i>",
            ("years", years),
            ("output [G$]", {"output": made, "twice": doubled}),
            Position("Key charts", opened=True, key=True),
        ),
        charts.pie("Energy mix", {"wind & sun": wind, "coal": 100 - wind}, position=Position("Energy")),
        charts.table("Output table", {"years": years, "output": [*made[:-1], math.nan]}, Position("Tables")),
    )
    return Bundle("cliproc.discs.Macro", drawn, ("line", "pie", "table"))


def _carbon(years: list[Value], emitted: list[Value]) -> tuple[Value, ...]:
    half = [amount / 2 for amount in emitted]
    return (
        charts.stacked(
            "Emissions", ("years", years), ("CO2 [Gt]", {"land": half, "sea": half}), Position("Key charts")
        ),
        charts.two_axes(
            "Emissions and price",
            ("years", years),
            ("CO2 [Gt]", {"emissions": emitted}),
            ("price [$]", {"price": [40.0 + index for index in range(len(years))]}),
        ),
    )


def _damage(years: list[Value], lost: list[Value], warmth: list[Value]) -> tuple[Value, ...]:
    broken = [*warmth[:-2], math.nan, math.inf]
    heat = [{"z": [[1, 2], [3, 4]], "type": "heatmap", "name": "Plotly.newPlot( </script> in a name"}]
    return (
        charts.bars("Damages", ("years", years), ("damages [G$]", {"damages": lost}), Position("Key charts", key=True)),
        charts.lines("Temperature with gaps", ("years", years), ("°C", {"temperature": broken})),
        charts.native("Native heat", heat, Position("Native")),
        # Built on numpy: the JSON has placeholders instead of the numbers on the page.
        charts.native("Native on numpy", [{"x": Array(years), "y": Array(lost), "type": "scatter", "name": "numpy"}]),
    )


TIMING = Timing(pending=3.0, silent=0.3, work=4.7, moving=True)
DICE = Model("dice_process", NODES, PARAMETERS, compute, draw, TIMING)
CRASH = Model("crash_process", NODES, PARAMETERS, fail, draw, TIMING)
STUCK = Model("stuck_process", NODES, PARAMETERS, compute, lambda _values: {}, loadable=False)
ENDLESS = Model(
    "endless_process", NODES, PARAMETERS, compute, draw, Timing(pending=3.0, silent=0.3, moving=True, endless=True)
)

_SMALL_NAMES = (
    "Macro.gamma",
    "Macro.savings_rate",
    "Macro.use_damage",
    "Macro.scenario",
    "Macro.targets",
    "Macro.population",
    "Carbon.intensity",
)


def _compute_small(values: Values) -> dict[str, Value]:
    """Compute only the output."""
    population: Table = values["Macro.population"]
    growth = 1 + float(values["Macro.gamma"]) / 10
    made = [people * growth**index * 0.011 for index, people in enumerate(population.column("population"))]
    rows = tuple(zip(population.column("years"), made, strict=True))
    return {
        "Macro.output": Table(("years", "output"), rows),
        "Carbon.emissions": math.fsum(made) * float(values["Carbon.intensity"]),
    }


SMALL = Model(
    "dice_process",
    ("", "Macro", "Carbon"),
    (
        *coupling_settings(),
        *(parameter for parameter in PARAMETERS if parameter.name in _SMALL_NAMES),
        *discipline_settings("Macro"),
        *discipline_settings("Carbon"),
        Parameter("Macro.output", "dataframe", None, "G$", io_type="out"),
        Parameter("Carbon.emissions", "float", None, "Gt", io_type="out"),
    ),
    _compute_small,
    timing=TIMING,
)
