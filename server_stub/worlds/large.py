"""Studies at the scale of WITNESS, made by rule: the same at every start."""

import math
from dataclasses import dataclass
from functools import cache

from server_stub import charts
from server_stub.charts import Place
from server_stub.model import Bundle, Charts, Model, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Json, Table, Value

_ROWS = 81
_FIRST_YEAR = 2020
_SECTORS = ("Energy", "Land use", "Resources", "Climate", "Population", "Economics [G$]", "Policy & tax", "Mix %")
_SCALAR_TYPES = ("float", "int", "string", "bool", "list", "dict")


@dataclass(frozen=True)
class Scale:
    """How much of everything: nodes with the root, parameters in the load, tables, charts, series in each of them."""

    nodes: int
    parameters: int
    tables: int
    charts: int
    key_charts: int
    timing: Timing
    series: int = 2


FULL = Scale(86, 2241, 490, 344, 85, Timing(pending=5.0, work=54.6, load=10.0, moving=True))
COARSE = Scale(32, 673, 120, 60, 31, Timing(pending=5.0, work=15.0, load=3.0, moving=True))
# Charts as the whole of WITNESS has them: as many, and as long in JSON.
WHOLE = Scale(86, 2241, 490, 1407, 382, FULL.timing, series=5)
YEARS = tuple(range(_FIRST_YEAR, _FIRST_YEAR + _ROWS))


@cache
def model(scale: Scale, process: str) -> Model:
    """Make a study's model by rule."""
    nodes = _nodes(scale.nodes)
    return Model(
        process,
        nodes,
        _parameters(scale, nodes),
        lambda values: _compute(values, nodes),
        lambda values: _charts(scale, nodes, values),
        scale.timing,
    )


def _nodes(count: int) -> tuple[str, ...]:
    """Name the root, the sectors, and disciplines below them."""
    sectors = _SECTORS[: min(len(_SECTORS), count - 1)]
    leaves = (f"{_SECTORS[index % len(_SECTORS)]}.Model {index // len(_SECTORS) + 1}" for index in range(count))
    return ("", *sectors, *(next(leaves) for _ in range(count - 1 - len(sectors))))


def _parameters(scale: Scale, nodes: tuple[str, ...]) -> tuple[Parameter, ...]:
    root = coupling_settings()
    leaves = nodes[1:]
    solver = {node: discipline_settings(node) for node in leaves}
    numerical = len(root) + sum(len(settings) for settings in solver.values())
    # One table is the residuals' own.
    tables = scale.tables - 1
    scalars = scale.parameters - numerical - tables
    own: dict[str, list[Parameter]] = {node: [] for node in leaves}
    for index in range(tables):
        node = leaves[index % len(leaves)]
        own[node].append(Parameter(f"{node}.table {index // len(leaves) + 1} [Mt]", "dataframe", _table(index), "Mt"))
    for index in range(scalars):
        node = leaves[index % len(leaves)]
        own[node].append(_scalar(node, index, index // len(leaves) + 1))
    outputs = {node: Parameter(f"{node}.total", "float", None, "Mt", io_type="out") for node in leaves}
    return (*root, *(one for node in leaves for one in (*own[node], *solver[node], outputs[node])))


def _scalar(node: str, index: int, number: int) -> Parameter:
    kind = _SCALAR_TYPES[index % len(_SCALAR_TYPES)]
    defaults: dict[str, Value] = {
        "float": round(math.sin(index) * 100, 6),
        "int": index % 97,
        "string": f"choice {index % 7}",
        "bool": index % 2 == 0,
        "list": [float(item) for item in range(index % 6)],
        "dict": {f"key {item}": round(math.cos(index + item), 6) for item in range(1 + index % 4)},
    }
    return Parameter(f"{node}.{kind} {number} %&", kind, defaults[kind], "-" if index % 3 else None)


def _table(index: int) -> Table:
    phase, slope = index % 17, 1 + index % 5
    rows = ((year, round(slope * row + math.sin(row / 9 + phase), 6), 100.0 - row) for row, year in enumerate(YEARS))
    return Table(("years", "amount", "rest"), tuple(rows))


def _compute(values: Values, nodes: tuple[str, ...]) -> dict[str, Value]:
    """Add up the first table of every discipline."""
    outputs = {}
    for node in nodes[1:]:
        table = values.get(f"{node}.table 1 [Mt]")
        outputs[f"{node}.total"] = round(math.fsum(table.column("amount")), 6) if isinstance(table, Table) else 0.0
    return outputs


def _charts(scale: Scale, nodes: tuple[str, ...], values: Values) -> Charts:
    leaves = nodes[1:]
    drawn: dict[str, list[Json]] = {node: [] for node in leaves}
    for index in range(scale.charts):
        node = leaves[index % len(leaves)]
        number = index // len(leaves) + 1
        key = index < scale.key_charts
        place = Place("Key charts" if key else f"Section {number}", key=key)
        table = values.get(f"{node}.table {number} [Mt]")
        table = table if isinstance(table, Table) else _table(number)
        drawn[node].append(_chart(f"{node}: chart {number}", number, table, scale.series, place))
    return {"": [], **{node: [Bundle(f"cliproc.discs.{node}", tuple(made))] for node, made in drawn.items()}}


def _chart(title: str, number: int, table: Table, count: int, place: Place) -> Json:
    """Draw a table's two columns of numbers, and shares of the first until there are as many series as wanted."""
    amounts = table.column("amount")
    series = {"amount": amounts, "rest": table.column("rest")}
    for part in range(2, count):
        series[f"share {part}"] = [round(amount / part, 5) for amount in amounts]
    draw = (charts.lines, charts.stacked, charts.bars)[number % 3]
    return draw(title, ("years", table.column("years")), ("amount [Mt]", series), place)
