"""Collecting the outputs of a case: what stands in its row, what lies in its folder, and what cannot be had."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import HOST, StubTransport, WorldClock

from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.api.models import RunStatus
from sostrades_cli.errors import AmbiguousName, NoLayout, NotFound
from sostrades_cli.files.temporary import TempFolder
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.unread_changes import UnreadChanges
from sostrades_cli.operations.calc.sweep.collect import Collection, collect, resolve
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
    """Return a server as operations see it, which knows the names of study 21."""
    user = user_of(request.param)
    yield from _server(user)


@pytest.fixture
def documented(user: User) -> Iterator[Context]:
    """Return a server on which all works as documented."""
    yield from _server(user)


def _server(user: User) -> Iterator[Context]:
    clock: Any = WorldClock(user.world.clock)  # type: ignore[arg-type] # a manual clock, as conftest makes it
    session = Session(Connection(HOST, (user.world.key,), transport=StubTransport(user.world)), clock, print)
    unread = UnreadChanges(user.folder, HOST)
    found = Context(
        Api(session), StudyCache(Folders(user.environ), HOST), clock, print, user.folder, TempFolder(), unread
    )
    remember_read_only(found, 21)
    yield found
    session.close()


def collected(context: Context, folder: Path, *keys: str, charts: str | None = None) -> dict[str, Any]:
    """Collect from study 21, which has a finished run, as the case `low`."""
    (folder / "results.d").mkdir(exist_ok=True)
    return collect(context, 21, "dice", Collection(keys, charts), folder / "results.d" / "low")


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
def test_a_key_is_named_as_everywhere(context: Context, key: str, name: str) -> None:
    """A full name, an end or a glob of one parameter, in or out, stands for it; the study's own name is left away."""
    assert resolve(context, 21, "dice", [key]) == (name,)


def test_a_key_that_is_given_twice_is_collected_once(context: Context) -> None:
    """The order is that of the command line, and each parameter is a column once."""
    keys = ["Damage.message", "total_damage", "dice.Damage.message"]
    assert resolve(context, 21, "dice", keys) == ("Damage.message", "Damage.total_damage")


def test_an_output_of_a_study_that_never_ran_can_be_collected(documented: Context) -> None:
    """An output has no value before the first run, and is found by its name all the same."""
    assert resolve(documented, 22, "crash", ["Damage.total_damage"]) == ("Damage.total_damage",)


def test_what_there_is_not_is_not_found(context: Context) -> None:
    """A misspelt name is told with the closest ones."""
    with pytest.raises(NotFound, match=r"Damage\.total_damag\b") as caught:
        resolve(context, 21, "dice", ["Damage.total_damag"])
    assert "dice.Damage.total_damage" in (caught.value.detail or "")


def test_a_key_that_stands_for_several_is_wrong_usage(context: Context) -> None:
    """A glob that fits several parameters is refused with their names."""
    with pytest.raises(AmbiguousName, match=r"\b2\b"):
        resolve(context, 21, "dice", ["*.cost*"])


def test_what_the_server_has_no_file_for_is_refused(context: Context) -> None:
    """A 2-D array, which no download can give, is refused before anything is run."""
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
def test_a_single_value_a_list_and_a_dict_stand_in_the_row(
    context: Context, tmp_path: Path, key: str, value: object
) -> None:
    """Numbers, bools, texts, lists and dicts come typed; nan and no value are nothing; no file is made of them."""
    found = collected(context, tmp_path, key)
    assert (found, type(found[key])) == ({key: value}, type(value))
    assert list(tmp_path.rglob("*.csv")) == []


@pytest.mark.parametrize("key", ["Damage.damages", "Damage.by_year", "Macro.regions", "Energy mix.cost [$:MWh]"])
def test_a_table_lies_in_the_folder_of_its_case(context: Context, tmp_path: Path, key: str) -> None:
    """A dataframe, an array or a dict of tables is saved as it is downloaded, and its path stands in the row."""
    found = collected(context, tmp_path, key)
    assert found[key].startswith("results.d/low/")
    assert (tmp_path / found[key]).read_bytes() == context.api.parameters.content(21, f"dice.{key}")


def test_tables_with_names_that_files_cannot_have_stay_apart(context: Context, tmp_path: Path) -> None:
    """Names that differ only in characters that no file name can have are different files."""
    found = collected(context, tmp_path, "Energy mix.cost [$/MWh]", "Energy mix.cost [$:MWh]")
    assert len(set(found.values())) == len(list(tmp_path.rglob("*.csv"))) == 2


# Charts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("glob", "count"), DRAWN.items())
def test_charts_whose_title_fits_are_saved(documented: Context, tmp_path: Path, glob: str, count: int) -> None:
    """A glob of the title, or of discipline and title, or a part of it, chooses; where none fits there is no folder."""
    assert collected(documented, tmp_path, charts=glob) == {}
    found = sorted((tmp_path / "results.d" / "low").rglob("*.json"))
    assert len(found) == count
    assert (tmp_path / "results.d" / "low" / "charts").exists() is (count > 0)


def test_a_chart_is_the_servers_own_json(context: Context, tmp_path: Path) -> None:
    """A saved chart holds its title without tags, and the server's figure."""
    collected(context, tmp_path, charts="Output per year")
    [path] = (tmp_path / "results.d").rglob("*.json")
    chart = json.loads(path.read_text())
    [drawn] = [c for c in context.api.post_processing.charts(21, charts_from_api) if c.title == "Output per year"]
    assert (chart["title"], chart["discipline"]) == ("Output per year", "Macro")
    assert (chart["data"], chart["layout"]) == (drawn.figure.traces, drawn.figure.layout)
    assert tuple(chart["csv_data"]) == drawn.csv


def test_a_chart_has_the_numbers_that_the_json_leaves_out(context: Context, tmp_path: Path) -> None:
    """What the JSON has as a placeholder comes from the page."""
    collected(context, tmp_path, charts="Native on numpy")
    [path] = (tmp_path / "results.d").rglob("*.json")
    assert len(json.loads(path.read_text())["data"][0]["y"]) == 11


HOSTILE = ["../../../etc/passwd", "", "/", "..", "a\x00b", "☃" * 300, "CON", "Output", "Output"]


def test_titles_stay_in_the_folder_and_apart(tmp_path: Path) -> None:
    """Whatever the server calls its charts, each has a file of its own, in the folder of the case."""
    drawn = [Chart("dice.Macro", Figure([{"x": [at]}], {"title": {"text": one}})) for at, one in enumerate(HOSTILE)]
    status = RunStatus.from_api({"study_case_execution_status": "FINISHED"}, 21)
    api = SimpleNamespace(
        session=SimpleNamespace(host=HOST),
        calculations=SimpleNamespace(status=lambda _: status),
        post_processing=SimpleNamespace(kept_charts=lambda _study, _reader: drawn),
    )
    cache = SimpleNamespace(parameters_of=lambda _: {}, name=lambda _: "dice")
    clock = SimpleNamespace(now=lambda: None)
    context = cast("Context", SimpleNamespace(api=api, cache=cache, clock=clock))
    collected(context, tmp_path, charts="*")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in files} == {tmp_path / "results.d" / "low" / "charts"}
    assert sorted(json.loads(path.read_text())["data"][0]["x"][0] for path in files) == list(range(len(HOSTILE)))
