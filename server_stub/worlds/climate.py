"""A climate model like DICE: a loop of five tables with start values, and six disciplines with charts."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from server_stub import charts
from server_stub.model import Bundle, Charts, Model, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Json, Table, Value

_CARBON, _MACRO, _HEAT = "Carboncycle", "Macroeconomics", "Temperature change"
_DAMAGE, _EMISSIONS, _UTILITY = "Damage", "Carbon_emissions", "Utility"
_DISCIPLINES = (_CARBON, _MACRO, _HEAT, _DAMAGE, _EMISSIONS, _UTILITY)
_PACKAGE = "climateeconomics.sos_wrapping.sos_wrapping_dice"
_MODULES = ("carboncycle", "macroeconomics", "tempchange", "damagemodel", "carbonemissions", "utilitymodel")
_FIRST_YEAR, _LAST_YEAR = 2015, 2100
_FIRST_RATE = 0.03
# The parameter that scales a table, and its value in the recordings.
_SCALES = {
    "emissions_df": (f"{_EMISSIONS}.init_indus_emissions", 35.7),
    "carboncycle_df": (f"{_CARBON}.init_conc_atmo", 851),
    "damage_df": (f"{_DAMAGE}.damag_quad", 0.0022),
    "economics_df": ("init_gross_output", 105.177),
    "temperature_df": (f"{_HEAT}.eq_temp_impact", 3.1),
}
_DRAWN = {
    _CARBON: ("carboncycle_df", "atmo_conc"),
    _MACRO: ("economics_df", "gross_output"),
    _HEAT: ("temperature_df", "temp_atmo"),
    _DAMAGE: ("damage_df", "Damages"),
    _EMISSIONS: ("emissions_df", "total_emissions"),
    _UTILITY: ("utility_df", "utility"),
}
# A failed process draws all charts twice: for the page and for the file.
_TIMES_DRAWN = 2


@cache
def _recorded() -> Json:
    """Return the recorded declarations of each discipline, and the first years of every table."""
    return json.loads(files("server_stub.worlds").joinpath("climate.json").read_text(encoding="utf-8"))


def _shared(name: str, kind: str, default: Value, unit: str | None, readers: tuple[str, ...]) -> Parameter:
    return Parameter(name, kind, default, unit, visibility="Shared", namespace="ns_dice", readers=readers)


def _table(name: str, writer: str, readers: tuple[str, ...], **more: Value) -> Parameter:
    loop = {"io_type": "in", "coupling": True} if readers else {"io_type": "out"}
    declared: dict[str, Value] = {"unit": None, **loop, **more}
    return Parameter(
        name,
        "dataframe",
        None,
        visibility="Shared",
        namespace="ns_scenario",
        readers=readers,
        writer=writer,
        **declared,
    )


_ECONOMICS_AS_READ = {
    "unit": "-",
    "gradient": True,
    "dataframe_descriptor": {
        "years": ["int", [1900, 2100], False],
        "gross_output": ["float", [0, 1e30], False],
        "output_net_of_d": ["float", [0, 1e30], False],
        "pc_consumption": ["float", [0, 1e30], False],
    },
}
_HEAT_COLUMNS = {"years": ["int", [1900, 2100], False], "temp_atmo": ["float", None, False]}
_ASSUMPTIONS = {
    "compute_gdp": True,
    "compute_climate_impact_on_gdp": True,
    "activate_climate_effect_population": True,
    "activate_pandemic_effects": False,
}
_ROOT = (
    _shared("year_start", "int", _FIRST_YEAR, "years", _DISCIPLINES),
    _shared("year_end", "int", _LAST_YEAR, "years", _DISCIPLINES),
    _table("emissions_df", _EMISSIONS, (_CARBON, _DAMAGE, _UTILITY)),
    _table("carboncycle_df", _CARBON, (_HEAT,)),
    _table("damage_df", _DAMAGE, (_MACRO,)),
    _shared("init_gross_output", "float", 105.177, "trillions $", (_MACRO, _EMISSIONS)),
    _shared("init_rate_time_pref", "float", 0.015, None, (_MACRO, _UTILITY)),
    _shared("conso_elasticity", "float", 1.45, None, (_MACRO, _UTILITY)),
    _shared("damage_to_productivity", "bool", default=False, unit=None, readers=(_MACRO, _DAMAGE)),
    _shared("frac_damage_prod", "float", 0.3, None, (_MACRO, _DAMAGE)),
    _table("economics_df", _MACRO, (_DAMAGE, _EMISSIONS, _UTILITY), read_as=_ECONOMICS_AS_READ),
    _table("temperature_df", _HEAT, (_DAMAGE, _UTILITY), unit="°C", descriptor=_HEAT_COLUMNS),
    Parameter(
        "emissions_control_rate",
        "dataframe",
        None,
        None,
        visibility="Shared",
        namespace="ns_scenario",
        readers=(_DAMAGE, _EMISSIONS),
    ),
    _shared("assumptions_dict", "dict", _ASSUMPTIONS, "-", (_MACRO, _DAMAGE)),
    _table("utility_df", _UTILITY, ()),
)


def _parameters() -> tuple[Parameter, ...]:
    own: dict[str, list[Parameter]] = {name: [] for name in _DISCIPLINES}
    for name, kind, default, unit, visibility in _recorded()["own"]:
        parameter = Parameter(name, kind, default, unit, visibility=visibility)
        own[parameter.node].append(parameter)
    leaves = (parameter for name in _DISCIPLINES for parameter in (*own[name], *discipline_settings(name)))
    return (*coupling_settings(), *_ROOT, *leaves)


def _years(values: Values) -> range:
    return range(values["year_start"], values["year_end"] + 1)


def compute(values: Values) -> dict[str, Value]:
    """Continue the recorded years to the last one. Each table grows with its scale and falls with the control rate."""
    years = _years(values)
    rates: Table = values["emissions_control_rate"]
    for table in (rates, *(values[name] for name in _SCALES)):
        if table is not None and len(table.rows) != len(years):
            text = f"Length mismatch: Expected {len(table.rows)} rows, received array of length {len(years)}"
            raise ValueError(text)
    kept = 1 + _FIRST_RATE - rates.rows[0][1]
    tables = {name: _continued(name, years, kept * values[scale] / usual) for name, (scale, usual) in _SCALES.items()}
    consumption = tables["economics_df"].column("pc_consumption")
    utility = tuple(
        (year, amount * values["Utility.scaleone"]) for year, amount in zip(years, consumption, strict=True)
    )
    return {**tables, "utility_df": Table(("years", "utility"), utility)}


def _continued(name: str, years: range, factor: float) -> Table:
    """Continue in steps of the last two years. In the last recorded year some cells are missing."""
    recorded = _recorded()[name]
    rows: list[list[float]] = []
    for index in range(len(years)):
        known = recorded["rows"][index] if index < len(recorded["rows"]) else [None] * len(recorded["columns"])
        steps = [2 * last - before for before, last in zip(rows[-2], rows[-1], strict=True)] if index > 1 else known
        rows.append([step if cell is None else cell for cell, step in zip(known, steps, strict=True)])
    moved = years.start - _FIRST_YEAR
    return Table(
        tuple(recorded["columns"]),
        tuple((row[0] + moved, *(cell * factor for cell in row[1:])) for row in rows),
    )


def draw(values: Values) -> Charts:
    """Draw a table per discipline after a run."""
    drawn: Charts = {"": []}
    for node, (name, column) in _DRAWN.items():
        table = values.get(name)
        drawn[node] = []
        if isinstance(table, Table) and column in table.columns:
            series = {column: table.column(column)}
            chart = charts.lines(column, ("years", table.column("years")), (column, series))
            drawn[node] = [Bundle(dict(zip(_DISCIPLINES, _MODULES, strict=True))[node], (chart,))]
    return drawn


def chart_errors(values: Values) -> Sequence[tuple[str, str]]:
    """Return the charts that fail, because their table has no value."""
    text = "AttributeError: 'NoneType' object has no attribute 'index'"
    missing = [node for node, (name, _) in _DRAWN.items() if values[name] is None]
    return [(node, text) for node in missing * _TIMES_DRAWN]


def fill(study: Study) -> None:
    """Set the recorded values, which a copy does not get."""
    years = range(_FIRST_YEAR, _LAST_YEAR + 1)
    columns = tuple(_recorded()["economics_df"]["columns"])
    rates = [min(1.0, round(_FIRST_RATE * 1.078**index, 4)) for index in range(len(years))]
    study.values |= {
        "economics_df": Table(columns, tuple((year, *[0.0] * (len(columns) - 1)) for year in years)),
        "emissions_control_rate": Table(("years", "value"), tuple(zip(years, rates, strict=True))),
    }


CLIMATE = Model(
    "dice_model",
    ("", *_DISCIPLINES),
    _parameters(),
    compute,
    draw,
    Timing(pending=7.5, silent=0.3, work=12.2),
    repository="climateeconomics.sos_processes.iam.dice",
    modules={node: f"{_PACKAGE}.{name}.{name}_discipline" for node, name in zip(_DISCIPLINES, _MODULES, strict=True)},
    maturity="Research",
    chart_errors=chart_errors,
)
