"""The studies of the recordings at their beginning."""

import math
from itertools import accumulate

from server_stub import charts
from server_stub.model import Bundle, Charts, Model, ModelError, Parameter, Timing, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Array, Table, Value
from server_stub.world import World
from server_stub.worlds.people import populate

# Within this time the second of two changes destroyed the first. After it, the second one waited.
UNREAD = 0.03

_DF = Table(("years", "quantity"), ((2020, 10.0), (2021, 20.5), (2022, 30.0)))
_FREE = Table(("a", "b", "c"), ((1, "x", 1.5), (2, None, math.nan)))
_NESTED = {"A": {"x": 1.0, "y": math.nan}, "B": {"x": 2.0}}
_DCT_DF = {"A": Table(("years", "q"), ((2020, 1.0), (2021, 2.0)))}

RICH_PARAMETERS = (
    *coupling_settings(),
    Parameter("Rich.f", "float", 1.5, "kg"),
    Parameter("Rich.f_range", "float", 5.0, "m", range=(0.0, 10.0)),
    Parameter("Rich.f_nan", "float", math.nan),
    Parameter("Rich.f_inf", "float", math.inf),
    Parameter("Rich.i", "int", 3),
    Parameter("Rich.s", "string", "café ☃"),
    Parameter("Rich.s_enum", "string", "sunny", None, possible_values=("cloudy", "sunny", "rainy")),
    Parameter("Rich.flag", "bool", default=True, unit=None),
    Parameter("Rich.lst", "list", [1.0, 2.0, 3.0]),
    Parameter("Rich.lst_s", "list", ["a", "b"], None),
    Parameter("Rich.arr", "array", Array([1.0, 2.0, 3.0]), "kg"),
    Parameter("Rich.dct", "dict", {"k1": 1.0, "k2": 2.0}),
    Parameter("Rich.dct_nest", "dict", _NESTED, None, subtype={"dict": {"dict": "float"}}),
    Parameter("Rich.dct_df", "dict", _DCT_DF, None, subtype={"dict": "dataframe"}),
    Parameter(
        "Rich.df",
        "dataframe",
        _DF,
        "t",
        descriptor={"years": ["int", [1900, 2100], True], "quantity": ["float", None, True]},
    ),
    Parameter("Rich.df_free", "dataframe", _FREE, "t"),
    Parameter("Rich.locked", "float", 9.0, None, editable=False),
    *discipline_settings("Rich"),
    Parameter("Rich.y", "float", None, "kg", io_type="out"),
    Parameter("Rich.df_out", "dataframe", None, None, io_type="out"),
    Parameter("Rich.nan_out", "float", None, None, io_type="out"),
    Parameter("Rich.arr_out", "array", None, None, io_type="out"),
)


def _rich_compute(values: Values) -> dict[str, Value]:
    table: Table = values["Rich.df"]
    totals = list(accumulate(table.column("quantity")))
    rows = tuple(zip(table.column("years"), totals, strict=True))
    return {
        "Rich.y": float(values["Rich.f"] * values["Rich.i"]),
        "Rich.df_out": Table(("years", "total"), rows),
        "Rich.nan_out": math.nan,
        "Rich.arr_out": Array([number * 2 for number in values["Rich.arr"].data]),
    }


def _rich_charts(values: Values) -> Charts:
    table: Table | None = values.get("Rich.df_out")
    if table is None:
        return {"": [], "Rich": []}
    drawn = (
        charts.lines(
            "Total over years",
            ("years", table.column("years")),
            ("total [kg]", {"total": table.column("total")}),
            charts.Position("Key charts"),
        ),
        charts.lines("With NaN", ("years", [1.0, 2.0, 3.0]), ("nan [kg]", {"n": [1.0, math.nan, math.inf]})),
        charts.pie("pie", {"a": 1.0, "b": 2.0}),
        charts.table("A table", {"c1": [1, 2], "c2": [3.0, math.nan]}),
        charts.native("native bar", [{"x": [1, 2], "y": [3, 4], "type": "bar"}]),
    )
    return {"": [], "Rich": [Bundle("cliproc.discs", drawn, ("line", "pie", "table", "native"))]}


RICH = Model(
    "cli_rich",
    ("", "Rich"),
    RICH_PARAMETERS,
    _rich_compute,
    _rich_charts,
    Timing(pending=4.5, silent=0.3, work=1.7, unread=UNREAD),
)

_COUPLING_PARAMETERS = (
    *coupling_settings(),
    Parameter("x", "float", None),
    Parameter("Disc1.a", "float", None),
    Parameter("Disc1.b", "float", None),
    *discipline_settings("Disc1"),
    Parameter("Disc2.constant", "float", None),
    Parameter("Disc2.power", "int", None),
    *discipline_settings("Disc2"),
    Parameter("y", "float", None, io_type="out"),
)


def _coupling_charts(values: Values) -> Charts:
    x, y = values.get("x"), values.get("y")
    shares = {"x": x, "y": y}
    dots = charts.two_axes("y vs x", ("x (-)", [x]), ("y (-)", {"": [y]}), ("", {}))
    dots["csv_data"] = ["x (-),y (-)", f"{x},{y}"]
    donut = charts.pie("donuts pie chart", shares, hole=0.4)
    donut["layout"]["annotations"] = [{"showarrow": False, "text": "scatter", "xanchor": "center"}]
    drawn = (dots, charts.pie("standard pie chart", shares), donut)
    return {"": [], "Disc1": [Bundle("cliproc.discs.Disc1", drawn)], "Disc2": []}


COUPLING = Model(
    "cli_coupling",
    ("", "Disc1", "Disc2"),
    _COUPLING_PARAMETERS,
    charts=_coupling_charts,
    timing=Timing(unread=UNREAD),
)
_SLOW_PARAMETERS = (
    *coupling_settings(),
    Parameter("SlowA.x", "float", 1.0),
    *discipline_settings("SlowA"),
    *discipline_settings("SlowB"),
    Parameter("SlowB.z", "float", None, io_type="out"),
)


def _slow_compute(values: Values) -> dict[str, Value]:
    return {"SlowB.z": values["SlowA.x"] * 2}


def _fail_compute(_values: Values) -> dict[str, Value]:
    raise ModelError("SlowB", "deliberate failure in SlowB")


_SLOW_NODES = ("", "SlowA", "SlowB")
SLOW = Model(
    "cli_slow",
    _SLOW_NODES,
    _SLOW_PARAMETERS,
    _slow_compute,
    timing=Timing(pending=4.5, silent=0.0, work=12.2, unread=UNREAD),
)
FAIL = Model(
    "cli_fail",
    _SLOW_NODES,
    _SLOW_PARAMETERS,
    _fail_compute,
    timing=Timing(pending=9.5, silent=0.7, work=4.0, unread=UNREAD),
)
BROKEN = Model("cli_broken", ("",), coupling_settings(), charts=lambda _values: {}, loadable=False)
_STUDIES = {1: ("coupling", COUPLING), 3: ("slow", SLOW), 4: ("fail", FAIL), 7: ("empty", COUPLING)}


def build(world: World) -> None:
    """Add the users and the studies of the recordings."""
    rights = populate(world)
    for study_id, (name, model) in _STUDIES.items():
        world.add_study(study_id, name, model, rights)
    rich = world.add_study(2, "rich", RICH, rights)
    rich.values["Rich.f"] = 2.5
    world.add_study(8, "broken", BROKEN, rights)
