"""Two disciplines with parameters of all types: ``Mixed`` with many tables and dicts, and ``DiscAllTypes``."""

import datetime as dt
import math

from server_stub.model import Model, ModelError, Parameter, Values
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.study import Study
from server_stub.values import Array, Table, Value

_PLAIN = Table(("years", "emissions"), ((2020, 40.1), (2025, 38.25), (2030, 30.0)))
_MIXED = Table(
    ("name", "ok", "x", "code"),
    (("a", True, 1.0, "01"), ("b, c", False, math.nan, "2"), ('d "q"', True, 3.5, "x3")),
)
_DATES = Table(("date", "v"), ((dt.date(2020, 1, 1), 1.0), (dt.date(2020, 2, 1), 2.0)))
_FREE = Table(("Utilisation Ratio [%]", "c&d"), ((80.0, 1), (90.5, 2)))
_BY_PLACE = {
    "north": Table(("years", "q"), ((2020, 1.0), (2021, 2.0))),
    "south": Table(("years", "q"), ((2020, 3.0), (2021, 4.0))),
}
_NESTED = {"FR": {"2020": 1.0, "2030": 2.0}, "DE": {"2020": 3.0, "2030": 4.5}}
_WEATHER = ("cloudy, it is Toulouse ...", "sunny", "rainy")
_RANGE = (-10000.0, 10000.0)

_SCALARS = (
    Parameter("Mixed.demand", "float", 12.5, "TWh", range=(0.0, 100.0)),
    Parameter("Mixed.tiny", "float", 1.2345678901234566e-09),
    Parameter("Mixed.missing_price", "float", math.nan, "$"),
    Parameter("Mixed.n_sites", "int", 4, None),
    Parameter("Mixed.big_int", "int", 9007199254740993, None),
    Parameter("Mixed.with_tax", "bool", default=True, unit=None),
    Parameter("Mixed.label_txt", "string", 'Île-de-France, "Nord" – 100 %', None),  # noqa: RUF001 - a dash in a text
    Parameter("Mixed.number_like", "string", "007", None),
    Parameter("Mixed.empty_txt", "string", "", None),
    Parameter("Mixed.scenario", "string", "STEPS", None, possible_values=("STEPS", "APS", "NZE")),
)
_LISTS = (
    Parameter("Mixed.shares", "list", [0.25, 0.5, 0.25], subtype={"list": "float"}),
    Parameter("Mixed.site_ids", "list", [1, 2, 3], None, subtype={"list": "int"}),
    Parameter("Mixed.site_names", "list", ["alpha", "beta, gamma", "03"], None, subtype={"list": "string"}),
    Parameter("Mixed.empty_list", "list", [], None, subtype={"list": "float"}),
    Parameter("Mixed.matrix_list", "list", [[1.0, 2.0], [3.0, 4.0]], None, subtype={"list": {"list": "float"}}),
    Parameter(
        "Mixed.list_of_dict",
        "list",
        [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}],
        None,
        subtype={"list": {"dict": "string"}},
    ),
    Parameter("Mixed.vec", "array", Array([1.0, 2.5, 4.0]), "m"),
    Parameter("Mixed.int_vec", "array", Array([1, 2, 3]), None),
    Parameter("Mixed.mat2d", "array", Array([[1.0, 2.0], [3.0, 4.0]]), None),
)
_DICTS = (
    Parameter("Mixed.coeffs", "dict", {"coal": 0.4, "wind": 0.6}, None, subtype={"dict": "float"}),
    Parameter("Mixed.nested", "dict", _NESTED, None, subtype={"dict": {"dict": "float"}}),
    Parameter("Mixed.by_year", "dict", {2020: 1.5, 2030: 2.5}, None, subtype={"dict": "float"}),
    Parameter("Mixed.dict_lists", "dict", {"p": [1.0, 2.0], "q": [3.0]}, None, subtype={"dict": {"list": "float"}}),
    Parameter(
        "Mixed.dict_arr", "dict", {"u": Array([1.0, 2.0]), "v": Array([3.0, 4.0])}, None, subtype={"dict": "array"}
    ),
)
_TABLES = (
    Parameter(
        "Mixed.df_plain",
        "dataframe",
        _PLAIN,
        "Gt",
        descriptor={"years": ["int", [1900, 2100], False], "emissions": ["float", [0.0, 1000000.0], True]},
    ),
    Parameter(
        "Mixed.df_mixed",
        "dataframe",
        _MIXED,
        None,
        descriptor={
            "name": ["string", None, True],
            "ok": ["bool", None, True],
            "x": ["float", None, True],
            "code": ["string", None, True],
        },
    ),
    Parameter("Mixed.df_dates", "dataframe", _DATES, None),
    Parameter("Mixed.df_free", "dataframe", _FREE, None),
    Parameter("Mixed.dict_df", "dict", _BY_PLACE, None, subtype={"dict": "dataframe"}),
)
MIXED_PARAMETERS = (
    *_SCALARS,
    *_LISTS,
    *_DICTS,
    *_TABLES,
    Parameter("Mixed.Utilisation Ratio [%]", "float", 85.0, "%"),
    Parameter("Mixed.empty_df", "dataframe", Table(("a", "b"), ()), None),
    Parameter("Mixed.sleep_s", "float", 0.0, "s"),
    Parameter("Mixed.crash", "bool", default=False, unit=None),
    *discipline_settings("Mixed"),
    Parameter("Mixed.total", "float", None, "TWh", io_type="out"),
    Parameter("Mixed.out_df", "dataframe", None, "Gt", io_type="out"),
)


def _all_types(name: str, kind: str, default: Value, unit: str | None, **more: Value) -> Parameter:
    return Parameter(f"DiscAllTypes.{name}", kind, default, unit, namespace="ns_test", **more)


ALL_TYPES_PARAMETERS = (
    _all_types("z", "float", 90.0, "kg", range=_RANGE),
    _all_types("z_list", "list", None, "kg", range=_RANGE, subtype={"list": "float"}),
    _all_types("h", "array", None, "kg"),
    _all_types("dict_in", "dict", None, "kg", subtype={"dict": "float"}),
    _all_types("dict_string_in", "dict", None, "kg", subtype={"dict": "string"}),
    _all_types("list_dict_string_in", "list", None, "kg", subtype={"list": {"dict": "string"}}),
    _all_types("df_in", "dataframe", None, "kg"),
    _all_types("weather", "string", _WEATHER[0], None, possible_values=_WEATHER),
    _all_types("weather_list", "list", [_WEATHER[0]], None, possible_values=_WEATHER, subtype={"list": "string"}),
    _all_types("dict_of_dict_in", "dict", None, None, subtype={"dict": {"dict": "float"}}),
    _all_types("dict_of_df_in", "dict", None, None, subtype={"dict": "dataframe"}),
    *discipline_settings("DiscAllTypes"),
    _all_types("o", "array", None, "kg", io_type="out"),
)


def fill_all_types(study: Study) -> None:
    """Set the recorded values of inputs without a default."""
    texts = {"key_C": "1st string", "key_D": "2nd string"}
    years = Table(("years", "c1"), ((2020, 1.0), (2021, 2.0)))
    study.values |= {
        "DiscAllTypes.z_list": [0.0, 0.0, 0.0, 0.0],
        "DiscAllTypes.h": Array([8.0, 9.0]),
        "DiscAllTypes.dict_in": {"key0": 0.0, "key1": 0.0},
        "DiscAllTypes.dict_string_in": texts,
        "DiscAllTypes.list_dict_string_in": [texts, texts],
        "DiscAllTypes.df_in": years,
        "DiscAllTypes.dict_of_dict_in": {
            "key_A": {"subKey1": 0.1234, "subKey2": 111.111, "subKey3": 2036},
            "key_B": {"subKey1": 1.2345, "subKey2": 222.222, "subKey3": 2036},
        },
        "DiscAllTypes.dict_of_df_in": {"key_C": years, "key_D": years},
    }


def _mixed(values: Values) -> dict[str, Value]:
    if values["Mixed.crash"]:
        raise ModelError("Mixed", "the model crashed on purpose")
    table: Table = values["Mixed.df_plain"]
    supply = values["Mixed.demand"] * values["Mixed.n_sites"]
    rows = zip(table.column("years"), table.column("emissions"), strict=True)
    return {
        "Mixed.total": values["Mixed.demand"] * (math.fsum(values["Mixed.vec"].data) + values["Mixed.coeffs"]["wind"]),
        "Mixed.out_df": Table(("years", "emissions", "total"), tuple((year, gt, gt * supply) for year, gt in rows)),
    }


def _of_all_types(values: Values) -> dict[str, Value]:
    return {"DiscAllTypes.o": Array([values["DiscAllTypes.z"] * number for number in values["DiscAllTypes.h"].data])}


_MODULES = {"Mixed": "ownproc.discs.mixed", "DiscAllTypes": "sostrades_core.sos_wrapping.test_discs.disc_all_types"}
TABLES = Model(
    "mixed",
    ("", "Mixed"),
    (*coupling_settings(), *MIXED_PARAMETERS),
    _mixed,
    repository="ownproc.processes",
    modules=_MODULES,
)
ALL_TYPES = Model(
    "test_disc_all_types",
    ("", "DiscAllTypes"),
    (*coupling_settings(), *ALL_TYPES_PARAMETERS),
    _of_all_types,
    repository="sostrades_core.sos_processes.test",
    modules=_MODULES,
)
BOTH = Model(
    "types",
    ("", "Mixed", "DiscAllTypes"),
    (*coupling_settings(), *MIXED_PARAMETERS, *ALL_TYPES_PARAMETERS),
    lambda values: {**_mixed(values), **_of_all_types(values)},
    modules=_MODULES,
)
