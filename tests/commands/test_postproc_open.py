"""Test `sostrades postproc open`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import pytest
from conftest import slow

if TYPE_CHECKING:
    from conftest import User


def opened(user: User) -> Path:
    """Return the only opened file."""
    [url] = user.opened
    return Path(unquote(urlparse(url).path))


def test_page_with_all_charts_is_opened_and_its_path_printed(user: User) -> None:
    done = user.types("postproc", "open", "21")
    assert (done.code, done.out) == (0, f"{opened(user)}\n")
    page = opened(user).read_text()
    assert [page.count(f'id="c{number}"') for number in range(1, 12)] == [1] * 10 + [0]


@pytest.mark.parametrize("chart", ["7", slow("Damages"), slow("damages")])
def test_page_has_only_the_named_chart(user: User, chart: str) -> None:
    assert user.types("postproc", "open", "21", chart).code == 0
    assert opened(user).read_text().count('<figure class="chart') == 1
    assert 'id="c7"' in opened(user).read_text()


def test_page_is_replaced_by_the_next_call(user: User) -> None:
    for _ in range(2):
        assert user.types("postproc", "open", "21", "2").code == 0
    assert user.opened[0] == user.opened[1]


def test_old_pages_are_removed(user: User) -> None:
    assert user.types("postproc", "open", "21", "1").code == 0
    first = opened(user)
    os.utime(first, (1, 1))
    for number in range(20):
        (first.parent / f"study-{number}.html").touch()
    assert user.types("postproc", "open", "21", "2").code == 0
    assert not first.exists()
    assert 5 < len(list(first.parent.iterdir())) < 15


def test_path_is_printed_without_a_browser(user: User) -> None:
    user.has_browser = False
    done = user.types("postproc", "open", "21")
    assert (done.code, user.opened, "no browser" in done.err) == (0, [], True)
    assert Path(done.out.strip()).stat().st_size > 1000


def test_output_option_chooses_the_file(user: User) -> None:
    done = user.types("postproc", "open", "21", "-o", str(user.folder / "page.html"))
    assert (done.code, done.out, opened(user)) == (0, "", user.folder / "page.html")
    assert user.types("postproc", "open", "21", "-o", "-").code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("21", "no such"), 5), slow(("21", "emis"), 2), (("22",), 5), slow(("25",), 4), slow(("99999",), 5)],
)
def test_nothing_is_opened_after_an_error(user: User, arguments: tuple[str, ...], code: int) -> None:
    done = user.types("postproc", "open", *arguments)
    assert (done.code, done.out, user.opened) == (code, "", [])
