"""Test the offline page in a real Chromium without a network: every chart is drawn, and no request is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from end_to_end.offline_browser import READ_ALL

from server_stub import charts
from server_stub.charts import Position
from server_stub.model import Bundle, Model
from server_stub.world import Right
from server_stub.worlds import dice
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User
    from end_to_end.offline_browser import OpenedPage

pytestmark = pytest.mark.slow


def drawn_by_the_stub(user: User, study: int) -> list[Any]:
    """Return the charts of a study in the order of its list."""
    drawn = user.world.studies[study].charts()
    return [chart for bundles in drawn.values() for bundle in bundles for chart in bundle.charts]


def saved(user: User, study: int) -> Path:
    """Save the offline page of a study."""
    file = user.folder / "offline.html"
    done = user.types("postproc", "html", str(study), "--offline", "-o", str(file))
    assert done.code == 0, done.err
    return file


@pytest.mark.parametrize("study", [21, 23, 27])
def test_every_chart_is_drawn_without_a_network(
    user: User, open_page: Callable[[Path], OpenedPage], study: int
) -> None:
    file = saved(user, study)
    opened_page = open_page(file)
    counts = opened_page.page.evaluate(READ_ALL)
    assert counts == {f"c{n}": len(chart["data"]) for n, chart in enumerate(drawn_by_the_stub(user, study), 1)}
    assert (opened_page.troubles, opened_page.requests) == ([], [file.as_uri()])
    assert opened_page.page.evaluate("document.querySelectorAll('.no-webgl').length") == 0


def test_charts_are_drawn_when_they_become_visible(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    """Of 344 charts only those near the window are drawn, and distant ones are removed."""
    opened_page = open_page(saved(user, 23))
    opened_page.page.wait_for_selector("#c1[data-drawn=yes]")
    drawn = "document.querySelectorAll('figure[data-drawn]').length"
    assert 1 <= opened_page.page.evaluate(drawn) < 20
    opened_page.page.evaluate("document.getElementById('c344').scrollIntoView()")
    opened_page.page.wait_for_selector("#c344[data-drawn=yes]")
    opened_page.page.wait_for_selector("#c1:not([data-drawn])")
    assert opened_page.page.evaluate(drawn) < 60


def test_search_finds_charts(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    page = open_page(saved(user, 21)).page
    page.fill("#search", "EMISSIONS price")
    assert page.inner_text("#count") == "1 of 10 charts"
    visible = "[...document.querySelectorAll('{}')].filter(e => e.checkVisibility()).map(e => e.textContent)"
    assert page.evaluate(visible.format("nav a")) == ["Emissions and price"]
    assert page.evaluate(visible.format("main h2")) == ["Carbon"]
    page.fill("#search", "nothing like it")
    assert page.is_visible("#nothing")
    page.fill("#search", "")
    assert page.inner_text("#count") == "10 charts"
    page.check("#keys")
    assert page.evaluate(visible.format("nav a")) == ["Output per year", "Damages"]


def test_page_header_has_name_status_and_date(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    page = open_page(saved(user, 21)).page
    assert page.inner_text("h1") == "dice"
    head = page.inner_text("header p")
    assert all(part in head for part in ("study 21", "FINISHED", "UTC"))
    assert page.evaluate("[...document.querySelectorAll('main details')].every(one => one.open)")
    assert page.evaluate("document.querySelector('main figure').id") == "c2"


def test_stale_charts_are_noted_on_the_page(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    assert user.types("param", "set", "21", "Macro.gamma=0.35", "--yes").code == 0
    page = open_page(saved(user, 21)).page
    assert "stale" in page.inner_text(".note")
    assert "NOT EXECUTED" in page.inner_text("header p")


HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '<a href="javascript:window.hacked = 1">click</a>',
    "\x00\x07\x1b[31mred\x1b[0m \u202eback",
    "x" * 10_000,
    "<!-- <script>",
    "\ud800 half",
    "${window.hacked = 1}",
)


def test_hostile_titles_run_no_script(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    def draw(_: Any) -> Any:
        drawn = [
            charts.lines(text, (text, [1, 2]), (text, {text: [3, 4]}), Position(text, key=index == 0))
            for index, text in enumerate(HOSTILE)
        ]
        images = [{"source": "https://evil.example/x.png", "x": 0, "y": 0}]
        drawn.append({**drawn[0], "layout": {**drawn[0]["layout"], "images": images}})
        return {"Macro": [Bundle("cliproc.discs", tuple(drawn))]}

    model = Model("dice_process", dice.NODES, dice.PARAMETERS, dice.compute, draw, dice.TIMING)
    rights = dict.fromkeys(user.world.users.values(), Right.OWNER)
    user.world.add_study(40, "<script>alert(1)</script>", model, rights, finished)
    file = saved(user, 40)
    opened_page = open_page(file)
    counts = opened_page.page.evaluate(READ_ALL)
    assert list(counts.values()) == [1] * (len(HOSTILE) + 1)
    href = "getAttributeNS('http://www.w3.org/1999/xlink', 'href')"
    links = f"[...document.querySelectorAll('.plot a')].map(a => a.{href})"
    assert not any(str(link).startswith("javascript") for link in opened_page.page.evaluate(links))
    opened_page.page.fill("#search", "xxx")
    assert opened_page.page.evaluate("window.hacked") is None
    assert (opened_page.troubles, opened_page.requests) == ([], [file.as_uri()])


def test_chart_that_cannot_be_drawn_does_not_affect_others(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    def draw(_: Any) -> Any:
        broken = charts.native("broken", [{"type": "sankey", "node": 5, "link": 5}])
        good = charts.lines("good", ("x", [1, 2]), ("y", {"s": [3, 4]}))
        return {"Macro": [Bundle("cliproc.discs", (broken, good))]}

    model = Model("dice_process", dice.NODES, dice.PARAMETERS, dice.compute, draw, dice.TIMING)
    user.world.add_study(40, "odd", model, dict.fromkeys(user.world.users.values(), Right.OWNER), finished)
    page = open_page(saved(user, 40)).page
    page.wait_for_selector("#c2[data-drawn=yes]")
    page.wait_for_selector("#c1 .plot.failed")
    assert "this chart cannot be drawn" in page.inner_text("#c1 .plot")


def test_all_charts_are_printed(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    page = open_page(saved(user, 27)).page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("document.querySelectorAll('figure[data-drawn=yes]').length === 25")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1300])
def test_charts_fill_their_cards_in_the_colours_of_the_window(
    user: User, open_page: Callable[[Path], OpenedPage], width: int, scheme: Any
) -> None:
    page = open_page(saved(user, 21)).page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(READ_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.getElementById('c2').scrollIntoView()")
    page.wait_for_selector("#c2[data-drawn=yes]")
    share, paper, ink = page.evaluate("""() => {
        const plot = document.querySelector("#c2 .plot");
        const layout = plot._fullLayout;
        return [layout._size.w / plot.closest("figure").clientWidth, layout.paper_bgcolor, layout.xaxis.color];
    }""")
    assert share > 0.7
    assert (int(paper[1:3], 16) > int(ink[1:3], 16)) is (scheme == "light")


def test_title_is_shown_once(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    page = open_page(saved(user, 21)).page
    page.evaluate(READ_ALL)
    assert page.inner_text("#c2").count("Output per year") == 1


def test_page_names_its_study_and_the_changed_inputs(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    assert user.types("param", "set", "21", "Macro.gamma=0.35").code == 0
    assert user.types("calc", "run", "21").code == 0
    page = open_page(saved(user, 21)).page
    assert page.get_attribute("header a", "href") == "http://localhost:4200/study/21"
    assert page.inner_text(".inputs tbody").split() == ["Macro.gamma", "0.35", "0.3", "-"]
