"""Charts in a program: the list, the numbers of one, the page."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import FileConflict, NotFound, ServerFault, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SERVERS = ("documented", "5.3")


@pytest.fixture(params=SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def printed(user: User, *words: str) -> Any:
    """Return what the command line prints as JSON."""
    return json.loads(user.types(*words, "-F", "json").out)


def bare(cell: object) -> object:
    """Return a cell as the command line names it."""
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def test_the_list_is_that_of_the_command_line(anyone: User) -> None:
    """Each chart has the fields that `postproc list -F json` prints, and its number is the index."""
    found = anyone.client().study(21).charts()
    assert found.index.name == "number"
    assert found.reset_index().to_dict("records") == printed(anyone, "postproc", "list", "21")
    chosen = anyone.client().study(21).charts("output*")
    assert chosen["chart"].tolist() == ["Output per year", "Output table"]
    assert len(anyone.client().study(21).charts("no such chart")) == 0


def test_the_points_are_those_of_the_command_line(anyone: User) -> None:
    """Each chart has the points that `postproc show -F json` prints; what that names nan and inf is a number here."""
    study = anyone.client().study(21)
    for number in study.charts().index:
        wanted = printed(anyone, "postproc", "show", "21", str(number))
        found = study.chart(int(number))
        shown = [{name: bare(cell) for name, cell in row.items()} for row in found.to_dict("records")]
        assert shown == wanted.pop("points")
        assert found.attrs == {name: value for name, value in wanted.items() if name != "series"}


def test_numbers_are_numbers(user: User) -> None:
    """Gaps are nan, years are whole, names are texts."""
    found = user.client().study(21).chart("Temperature with gaps")
    assert [str(kind) for kind in found.dtypes[["x", "y"]]] == ["int64", "float64"]
    assert math.isnan(found["y"].iloc[-2])
    assert math.isinf(found["y"].iloc[-1])
    assert found.attrs["axes"]["x"]["title"] == "years"


def test_a_chart_is_found_as_on_the_command_line(user: User) -> None:
    """By its title or a part of it; what nothing fits, and what more than one fits, are errors."""
    study = user.client().study(21)
    assert study.chart("carbon/emissions").attrs["title"] == "Emissions"
    with pytest.raises(NotFound, match="no chart nothing in study 21"):
        study.chart("nothing")
    with pytest.raises(UsageError, match="output stands for"):
        study.chart("output")


def test_charts_that_are_stale_say_so(user: User) -> None:
    """The state is in the table, and the reason is noted."""
    study = user.client().study(21)
    study.set({"Macro.gamma": 0.25})
    user.noted.clear()
    assert set(study.charts()["state"]) == {"stale"}
    assert any(note.startswith("stale: study 21 was changed") for note in user.noted)
    assert study.chart("Emissions").attrs["state"] == "stale"


def test_what_only_the_lost_page_has_is_an_error(user: User) -> None:
    """A list with charts missing is no result."""
    user.client().study(21).set({"Macro.gamma": 0.25})
    user.world.faults.arm(Fault("status", count=99, path="html", status=500))
    with pytest.raises(ServerFault, match="charts and numbers that only it has are missing"):
        user.client().study(21).charts()
    with pytest.raises(ServerFault, match="gave no numbers of Damage/Native on numpy"):
        user.client().study(21).chart("Native on numpy")


@pytest.mark.parametrize("offline", [False, True])
def test_a_page_is_a_file(user: User, monkeypatch: pytest.MonkeyPatch, offline: bool) -> None:
    """It has the usual name unless it is given one, and nothing is overwritten unless that is said."""
    monkeypatch.chdir(user.folder)
    study = user.client().study(21)
    file = study.page(offline=offline)
    assert file.name == f"study-21-{'offline' if offline else 'charts'}.html"
    assert file.read_text().rstrip().endswith("</html>")
    with pytest.raises(FileConflict):
        study.page(offline=offline)
    assert study.page(file, offline=offline, overwrite=True) == file
    assert study.page("other.html", offline=offline).is_file()


def test_a_cut_page_leaves_no_file(user: User) -> None:
    """A page that does not come whole is an error."""
    user.world.faults.arm(Fault("cut", count=99, path="html"))
    with pytest.raises((ServerFault, Unreachable)):
        user.client().study(21).page(user.folder / "page.html")
    assert list(user.folder.glob("*.html*")) == []
