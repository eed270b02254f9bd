"""Every kind of chart in the recordings: study 27 of the demo. Most numbers are fixed."""

import math

from server_stub import charts
from server_stub.charts import Position
from server_stub.model import Bundle, Charts, Model, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Json, Table, Value

NODES = ("", "Economy", "Energy", "World")
_KEY = Position("Key charts", opened=True, key=True)
_MONEY = Position("Money")
_PEOPLE = Position("People", opened=True)
_POWER = Position("Power")
_MAPS = Position("Maps")
_YEARS = tuple(range(2020, 2031))
_DAYS = ("2026-01-30", "2026-01-31", "2026-02-01", "2026-02-03", "2026-02-28", "2026-03-01")
_REGIONS = (
    "Africa",
    "Arctic",
    "Asia",
    "Australia",
    "Caribbean",
    "Central America",
    "Europe",
    "India",
    "Middle East",
    "North America",
    "Pacific",
    "South America",
)
_SITES = (("Paris", 48.8566, 2.3522), ("Belém", -1.4558, -48.4902), ("Suva", -18.1248, 178.4501))
_EMISSIONS = {"FRA": 4.6, "BRA": 2.2, "FJI": 1.3, "USA": 14.9, "IND": 1.9}
_RAIN = {"north": [42.0, 38.5, 51.0, None], "south": [3.0, 0.5, 12.25, 20.0], "west": [77.0, 61.5, 80.0, 95.5]}
_SHARES = Table(("source", "share"), (("wind & sun", 36.0), ("water", 24.0), ("coal", 40.0)))

PARAMETERS = (
    *coupling_settings(),
    *discipline_settings("Economy"),
    Parameter("Energy.efficiency", "float", 62.5, "%", range=(0.0, 100.0)),
    Parameter("Energy.shares", "dataframe", _SHARES, "%"),
    *discipline_settings("Energy"),
    Parameter("Energy.usable", "float", None, "%", io_type="out"),
    *discipline_settings("World"),
)


def compute(values: Values) -> dict[str, Value]:
    """Compute the share of useful energy. Everything else is constant."""
    mix: Table = values["Energy.shares"]
    shares = zip(mix.column("source"), mix.column("share"), strict=True)
    clean = math.fsum(share for source, share in shares if source != "coal")
    return {"Energy.usable": float(values["Energy.efficiency"]) * clean / 100}


def draw(values: Values) -> Charts:
    """Draw all charts after a run. Before the first run there are only empty lists."""
    usable = values.get("Energy.usable")
    if usable is None:
        return {node: [] for node in NODES}
    economy = Bundle("cliproc.discs.Economy", (*_over_time(), *_bars(), *_doubtful()), ("lines", "bars", "doubtful"))
    energy = (*_areas_and_shares(values["Energy.shares"]), *_flows(), charts.gauge("Usable energy [%]", usable, 100))
    return {
        "": [],
        # Only the page and the read-only file show the first bundle, because a later one hides it in the JSON.
        "Economy": [Bundle("cliproc.discs.Markets", _first_bundle(), ("markets",)), economy],
        "Energy": [Bundle("cliproc.discs.Energy", energy, ("areas", "shares", "flows"))],
        "World": [Bundle("cliproc.discs.World", (*_maps(), *_grids()), ("maps", "grids"))],
    }


def _growing(first: float, factor: float) -> list[float]:
    return [round(first * factor**index, 6) for index in range(len(_YEARS))]


def _first_bundle() -> tuple[Json, ...]:
    """Draw the charts that the JSON lacks. One title occurs again in the later bundle."""
    years = ("years", _YEARS)
    return (
        charts.lines("Hidden markets", years, ("volume [G$]", {"bonds": _growing(3.0, 1.02)}), _MONEY),
        charts.bars("Output by sector", years, ("output [G$]", {"first bundle": _growing(8.0, 1.01)}), _KEY),
    )


def _over_time() -> tuple[Json, ...]:
    years = ("years", _YEARS)
    capital = {"machines": _growing(0.02, 4.0), "software": _growing(0.001, 7.5)}
    prices = [101.5, 99.25, 98.0, 104.75, 110.0, 108.5]
    regions = {name: _growing(10.0 + 3 * index, 1.01 + index / 200) for index, name in enumerate(_REGIONS)}
    return (
        charts.shaped(charts.lines("Capital", years, ("capital [G$]", capital), _KEY), yaxis={"type": "log"}),
        charts.lines("Price by day", ("day", _DAYS), ("price [$/t]", {"CO<sub>2</sub>": prices}), _MONEY),
        charts.lines("Output of twelve regions", years, ("output [G$]", regions), _MONEY),
    )


def _bars() -> tuple[Json, ...]:
    years = ("years", _YEARS)
    output = {"industry": _growing(20.0, 1.01), "services": _growing(45.0, 1.03), "farming": _growing(5.0, 0.99)}
    jobs = {"women": [11.5, 240.0, 33.25], "men": [12.0, 310.5, 35.0]}
    growth = [3.4, 2.1, -0.5, 1.9, 2.4, 2.5, 2.2, 1.8, 1.7, 1.75, 1.6]
    return (
        charts.shaped(charts.bars("Output by sector", years, ("output [G$]", output), _KEY), barmode="stack"),
        charts.horizontal_bars("Jobs by region", ("region", ["Africa", "Asia", "Europe"]), ("jobs [M]", jobs), _PEOPLE),
        charts.bars_and_lines(
            "Output and growth",
            years,
            ("output [G$]", {"output": _growing(70.0, 1.02)}),
            ("growth [%]", {"growth": growth}),
            _MONEY,
        ),
        charts.table(
            "People and schools",
            {
                "region": ["Africa", "Asia", "Europe, all of it"],
                "people [M]": [1460.5, 4750.0, 745.25],
                "schools": [None, 3_100_000, 410_000],
            },
            _PEOPLE,
        ),
    )


def _doubtful() -> tuple[Json, ...]:
    """Draw charts without reliable names of series, distinct titles, csv, or any title."""
    years = ("years", _YEARS)
    spent = _growing(4.0, 1.05)
    fuels = {"oil, gas and coal": _growing(9.0, 0.95), "wind": _growing(1.0, 1.2)}
    return (
        charts.lines("Investment", years, ("spent [G$]", {"private": spent}), _MONEY),
        charts.bars("Investment", years, ("spent [G$]", {"public": _growing(1.5, 1.08)}), _MONEY),
        charts.shaped(charts.lines("Debt", years, ("debt [G$]", {"": spent})), showlegend=False),
        # The csv is not quoted, so the comma splits the name.
        charts.lines("Spent on fuels", years, ("spent [G$]", fuels)),
        charts.native(
            "", [{"type": "scatter", "mode": "lines", "name": "untold", "x": [1, 2, 3], "y": [2.0, 1.0, 4.0]}]
        ),
    )


def _areas_and_shares(shares: Table) -> tuple[Json, ...]:
    years = ("years", _YEARS)
    power = {"installed": _growing(900.0, 1.06), "used": _growing(500.0, 1.05)}
    measured = {"measured": [33.0, 34.5, 35.1, 35.0, 35.8], "modelled": [32.5, 34.0, 35.5, 36.0, 36.25]}
    mix = dict(zip(map(str, shares.column("source")), shares.column("share"), strict=True))
    steps = [5.0, 5.0, 7.5, 7.5, 10.0]
    return (
        charts.filled("Power", years, ("power [GW]", power), Position("Key charts", key=True)),
        charts.markers("CO<sub>2</sub> found", ("years", _YEARS[:5]), ("CO<sub>2</sub> [Gt]", measured), _POWER),
        charts.pie("Energy mix", mix, hole=0.4, position=_KEY),
        # Without x, plotly counts the points from 0.
        charts.native("Steps without x", [{"type": "scatter", "mode": "lines", "name": "step", "y": steps}], _POWER),
    )


def _flows() -> tuple[Json, ...]:
    flows = {
        "type": "sankey",
        "node": {"label": ["coal", "wind & sun", "electricity", "heat", "losses"], "pad": 15, "thickness": 20},
        "link": {"source": [0, 0, 1, 2, 2], "target": [2, 4, 2, 3, 4], "value": [30.0, 10.0, 60.0, 55.0, 35.0]},
    }
    use = {
        "type": "sunburst",
        "labels": ["use", "homes", "industry", "heating", "light", "steel"],
        "parents": ["", "use", "use", "homes", "homes", "industry"],
        "values": [100.0, 40.0, 60.0, 30.0, 10.0, 60.0],
        "branchvalues": "total",
    }
    return (charts.native("Flows of energy", [flows], _POWER), charts.native("Use of energy", [use], _POWER))


def _maps() -> tuple[Json, ...]:
    sites = {
        "type": "scattermap",
        "mode": "markers",
        "name": "sites",
        "lat": [lat for _, lat, _ in _SITES],
        "lon": [lon for _, _, lon in _SITES],
        "text": [name for name, _, _ in _SITES],
        "marker": {"size": 12},
    }
    emissions = {
        "type": "choropleth",
        "name": "t per head",
        "locationmode": "ISO-3",
        "locations": list(_EMISSIONS),
        "z": list(_EMISSIONS.values()),
        "colorbar": {"title": {"text": "t per head"}},
    }
    around = {"style": "open-street-map", "zoom": 1, "center": {"lat": 10, "lon": 0}}
    return (
        charts.mapped("Sites", [sites], _MAPS, map=around),
        charts.mapped("Emissions by country", [emissions], _KEY, geo={"showframe": False}),
    )


def _grids() -> tuple[Json, ...]:
    rain = {
        "type": "heatmap",
        "x": ["January", "February", "March", "April"],
        "y": list(_RAIN),
        "z": list(_RAIN.values()),
        "colorbar": {"title": {"text": "mm"}},
    }
    scenarios = {
        "type": "parcoords",
        "line": {"color": [1, 2, 3]},
        "dimensions": [
            {"label": "tax [$/t]", "values": [10.0, 50.0, 150.0], "range": [0, 200]},
            {"label": "warming [°C]", "values": [3.25, 2.5, 1.75]},
            {"label": "policy", "values": [0, 1, 2], "tickvals": [0, 1, 2], "ticktext": ["none", "some", "all"]},
        ],
    }
    return (
        charts.native("Rain by month", [rain], xaxis={"title": {"text": "month"}}, yaxis={"title": {"text": "side"}}),
        charts.native("Scenarios", [scenarios]),
    )


GALLERY = Model("gallery_process", NODES, PARAMETERS, compute, draw, Timing(pending=3.0, work=4.0, moving=True))
