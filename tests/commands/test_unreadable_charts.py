"""Test charts with an array that cannot be decoded: the others are shown, and the exit code reports the failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport, mostly_slow

from server_stub.faults import Fault
from sostrades_cli.errors import ServerFault

if TYPE_CHECKING:
    from conftest import User

BROKEN = {"bdata": "AAA", "dtype": "f8"}
TITLE = "Output per year"


def corrupted_charts(value: Any) -> Any:
    """Return charts in which one array is truncated."""
    if isinstance(value, list):
        return [corrupted_charts(item) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("data"), list) and "per year" in json.dumps(value.get("layout")):
        return {**value, "data": [{**value["data"][0], "y": BROKEN}, *value["data"][1:]]}
    return {name: corrupted_charts(item) for name, item in value.items()}


@pytest.fixture
def owner(user: User) -> User:
    """Return a user of a server with such a chart in its JSON."""
    inner = StubTransport(user.world)

    def answer(request: httpx.Request) -> httpx.Response:
        response = inner.handle_request(request)
        response.read()
        if not request.url.path.endswith(("read-only-mode", "post-processing/21")):
            return response
        body = json.dumps(corrupted_charts(json.loads(response.content))).encode()
        return httpx.Response(response.status_code, headers={"Content-Type": "application/json"}, content=body)

    user.transport = httpx.MockTransport(answer)
    return user


@pytest.fixture
def without_page(owner: User) -> User:
    """Return a user for whom the page of the server fails, too."""
    owner.world.faults.arm(Fault("status", count=99, path="html", status=500))
    return owner


@pytest.mark.parametrize("finished", mostly_slow([True, False], 2))
def test_page_has_the_numbers(owner: User, *, finished: bool) -> None:
    if not finished:
        owner.types("param", "set", "21", "Macro.gamma=0.4")
    done = owner.types("postproc", "list", "21", "-F", "json")
    assert done.code == 0, done.err
    [chart] = [load for load in json.loads(done.out) if load["chart"] == TITLE]
    assert ("numbers" in chart["missing"], chart["points"]) == (False, 22)


@pytest.mark.parametrize("finished", mostly_slow([True, False], 2))
def test_other_charts_are_listed(without_page: User, *, finished: bool) -> None:
    user = without_page
    if not finished:
        user.types("param", "set", "21", "Macro.gamma=0.4")
    done = user.types("postproc", "list", "21", "-F", "json")
    charts = {load["chart"]: load for load in json.loads(done.out)}
    assert done.code == 7
    assert TITLE in json.loads(done.err)["detail"]
    assert "numbers" in charts[TITLE]["missing"]
    assert charts["Damages"]["points"] == 11


def test_other_charts_are_shown(without_page: User) -> None:
    assert without_page.types("postproc", "show", "21", "Damages").code == 0
    assert without_page.types("postproc", "show", "21", TITLE).code == 7


def test_chart_that_was_not_requested_does_not_fail(without_page: User) -> None:
    done = without_page.types("postproc", "list", "21", "--match", "Damages", "-F", "json")
    assert [load["chart"] for load in json.loads(done.out)] == ["Damages"]
    assert TITLE not in done.err


def test_other_charts_are_exported(without_page: User) -> None:
    folder = without_page.folder / "charts"
    done = without_page.types("postproc", "export", "21", "-d", str(folder), "--as", "csv", "-F", "json")
    states = {load["chart"].rpartition("/")[2]: load["state"] for load in json.loads(done.out)}
    assert done.code == 7
    assert (states[TITLE], states["Damages"]) == ("saved, without numbers", "saved")


def test_offline_page_has_the_others(without_page: User) -> None:
    page = without_page.folder / "page.html"
    done = without_page.types("postproc", "html", "21", "--offline", "-o", str(page))
    assert done.code == 7
    assert "Damages" in page.read_text()


def test_client_returns_the_others(without_page: User) -> None:
    with pytest.raises(ServerFault) as caught:
        without_page.client().study(21).charts()
    assert "Damages" in caught.value.result["chart"].tolist()
