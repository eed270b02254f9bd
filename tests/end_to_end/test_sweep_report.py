"""Test the report of a sweep in a real Chromium without a network: charts, tables, widths and colours."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from end_to_end.offline_browser import READ_ALL

from server_stub.model import Parameter
from server_stub.worlds.by_hand import add_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User
    from end_to_end.offline_browser import OpenedPage
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
MIXED = '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.scenario" = {}\n"Macro.use_damage" = {}\n'
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'> <b>bold</b>"
Y = Parameter("A.y", "float", None, io_type="out")
ROWS = "[...document.querySelectorAll('#long tbody tr')].map(row => row.cells[{}].textContent)"


def report(user: User, study: int, space: str, method: str, n: int, *collect: str) -> Path:
    """Return the report of a sweep."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    cases, results = str(user.folder / "cases.csv"), str(user.folder / "results.csv")
    words = ("--method", method, "-n", str(n), "--seed", "1", "-o", cases)
    done = user.types("calc", "design", str(study), str(user.folder / "space.toml"), *words)
    assert done.code == 0, done.err
    keys = [word for key in collect for word in ("--collect", key)]
    done = user.types("calc", "sweep", str(study), cases, *keys, "-o", results, "--analyze")
    assert done.code == 0, done.err
    return user.folder / "results.d" / "report.html"


def open_cases(page: Page) -> None:
    """Open the table of cases, which is filled afterwards."""
    page.click("#long summary")
    page.wait_for_selector("#long tbody tr")


@pytest.mark.parametrize(("method", "charts"), [("saltelli", 5), ("morris", 6), ("lhs", 4)])
def test_every_chart_is_drawn_without_a_network(
    user: User, open_page: Callable[[Path], OpenedPage], method: str, charts: int
) -> None:
    """Indices, parallel coordinates, and a scatter plot for each input, texts included."""
    file = report(user, 21, MIXED, method, 4, "Damage.total_damage", "Damage.message")
    opened = open_page(file)
    counts = opened.page.evaluate(READ_ALL)
    assert len(counts) == charts
    assert all(isinstance(count, int) and count > 0 for count in counts.values())
    assert (opened.troubles, opened.requests) == ([], [file.as_uri()])
    assert opened.page.evaluate("document.querySelectorAll('.no-webgl').length") == 0


def test_points_are_those_of_the_results(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    """The charts share lists of numbers."""
    file = report(user, 21, MIXED, "lhs", 6, "Damage.total_damage")
    page = open_page(file).page
    page.evaluate(READ_ALL)
    header, *lines = (user.folder / "results.csv").read_text(encoding="utf-8").splitlines()
    gamma, damage = header.split(",").index("Macro.gamma"), header.split(",").index("Damage.total_damage")
    drawn = page.evaluate("""() => {
        const data = document.querySelector("#c2 .plot")._fullData[0];
        return [[...data.x], [...data.y], data.text];
    }""")
    expected = [[float(line.split(",")[index]) for line in lines] for index in (gamma, damage)]
    assert drawn == [*expected, ["1", "2", "3", "4", "5", "6"]]


NAMES = """() => {
    const plot = document.querySelector("#c2 .plot");
    const boxes = (selector) => [...plot.querySelectorAll(selector)]
        .map((one) => one.getBoundingClientRect()).filter((box) => box.width)
        .map((box) => [box.left, box.top, box.right, box.bottom]);
    return {
        names: boxes(".textpoint text"),
        plot: boxes(".main-svg")[0],
        hidden: document.querySelector("#c2 .names").textContent,
    };
}"""
MANY = [f"Macroeconomics.parameter_{number}" for number in range(20)]


def overlapping(boxes: list[list[float]]) -> int:
    """Return the number of pairs of boxes that overlap by more than a pixel."""
    pairs = itertools.combinations(boxes, 2)
    return sum(min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1 for a, b in pairs)


@pytest.mark.parametrize("width", [1400, 420])
def test_names_of_many_effects_do_not_overlap(user: User, open_page: Callable[..., OpenedPage], width: int) -> None:
    """A name that does not fit is left out, with a note. After zooming in there is more room."""

    def compute(values: Any) -> dict[str, Any]:
        x = [float(values[name]) for name in MANY]
        return {"A.y": sum(0.6**index * one * (1 + x[index - 1]) for index, one in enumerate(x))}

    add_study(user.world, 40, "wide", *(Parameter(name, "float", 1.0) for name in MANY), Y, compute=compute)
    assert user.types("calc", "run", "40").code == 0
    file = report(user, 40, "".join(f'"{name}" = {{range = [0.0, 1.0]}}\n' for name in MANY), "morris", 2, "A.y")
    opened = open_page(file, (width, 900))
    page = opened.page
    page.evaluate(READ_ALL)
    page.evaluate("document.getElementById('c2').scrollIntoView()")
    page.wait_for_selector("#c2[data-drawn=yes]")
    found = page.evaluate(NAMES)
    left, _, right, _ = found["plot"]
    assert (overlapping(found["names"]), 2 < len(found["names"]) < 20) == (0, True)
    assert all(left <= box[0] and box[2] <= right for box in found["names"])
    assert found["hidden"].startswith(f"{20 - len(found['names'])} of 20 names")
    hover = "() => document.querySelector('#c2 .plot')._fullData[0].hovertext.length"
    assert page.evaluate(hover) == 20
    part = "{'xaxis.range': [0, 0.3], 'yaxis.range': [0, 0.3]}"
    page.evaluate(f"Plotly.relayout(document.querySelector('#c2 .plot'), {part})")
    page.wait_for_function("!document.querySelector('#c2 .names').textContent.startsWith('20')")
    zoomed = page.evaluate(NAMES)
    assert overlapping(zoomed["names"]) == 0
    assert opened.troubles == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1300])
def test_page_fits_the_window_in_its_colours(
    user: User, open_page: Callable[[Path], OpenedPage], width: int, scheme: Any
) -> None:
    page = open_page(report(user, 12, '"G.x1" = {}\n"G.x2" = {}\n', "saltelli", 4, "G.y")).page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    open_cases(page)
    page.evaluate(READ_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.getElementById('c1').scrollIntoView()")
    page.wait_for_selector("#c1[data-drawn=yes]")
    paper, ink = page.evaluate("""() => {
        const layout = document.querySelector("#c1 .plot")._fullLayout;
        return [layout.paper_bgcolor, layout.xaxis.color];
    }""")
    assert (int(paper[1:3], 16) > int(ink[1:3], 16)) is (scheme == "light")


def test_cases_can_be_sorted_and_searched(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    page = open_page(report(user, 21, MIXED, "lhs", 12, "Damage.total_damage")).page
    assert page.evaluate("document.querySelectorAll('#long tr').length") == 0
    open_cases(page)
    assert page.evaluate(ROWS.format(0)) == [str(number) for number in range(1, 13)]
    page.click("#long th:nth-child(2) button")
    gammas = [float(text) for text in page.evaluate(ROWS.format(1))]
    assert gammas == sorted(gammas)
    page.click("#long th:nth-child(2) button")
    assert [float(text) for text in page.evaluate(ROWS.format(1))] == gammas[::-1]
    assert page.get_attribute("#long th:nth-child(2)", "aria-sort") == "descending"
    page.fill("#long input", "rainy FINISHED")
    assert page.evaluate(ROWS.format(2)) == ["rainy"] * 4
    assert page.inner_text("#long .count") == "4 of 12 cases"


def test_slash_leads_to_the_search_of_charts_but_is_a_letter_in_other_fields(
    user: User, open_page: Callable[[Path], OpenedPage]
) -> None:
    page = open_page(report(user, 21, MIXED, "lhs", 2, "Damage.total_damage")).page
    open_cases(page)
    page.focus("#long input")
    page.keyboard.type("a/b")
    assert page.input_value("#long input") == "a/b"
    page.focus("#long summary")
    page.keyboard.type("/gamma")
    assert page.input_value("#search") == "gamma"


def test_many_cases_are_shown_in_parts(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    """The table of 20,000 cases of a small sweep, repeated in the page itself."""
    file = report(user, 21, MIXED, "lhs", 2, "Damage.total_damage")
    text = file.read_text(encoding="utf-8")
    start = text.index('"rows":[') + len('"rows":[')
    row = text[start : text.index("]", start) + 1]
    file.write_text(text.replace(row, ",".join([row] * 20_000)), encoding="utf-8")
    opened = open_page(file)
    open_cases(opened.page)
    rows = "document.querySelectorAll('#long tbody tr').length"
    assert opened.page.evaluate(rows) == 100
    opened.page.click("#long > button")
    assert opened.page.evaluate(rows) == 200
    opened.page.click("#long th:nth-child(2) button")
    opened.page.fill("#long input", "finished")
    assert opened.page.inner_text("#long .count") == "20001 cases"
    assert opened.troubles == []


def test_hostile_names_run_no_script(user: User, open_page: Callable[[Path], OpenedPage]) -> None:
    name = "A." + HOSTILE.replace(".", "")
    parameters = [
        Parameter(name, "float", 1.0),
        Parameter("A.text", "string", "x", possible_values=("x", HOSTILE)),
        Parameter("A.y", "dict", None, io_type="out"),
    ]
    add_study(user.world, 40, "hostile", *parameters, compute=lambda values: {"A.y": {HOSTILE: values[name]}})
    assert user.types("calc", "run", "40").code == 0
    space = f'"{name}" = {{range = [1.0, 2.0]}}\n"A.text" = {{}}\n'
    file = report(user, 40, space, "saltelli", 4, "A.y")
    opened = open_page(file)
    counts = opened.page.evaluate(READ_ALL)
    assert list(counts.values()) == [2, 1, 1, 1]
    open_cases(opened.page)
    assert opened.page.evaluate("window.hacked") is None
    # Plotly would read the tags of a name as markup.
    opened.page.evaluate("document.getElementById('c3').scrollIntoView()")
    opened.page.wait_for_selector("#c3[data-drawn=yes]")
    assert "<b>bold</b>" in opened.page.text_content("#c3 .plot .xtitle")
    assert (opened.troubles, opened.requests) == ([], [file.as_uri()])
