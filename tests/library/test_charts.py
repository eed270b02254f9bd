"""Charts in a program: list, points, export and page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from conftest import slow

from server_stub.faults import Fault
from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE
from sostrades_cli.errors import AmbiguousName, FileConflict, NotFound, ServerFault, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def bare(cell: object) -> object:
    """Return a cell in the form of the command line."""
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def test_list_equals_that_of_the_command_line(anyone: User) -> None:
    result = anyone.client().study(21).charts()
    assert result.index.name == "number"
    assert result.reset_index().to_dict("records") == anyone.prints("postproc", "list", "21")
    chosen = anyone.client().study(21).charts("output*")
    assert chosen["chart"].tolist() == ["Output per year", "Output table"]
    assert len(anyone.client().study(21).charts("no such chart")) == 0


@pytest.mark.parametrize("anyone", ["documented", slow("5.3")], indirect=True)
def test_points_equal_those_of_the_command_line(anyone: User) -> None:
    """Texts for nan and inf are numbers here."""
    study = anyone.client().study(21)
    for number in study.charts().index:
        expected = anyone.prints("postproc", "show", "21", str(number))
        result = study.chart(int(number))
        shown = [{name: bare(cell) for name, cell in row.items()} for row in result.to_dict("records")]
        assert shown == expected.pop("points")
        assert result.attrs == {name: value for name, value in expected.items() if name != "series"}


def test_points_are_numbers(user: User) -> None:
    result = user.client().study(21).chart("Temperature with gaps")
    assert [str(kind) for kind in result.dtypes[["x", "y"]]] == ["int64", "float64"]
    assert math.isnan(result["y"].iloc[-2])
    assert math.isinf(result["y"].iloc[-1])
    assert result.attrs["axes"]["x"]["title"] == "years"


def test_chart_is_found_by_its_title(user: User) -> None:
    study = user.client().study(21)
    assert study.chart("carbon/emissions").attrs["title"] == "Emissions"
    with pytest.raises(NotFound):
        study.chart("nothing")
    with pytest.raises(AmbiguousName):
        study.chart("output")


def test_stale_charts_have_a_state_and_a_note(user: User) -> None:
    study = user.client().study(21)
    study.set({"Macro.gamma": 0.25})
    user.noted.clear()
    assert set(study.charts()["state"]) == {"stale"}
    assert any(note.startswith("stale: study 21 was changed") for note in user.noted)
    assert study.chart("Emissions").attrs["state"] == "stale"


def test_missing_page_is_an_error(user: User) -> None:
    user.client().study(21).set({"Macro.gamma": 0.25})
    user.world.faults.arm(Fault("status", count=99, path="html", status=500))
    with pytest.raises(ServerFault):
        user.client().study(21).charts()
    with pytest.raises(ServerFault, match="Damage/Native on numpy"):
        user.client().study(21).chart("Native on numpy")


@pytest.mark.parametrize("offline", [False, True])
def test_page_is_a_file(user: User, monkeypatch: pytest.MonkeyPatch, offline: bool) -> None:
    """An existing file is not replaced."""
    monkeypatch.chdir(user.folder)
    study = user.client().study(21)
    file = study.page(offline=offline)
    assert file.name == f"study-21-{'offline' if offline else 'charts'}.html"
    assert file.read_text().rstrip().endswith("</html>")
    with pytest.raises(FileConflict):
        study.page(offline=offline)
    assert study.page(file, offline=offline, overwrite=True) == file
    assert study.page("other.html", offline=offline).is_file()


def test_cut_page_leaves_no_file(user: User) -> None:
    user.world.faults.arm(Fault("cut", count=99, path="html"))
    with pytest.raises((ServerFault, Unreachable)):
        user.client().study(21).page(user.folder / "page.html")
    assert list(user.folder.glob("*.html*")) == []


def test_all_charts_are_fetched_once(anyone: User) -> None:
    study = anyone.client().study(21)
    before = len(anyone.requests)
    item = study.chart(1)
    asked = len(anyone.requests) - before
    result = study.all_charts()
    assert len(anyone.requests) - before == 2 * asked
    assert list(result) == study.charts().index.tolist()
    assert result[1].equals(item)
    assert result[1].attrs == item.attrs
    titles = [table.attrs["title"] for table in study.all_charts("output*").values()]
    assert titles == ["Output per year", "Output table"]


def test_error_has_the_charts_with_numbers(user: User) -> None:
    study = user.client().study(21)
    study.set({"Macro.gamma": 0.25})
    whole = study.charts()
    user.world.faults.arm(Fault("status", count=99, path="html", status=500))
    with pytest.raises(ServerFault) as caught:
        study.all_charts()
    assert 0 < len(caught.value.result) < len(whole)
    with pytest.raises(ServerFault) as caught:
        study.charts()
    assert 0 < len(caught.value.result) < len(whole) + 1


@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_export_equals_that_of_the_command_line(user_of: Callable[..., User], form: str) -> None:
    user = user_of("5.3" if form == "csv" else "documented")
    ours, typed = user.folder / "ours", user.folder / "typed"
    result = user.client().study(21).export_charts(ours, form)
    expected = user.prints("postproc", "export", "21", "-d", str(typed), "--as", form)
    assert result.reset_index().to_dict("records") == [
        item | {"file": item["file"].replace("typed", "ours")} for item in expected
    ]
    for path in ours.iterdir():
        assert (typed / path.name).is_file()
        if path.suffix != ".html" and path.name != "manifest.json":
            assert path.read_bytes() == (typed / path.name).read_bytes()


def test_charts_are_not_overwritten(user: User) -> None:
    study, folder = user.client().study(21), user.folder / "out"
    assert study.export_charts(folder, match="output*")["state"].tolist() == ["saved"] * 2
    with pytest.raises(FileConflict) as caught:
        study.export_charts(folder)
    assert "overwrite=True" in caught.value.__notes__[-1]
    assert len(study.export_charts(str(folder), "json", match="output*", overwrite=True)) == 2
    with pytest.raises(NotFound, match="nothing"):
        study.export_charts(folder / "new", match="nothing")
    asked = len(user.requests)
    with pytest.raises(UsageError, match="pdf"):
        study.export_charts(folder, "pdf")
    assert len(user.requests) == asked


def test_error_of_an_export_has_the_table(user53: User) -> None:
    user53.world.faults.arm(Fault("status", path="html", count=99))
    with pytest.raises(ServerFault) as caught:
        user53.client().study(21).export_charts(user53.folder / "out")
    states = caught.value.result["state"].tolist()
    assert sorted(set(states)) == ["saved", "saved, without numbers"]


def bent(user: User) -> None:
    """Add study 30, with the charts of study 21 after a change."""
    world = user.world
    world.add_study(30, "bent", DICE, {world.users["owner@email.com"]: Right.OWNER}, finished)
    user.types("param", "set", "30", "bent.Macro.gamma=0.5")
    user.types("calc", "run", "30")


@pytest.mark.parametrize("anyone", ["documented", slow("5.3")], indirect=True)
def test_difference_equals_that_of_the_command_line(anyone: User) -> None:
    bent(anyone)
    client = anyone.client()
    for numbers, rows, words in ((False, "differences", ()), (True, "points", ("--numbers",))):
        result = client.diff_charts(21, client.study(30), match="output*", numbers=numbers)
        expected = anyone.prints("postproc", "diff", "21", "30", "--match", "output*", *words)
        shown = result.astype(object)
        assert shown.where(shown.notna(), None).to_dict("records") == expected.pop(rows)
        assert result.attrs.pop("note").endswith("2 of 2 charts differ")
        assert result.attrs == expected
    assert len(client.diff_charts(21, 30, match="output*", rtol=0.99)) == 0
    assert len(client.diff_charts(21, 21)) == 0
    assert str(client.diff_charts(21, 26)["largest"].dtype) == "float64"


@pytest.mark.slow
def test_page_has_the_charts_of_both_studies(user: User) -> None:
    client, file = user.client(), user.folder / "both.html"
    bent(user)
    assert len(client.diff_charts("21", "30", match="Output per year", page=str(file))) == 2
    assert file.read_text().rstrip().endswith("</html>")
    asked = len(user.requests)
    with pytest.raises(FileConflict):
        client.diff_charts(21, 30, page=file)
    assert len(user.requests) == asked
    with pytest.raises(NotFound):
        client.diff_charts(21, 30, match="nothing", page=file, overwrite=True)


def test_error_has_the_comparable_charts(user53: User) -> None:
    bent(user53)
    user53.client().study(30).set({"Macro.gamma": 0.6})
    user53.noted.clear()
    user53.world.faults.arm(Fault("status", path="html", count=99))
    with pytest.raises(ServerFault) as caught:
        user53.client().diff_charts(21, 30)
    assert "numbers missing" in set(caught.value.result["change"])
    assert caught.value.result.attrs["b"]["state"] == "stale"
    assert any(note.startswith("stale: study 30") for note in user53.noted)
