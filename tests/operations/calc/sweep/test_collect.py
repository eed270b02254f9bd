"""Collect the outputs of a case: single values for its row, tables and charts for its folder."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import HOST, StubTransport, WorldClock
from fake_study import temp_folder_in

from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.errors import AmbiguousName, NoLayout, NotFound
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.operations.calc.sweep.collect import Collection, Output, collect, resolve
from sostrades_cli.operations.context import Context
from sostrades_cli.operations.study.load import remember_read_only
from sostrades_cli.plotly_figures.chart import Chart, charts_from_api
from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
DRAWN = {
    "*": 10,
    "Output*": 2,
    "Output": 2,
    "* per *": 1,
    "Energy mix": 1,
    "Damage/*": 4,
    "Damage/": 4,
    "nothing like it": 0,
    "output*": 2,
    "Output [i]*": 0,
}


@pytest.fixture(params=SERVERS)
def context(user_of: Callable[..., User], request: pytest.FixtureRequest) -> Iterator[Context]:
    """Return a context for a server whose cache has the names of study 21."""
    user = user_of(request.param)
    yield from _server(user)


@pytest.fixture
def documented(user: User) -> Iterator[Context]:
    """Return a context for a server without faults."""
    yield from _server(user)


def _server(user: User) -> Iterator[Context]:
    clock: Any = WorldClock(user.world.clock)  # type: ignore[arg-type] # a manual clock, as conftest makes it
    session = Session(Connection(HOST, (user.world.key,), transport=StubTransport(user.world)), clock, print)
    result = Context(
        Api(session),
        StudyCache(Folders(user.environ), HOST),
        clock,
        print,
        user.folder,
        temp_folder_in(user.folder),
        set(),
    )
    remember_read_only(result, 21)
    yield result
    session.close()


def collected(context: Context, folder: Path, *keys: str, charts: str | None = None) -> dict[str, Any]:
    """Collect outputs of study 21, which has a finished run, as case `low`."""
    (folder / "results.d").mkdir(exist_ok=True)
    collection = Collection(tuple(map(Output, keys)), charts)
    return collect(context, 21, "dice", collection, folder / "results.d" / "low")


def resolved(context: Context, study: int, name: str, *keys: str) -> tuple[str, ...]:
    """Return the resolved keys of outputs."""
    return tuple(output.key for output in resolve(context, study, name, keys))


# What can be collected ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Damage.total_damage", "Damage.total_damage"),
        ("dice.Damage.total_damage", "Damage.total_damage"),
        ("total_damage", "Damage.total_damage"),
        ("*.total_d*", "Damage.total_damage"),
        ("Energy mix.nothing", "Energy mix.nothing"),
        ("Macro.population", "Macro.population"),
        ("Macro.locked", "Macro.locked"),
    ],
)
def test_key_may_be_a_full_name_an_ending_or_a_glob(context: Context, key: str, name: str) -> None:
    """The resolved key does not include the study name."""
    assert resolved(context, 21, "dice", key) == (name,)


def test_duplicate_key_is_collected_once(context: Context) -> None:
    keys = ["Damage.message", "total_damage", "dice.Damage.message"]
    assert resolved(context, 21, "dice", *keys) == ("Damage.message", "Damage.total_damage")


def test_output_of_a_study_without_a_run_can_be_collected(documented: Context) -> None:
    assert resolved(documented, 22, "crash", "Damage.total_damage") == ("Damage.total_damage",)


def test_unknown_output_is_not_found(context: Context) -> None:
    """The detail has suggestions."""
    with pytest.raises(NotFound, match=r"Damage\.total_damag\b") as caught:
        resolve(context, 21, "dice", ["Damage.total_damag"])
    assert "dice.Damage.total_damage" in (caught.value.detail or "")


def test_ambiguous_key_is_rejected(context: Context) -> None:
    with pytest.raises(AmbiguousName, match=r"\b2\b"):
        resolve(context, 21, "dice", ["*.cost*"])


def test_array_with_two_dimensions_is_rejected(context: Context) -> None:
    """The server cannot write it as a file."""
    with pytest.raises(NoLayout):
        resolve(context, 21, "dice", ["Macro.matrix"])


# Values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Macro.gamma", 0.3),
        ("Macro.periods", 11),
        ("Macro.use_damage", True),
        ("Damage.message", "sunny days"),
        ("Macro.targets", [1.0, 2.5, 4.0]),
        ("Macro.region_names", ["Europe", "Asia"]),
        ("Macro.shares", {"coal": 0.4, "wind": 0.6}),
        ("Energy mix.nothing", None),
        ("Macro.remark", None),
    ],
)
def test_value_list_and_dict_are_in_the_row(context: Context, tmp_path: Path, key: str, value: object) -> None:
    """They keep their types, and no file is written."""
    result = collected(context, tmp_path, key)
    assert (result, type(result[key])) == ({key: value}, type(value))
    assert list(tmp_path.rglob("*.csv")) == []


@pytest.mark.parametrize("key", ["Damage.damages", "Damage.by_year", "Macro.regions", "Energy mix.cost [$:MWh]"])
def test_table_is_saved_in_the_folder_of_its_case(context: Context, tmp_path: Path, key: str) -> None:
    """The row has its path."""
    result = collected(context, tmp_path, key)
    assert result[key].startswith("results.d/low/")
    assert (tmp_path / result[key]).read_bytes() == context.api.parameters.content(21, f"dice.{key}")


def test_tables_with_similar_names_get_distinct_files(context: Context, tmp_path: Path) -> None:
    result = collected(context, tmp_path, "Energy mix.cost [$/MWh]", "Energy mix.cost [$:MWh]")
    assert len(set(result.values())) == len(list(tmp_path.rglob("*.csv"))) == 2


# Charts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("glob", "count"), DRAWN.items())
def test_matching_charts_are_saved(documented: Context, tmp_path: Path, glob: str, count: int) -> None:
    """Without a match there is no folder."""
    assert collected(documented, tmp_path, charts=glob) == {}
    result = sorted((tmp_path / "results.d" / "low").rglob("*.json"))
    assert len(result) == count
    assert (tmp_path / "results.d" / "low" / "charts").exists() is (count > 0)


def test_saved_chart_has_the_figure_of_the_server(context: Context, tmp_path: Path) -> None:
    collected(context, tmp_path, charts="Output per year")
    [path] = (tmp_path / "results.d").rglob("*.json")
    chart = json.loads(path.read_text())
    [drawn] = [c for c in context.api.post_processing.charts(21, charts_from_api) if c.title == "Output per year"]
    assert (chart["title"], chart["discipline"]) == ("Output per year", "Macro")
    assert (chart["data"], chart["layout"]) == (drawn.figure.traces, drawn.figure.layout)
    assert tuple(chart["csv_data"]) == drawn.csv


def test_saved_chart_has_the_numbers_of_the_page(context: Context, tmp_path: Path) -> None:
    """The JSON has only placeholders."""
    collected(context, tmp_path, charts="Native on numpy")
    [path] = (tmp_path / "results.d").rglob("*.json")
    assert len(json.loads(path.read_text())["data"][0]["y"]) == 11


HOSTILE = ["../../../etc/passwd", "", "/", "..", "a\x00b", "☃" * 300, "CON", "Output", "Output"]


def test_chart_files_are_distinct_and_inside_the_folder(tmp_path: Path) -> None:
    drawn = [Chart("dice.Macro", Figure([{"x": [at]}], {"title": {"text": item}})) for at, item in enumerate(HOSTILE)]
    status = RunStatus.from_api({"study_case_execution_status": "FINISHED"}, 21)
    api = SimpleNamespace(
        session=SimpleNamespace(host=HOST),
        calculations=SimpleNamespace(status=lambda _: status),
        post_processing=SimpleNamespace(kept_charts=lambda _study, _reader: drawn),
    )
    cache = SimpleNamespace(parameters_of=lambda _: {}, name=lambda _: "dice", store_charts=lambda *_: None)
    clock = SimpleNamespace(now=lambda: None)
    context = cast("Context", SimpleNamespace(api=api, cache=cache, clock=clock, waiting=contextlib.nullcontext))
    collected(context, tmp_path, charts="*")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in files} == {tmp_path / "results.d" / "low" / "charts"}
    assert sorted(json.loads(path.read_text())["data"][0]["x"][0] for path in files) == list(range(len(HOSTILE)))
