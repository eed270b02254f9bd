"""A study with the exchanges of WITNESS: 31 disciplines, 159 variables on 211 ways, and a loop of 28 disciplines.

The names are invented, and the numbers of everything follow rules. In 118 cases, a discipline lists an own output also
as an input.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from server_stub import charts
from server_stub.model import Bundle, Charts, Model, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Array, Json, Table, Value
from server_stub.worlds import sector_documents

# Folders without a discipline, and two disciplines at the top.
LOOP = (
    *(f"Energy.{name}" for name in ("Coal", "Gas", "Oil", "Nuclear", "Wind & sun", "Hydrogen", "Demand")),
    *(f"Agriculture.{name}" for name in ("Crop", "Livestock", "Forest", "Land use")),
    *(f"Industry.{name}" for name in ("Steel", "Cement", "Services", "Labour market", "Capital")),
    *(f"Climate.{name}" for name in ("Carbon cycle", "Temperature change", "Ocean", "Emissions", "Damage")),
    *(f"Population.{name}" for name in ("Births", "Deaths", "Education", "Health")),
    "Resources.Copper",
    "Macroeconomics",
    "Investment",
)
CONSUMPTION, UTILITY, WELL_BEING = "Consumption", "Utility", "Well-being index"
DISCIPLINES = (*LOOP, CONSUMPTION, UTILITY, WELL_BEING)
PACKAGE = "sectors_models"
# Several disciplines of one module: the ontology has only its last class.
_FOSSIL = ("Energy.Coal", "Energy.Gas", "Energy.Oil")
_IN_LOOP, _WITH_SECOND_READER, _OWN_INPUTS = 156, 46, 118
_READ_BY_CONSUMPTION = range(150, 156)
_QUANTITIES = ("production", "capital", "emissions", "price", "stock", "demand")
_UNITS = ("Mt", "G$", "Gt", "$/MWh", "Mt", "TWh")
# The variables from the discipline after the loop to the last two.
_SPENT = {"food": UTILITY, "housing": UTILITY, "leisure": WELL_BEING}
_FIRST_YEAR = 2020


@dataclass(frozen=True)
class Scale:
    """The size of a study: own inputs per discipline, rows of the tables, charts per discipline, and its times."""

    inputs: int
    rows: int
    charts: int
    timing: Timing


SMALL = Scale(3, 5, 1, Timing(pending=3.0, work=6.2, load=1.5, moving=True))
FULL = Scale(26, 81, 14, Timing(pending=5.0, work=34.6, load=3.0, moving=True))


def module_of(node: str) -> str:
    """Return the module of a discipline."""
    if node in _FOSSIL:
        return f"{PACKAGE}.energy.fossil_discipline"
    *folders, name = node.lower().replace(" & ", "_").replace(" ", "_").replace("-", "_").split(".")
    return ".".join((PACKAGE, *folders, f"{name}_discipline"))


_NODES = {module_of(node): node for node in DISCIPLINES}


@cache
def model(scale: Scale, process: str) -> Model:
    """Return the generated model of a study."""
    return Model(
        process,
        ("", *DISCIPLINES),
        tuple(_parameters(scale)),
        lambda values: _compute(scale, values),
        lambda values: _charts(scale, values),
        scale.timing,
        repository=f"{PACKAGE}.processes",
        modules={node: module_of(node) for node in DISCIPLINES},
        maturity="Research",
        document=_document,
    )


def _document(identifier: str) -> str:
    """Return the documentation of a module. If several disciplines are in it, that of the last one."""
    node = _NODES.get(identifier)
    return sector_documents.document(node, DISCIPLINES.index(node)) if node is not None else ""


def _parameters(scale: Scale) -> Iterator[Parameter]:
    yield from coupling_settings()
    yield Parameter("year_start", "int", _FIRST_YEAR, "year", readers=DISCIPLINES, namespace="ns_sectors")
    yield Parameter(
        "year_end", "int", _FIRST_YEAR + scale.rows - 1, "year", readers=DISCIPLINES, namespace="ns_sectors"
    )
    for index in range(_IN_LOOP):
        yield _on_the_way(scale, index)
    for name, reader in _SPENT.items():
        yield Parameter(
            f"{CONSUMPTION}.{name}_df",
            "dataframe",
            None,
            "G$",
            io_type="out",
            coupling=True,
            readers=(reader,),
            writer=CONSUMPTION,
        )
    for node in DISCIPLINES:
        yield from _own_inputs(scale, node)
        yield from discipline_settings(node)
    yield Parameter(f"{UTILITY}.utility_df", "dataframe", None, None, io_type="out")
    yield Parameter(f"{WELL_BEING}.index", "float", None, None, io_type="out")
    # Stored above the discipline that writes it, so no node lists it.
    yield Parameter("total_investment", "float", None, "G$", io_type="out", writer="Investment", listed=False)


def _on_the_way(scale: Scale, index: int) -> Parameter:
    """Declare a variable of the loop. Every discipline writes five or six, and the next ones read them."""
    position, turn = index % len(LOOP), index // len(LOOP)
    producer = LOOP[position]
    readers = [LOOP[(position + 1 + turn) % len(LOOP)]]
    if index < _WITH_SECOND_READER:
        readers.append(LOOP[(position + 5) % len(LOOP)])
    if index in _READ_BY_CONSUMPTION:
        readers.append(CONSUMPTION)
    if index < _OWN_INPUTS:
        readers.append(producer)
    name = f"{producer.rpartition('.')[2].lower().replace(' & ', '_').replace(' ', '_')}_{_QUANTITIES[turn]}"
    folder = ("", producer.partition(".")[0], producer)[index % 3]
    kind = ("dataframe", "dataframe", "dict", "float", "array", "dataframe")[turn]
    return Parameter(
        f"{folder}.{name}" if folder else name,
        kind,
        _value(kind, scale.rows, 1.0 + index),
        _UNITS[turn],
        coupling=True,
        visibility="Shared",
        namespace="ns_sectors",
        readers=tuple(readers),
        writer=producer,
    )


def _own_inputs(scale: Scale, node: str) -> Iterator[Parameter]:
    yield Parameter(f"{node}.rate", "float", 0.02, "-", range=(0.0, 1.0))
    yield Parameter(f"{node}.method", "string", "linear", None, possible_values=("linear", "quadratic"))
    for index in range(scale.inputs - 2):
        kind = ("dataframe", "float", "list", "bool")[index % 4]
        yield Parameter(f"{node}.{kind} {index + 1} [%]", kind, _value(kind, scale.rows, 1.0 + index), "%")


def _value(kind: str, rows: int, factor: float) -> Value:
    amounts = [round(factor * (1 + math.sin(row / 9)), 6) for row in range(rows)]
    years = range(_FIRST_YEAR, _FIRST_YEAR + rows)
    values: dict[str, Value] = {
        "dataframe": Table(("years", "amount"), tuple(zip(years, amounts, strict=True))),
        "dict": {"north": amounts[0], "south": amounts[-1]},
        "array": Array(amounts),
        "list": amounts[:3],
        "bool": factor > 1,
        "float": factor,
    }
    return values[kind]


def _compute(scale: Scale, values: Values) -> dict[str, Value]:
    """Scale every variable with the rates. In a loop, each output depends on the rates of all its disciplines."""
    growth = 1 + math.fsum(values[f"{node}.rate"] for node in LOOP)
    outputs = {
        parameter.name: _value(parameter.type, scale.rows, (1.0 + index) * growth)
        for index, parameter in enumerate(_on_the_way(scale, index) for index in range(_IN_LOOP))
    }
    spent = growth + values[f"{CONSUMPTION}.rate"]
    outputs |= {f"{CONSUMPTION}.{name}_df": _value("dataframe", scale.rows, spent) for name in _SPENT}
    outputs[f"{UTILITY}.utility_df"] = _value("dataframe", scale.rows, spent + values[f"{UTILITY}.rate"])
    outputs[f"{WELL_BEING}.index"] = round(spent + values[f"{WELL_BEING}.rate"], 6)
    outputs["total_investment"] = round(growth + values["Investment.rate"], 6)
    return outputs


def _charts(scale: Scale, values: Values) -> Charts:
    drawn: Charts = {"": []}
    for index, node in enumerate(DISCIPLINES):
        figures = tuple(
            _chart(f"{node}: chart {number + 1}", scale.rows, index + number + values[f"{node}.rate"])
            for number in range(scale.charts)
        )
        drawn[node] = [Bundle(module_of(node), figures)]
    return drawn


def _chart(title: str, rows: int, factor: float) -> Json:
    years = list(range(_FIRST_YEAR, _FIRST_YEAR + rows))
    series = {f"part {part}": [round(factor * math.cos(row / part), 6) for row in range(rows)] for part in range(1, 5)}
    return charts.lines(title, ("years", years), ("amount [Mt]", series))
