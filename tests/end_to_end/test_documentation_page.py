"""Test the page of documentation in a real Chromium without a network, in a wide and in a narrow window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import StubTransport, User
from end_to_end.offline_browser import WINDOWS
from ontology_answers import OntologyAnswers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from end_to_end.offline_browser import OpenedPage

pytestmark = pytest.mark.slow
MACRO = "cliproc.discs.Macro"
HOSTILE = """# <script>alert(1)</script>

<img src=x onerror=alert(2)> [a](javascript:alert(3)) ![b](http://127.0.0.1:1/b.png "x") [c](file:///etc/passwd)

![d](data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoNCkiPjxzY3JpcHQ+YWxlcnQoNSk8L3NjcmlwdD48L3N2Zz4=)

$\\text{</mtext><script>alert(6)</script>}$ $\\frac{$
"""


def written(user: User, study: str) -> Path:
    """Write the page of a study."""
    file = user.folder / "docs.html"
    assert user.types("study", "docs", study, "-o", str(file)).code == 0
    return file


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
@pytest.mark.parametrize("study", ["21", "33", "13"])
def test_page_fits_its_window(
    open_page: Callable[..., OpenedPage], user: User, study: str, width: int, scheme: str
) -> None:
    opened = open_page(written(user, study), (width, 900), scheme)
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    paper = page.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    # A formula that the browser does not lay out has no height.
    heights = page.evaluate("[...document.querySelectorAll('math')].map((one) => one.getBoundingClientRect().height)")
    assert heights
    assert min(heights) > 5
    assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    assert [request for request in opened.requests if not request.startswith("data:")] == [opened.address]
    assert (opened.troubles, opened.messages) == ([], [])


def test_contents_and_footnotes_lead_to_their_places(open_page: Callable[..., OpenedPage], user: User) -> None:
    page = open_page(written(user, "21"), (1300, 900), "light").page
    for link in page.locator("nav a, .footnote-ref a, .footnote-backref").all():
        assert page.locator(f"[id='{(link.get_attribute('href') or '').removeprefix('#')}']").count() == 1
    page.locator("nav a", has_text="Parameters").click()
    assert page.locator("h4", has_text="Parameters").bounding_box()["y"] < 200  # type: ignore[index] # it is there


def test_hostile_documentation_is_text(open_page: Callable[..., OpenedPage], user: User) -> None:
    saved = {"disciplines": {}, "parameter_usages": {}}
    user.transport = OntologyAnswers(StubTransport(user.world), saved=saved, saved_documents={MACRO: HOSTILE})
    opened = open_page(written(user, "21"), (1300, 900), "light")
    page = opened.page
    assert page.locator("h3").inner_text() == "<script>alert(1)</script>"
    assert page.locator("script").count() == 0
    assert page.locator("main a[href]").count() == 0
    assert "[picture: b]" in page.locator("section").inner_text()
    assert [request for request in opened.requests if not request.startswith("data:")] == [opened.address]
    assert (opened.troubles, opened.messages) == ([], [])


def test_hostile_study_runs_and_requests_nothing(
    open_page: Callable[..., OpenedPage], user_of: Callable[..., User]
) -> None:
    """Names, labels and documentation of this study try to run scripts and to leave the page."""
    opened = open_page(written(user_of(world="hostile"), "1"), (420, 900), "light")
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == 420
    assert page.locator("script, iframe, style:not(head style), form, base, object, embed, link").count() == 0
    assert all(
        (link.get_attribute("href") or "").startswith(("#", "https://", "http://", "mailto:"))
        for link in page.locator("a[href]").all()
    )
    assert all((image.get_attribute("src") or "").startswith("data:image/") for image in page.locator("img").all())
    assert [request for request in opened.requests if not request.startswith("data:")] == [opened.address]
    assert (opened.troubles, opened.messages) == ([], [])
