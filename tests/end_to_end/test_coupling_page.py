"""Test the page of couplings in a real Chromium without a network, in a wide and in a narrow window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from end_to_end.offline_browser import WINDOWS

from server_stub.model import Model, Parameter
from server_stub.world import Right
from server_stub.worlds.demo import finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User
    from end_to_end.offline_browser import OpenedPage

pytestmark = pytest.mark.slow


def written(user: User, study: str, name: str = "page.html") -> Path:
    """Write the page of a study."""
    file = user.folder / name
    assert user.types("study", "graph", study, "-o", str(file)).code == 0
    return file


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_page_of_a_large_study_fits_its_window(
    open_page: Callable[..., OpenedPage], user: User, width: int, scheme: str
) -> None:
    """Of 31 disciplines, the matrix scrolls within its frame."""
    opened = open_page(written(user, "13"), (width, 900), scheme)
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".cell").count() == page.locator("li[id^=edge]").count() == 164
    assert page.locator(".discipline").count() == 31
    assert sum(int(text) for text in page.locator(".cell text").all_text_contents()) == 211
    background, ink = page.evaluate(
        "() => [getComputedStyle(document.querySelector('.n2 .ground')).fill, getComputedStyle(document.body).color]"
    )
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    assert background != ink
    assert opened.is_quiet


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_cell_shows_its_parameters_by_mouse_and_keyboard(
    open_page: Callable[..., OpenedPage], user: User, width: int, scheme: str
) -> None:
    opened = open_page(written(user, "28"), (width, 900), scheme)
    page, chosen = opened.page, opened.page.locator("#chosen")
    assert chosen.is_hidden()
    page.locator(".cell").nth(0).click()
    assert chosen.inner_text().split() == [
        *["SellarCoupling.Sellar_2", "→", "SellarCoupling.Sellar_1"],
        "SellarCoupling.y_2",
    ]
    page.locator(".cell").nth(1).focus()
    page.keyboard.press("Enter")
    assert chosen.inner_text().split()[-1] == "SellarCoupling.y_1"
    page.keyboard.press("Escape")
    assert chosen.is_hidden()
    assert opened.is_quiet


def test_search_finds_disciplines_and_parameters(open_page: Callable[..., OpenedPage], user: User) -> None:
    opened = open_page(written(user, "33"), (1300, 900), "light")
    page = opened.page
    page.keyboard.press("/")
    page.keyboard.type("utility economics_df")
    assert page.locator("li[id^=edge]:visible").count() == 1
    assert page.locator(".cell:not(.pale)").count() == 1
    assert page.locator(".discipline:not(.pale)").count() == 2
    assert page.locator("#count").inner_text() == "1 of 10 pairs of disciplines"
    page.locator("#search").fill("nothing of that kind")
    assert page.locator("#nothing").is_visible()
    assert opened.is_quiet


def test_matrix_grows_shrinks_and_fits(open_page: Callable[..., OpenedPage], user: User) -> None:
    opened = open_page(written(user, "13"), (420, 900), "light")
    page = opened.page

    def width() -> float:
        box = page.locator(".n2").bounding_box()
        assert box is not None
        return box["width"]

    before = width()
    page.locator("#larger").click()
    assert width() > before
    page.locator("#fit").click()
    assert width() <= 420
    page.locator("#smaller").click()
    assert width() < 420
    assert opened.is_quiet


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_heads_of_rows_and_columns_stay_in_view(
    open_page: Callable[..., OpenedPage], user: User, width: int, scheme: str
) -> None:
    opened = open_page(written(user, "13"), (width, 900), scheme)
    page = opened.page
    page.set_viewport_size({"width": width, "height": 500})
    for _ in range(6):
        page.locator("#larger").click()
    page.evaluate("Object.assign(document.getElementById('matrix'), { scrollLeft: 1e6, scrollTop: 1e6 })")
    frame = page.locator("#matrix").bounding_box()
    assert frame is not None
    for head in (page.locator(".name").last, page.locator(".columns text").last):
        box = head.bounding_box()
        assert box is not None
        assert frame["x"] < box["x"] + box["width"] < frame["x"] + frame["width"]
        assert frame["y"] < box["y"] + box["height"] < frame["y"] + frame["height"]
    # A cell in the first column is not below the heads when it gets the focus.
    cell = page.locator(".cell[data-column='0']").last
    cell.focus()
    on_top = cell.evaluate(
        "cell => { const box = cell.getBoundingClientRect();"
        " return cell.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
    )
    assert on_top
    assert opened.is_quiet


def test_hostile_names_are_text(open_page: Callable[..., OpenedPage], user: User) -> None:
    name = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"
    there = Parameter(f"{name}.p", "float", 1.0, coupling=True, readers=("B",), writer=name)
    model = Model("evil", ("", name, "B"), (there,))
    user.world.add_study(60, "evil", model, {user.world.users["owner@email.com"]: Right.OWNER}, finished)
    opened = open_page(written(user, "60"), (1300, 900), "light")
    opened.page.locator(".cell").first.click()
    assert name in opened.page.locator("#chosen").inner_text()
    assert opened.page.locator("img").count() == 0
    assert opened.is_quiet


def test_picture_is_one_of_its_own(open_page: Callable[..., OpenedPage], user: User) -> None:
    opened = open_page(written(user, "28", "picture.svg"), (1300, 900), "light")
    assert opened.page.locator("svg .cell").count() == 4
    assert opened.is_quiet
