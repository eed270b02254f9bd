"""Test Markdown of the server as HTML."""

from __future__ import annotations

import base64
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_marks import MARKS

from sostrades_cli.markdown.html import to_html

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # a PNG
SVG = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
).decode()
TAGS = {
    *("a", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p"),
    *("pre", "s", "section", "span", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
PIECES = st.sampled_from(
    [
        *MARKS,
        "_",
        *("[a](javascript:alert(1))", "[a](JaVaScRiPt:x)", "[a](data:text/html,x)", "[a](/etc/passwd)", "[a](//evil)"),
        *(
            "[a](https://x.org/?a=\"onclick='x')",
            "![a](http://evil/x.png)",
            "![a](file:///x)",
            "![a](x.png 't\" onerror=x')",
        ),
        *("<script>alert(1)</script>", "<img src=x onerror=y>", "<https://x.org>", "<javascript:x>", "&lt;script&gt;"),
        *(
            "[^1]",
            "[^1]: note\n",
            "^[inline]",
            "[b]: javascript:x\n",
            "[b]",
            "![b][b]",
            "\x00",
            "\x1b[31m",
            "\u202e",
        ),
        *(
            f"![c](data:image/png;base64,{PIXEL})",
            f"![d](data:image/svg+xml;base64,{SVG})",
            "picture:0",
            "![p](picture:0)",
        ),
        *(
            f"\n[e]:data:image/png;base64,{SVG}\n",
            "![e][e]",
            "data:image/png;base64,",
            "&#106;",
            "&colon;",
        ),
    ]
)


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def elements(markdown: str) -> Elements:
    """Return the elements of a document as HTML."""
    return Elements(to_html(markdown, "d1", below=2).html)


@settings(deadline=None, max_examples=25)
@given(st.lists(PIECES, max_size=15).map("".join))
def test_no_document_has_scripts_requests_or_paths(markdown: str) -> None:
    html = to_html(markdown, "d1", below=2).html
    assert "\x1b" not in html
    for tag, attributes in Elements(html).elements:
        assert tag in TAGS or tag.startswith("m")
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("href") or "#").lower().startswith(("#", "https://", "http://", "mailto:"))
        assert (attributes.get("src") or "data:image/").startswith("data:image/")
        assert (attributes.get("style") or "text-align:").startswith("text-align:")


def test_headings_are_below_those_of_the_page_and_have_anchors() -> None:
    document = to_html("# One $a_1$\n\n###### Six `x`\n", "d7", below=2)
    assert [tuple(heading) for heading in document.headings] == [(1, "One a₁", "d7-1"), (6, "Six x", "d7-2")]
    assert '<h3 id="d7-1">' in document.html
    assert '<h6 id="d7-2">' in document.html


def test_footnotes_of_documents_are_distinct() -> None:
    first, second = (to_html("a[^1]\n\n[^1]: b\n", name, below=2).html for name in ("d1", "d2"))
    assert 'href="#fn-d1-1"' in first
    assert 'href="#fn-d2-1"' in second


def test_pictures_are_within_the_page() -> None:
    for markdown in (
        f"![a][n.png]\n\n[n.png]:data:image/png;base64,{PIXEL}",
        # Directly below a paragraph.
        f"![a][n.png]\ntext\n[n.png]:data:image/png;base64,{PIXEL}",
        f"![a](data:image/png;base64,{PIXEL})",
        f"| ![a][n.png] |\n|:--:|\n\n[n.png]:data:image/png;base64,{PIXEL}",
    ):
        assert elements(markdown).all("img") == [{"src": f"data:image/png;base64,{PIXEL}", "alt": "a"}]


def test_content_decides_the_kind_of_a_picture() -> None:
    """The server declares every picture as PNG."""
    jpeg = base64.b64encode(b"\xff\xd8\xff\xe0 and more").decode()
    assert elements(f"![a](data:image/png;base64,{jpeg})").all("img")[0]["src"] == f"data:image/jpeg;base64,{jpeg}"
    # As an image, an SVG runs no script.
    assert elements(f"![a](data:image/png;base64,{SVG})").all("img")[0]["src"] == f"data:image/svg+xml;base64,{SVG}"


@pytest.mark.parametrize("source", ["name.PNG", "http://evil/x.png", "data:image/png;base64,AAAA", "picture:3"])
def test_missing_picture_is_named(source: str) -> None:
    document = to_html(f"![alt]({source})", "d", below=2).html
    assert "<img" not in document
    assert "[picture: alt]" in document


def test_missing_picture_without_a_text_has_the_name_of_its_file() -> None:
    assert "[picture: name.PNG]" in to_html("![](name.PNG)", "d", below=2).html


@pytest.mark.parametrize("money", ["5 $ and 6 $", "(G$). and (Mt/G$)", "$5 and $6", "M$, k$."])
def test_amount_of_dollars_is_not_a_formula(money: str) -> None:
    assert money in to_html(money, "d", below=2).html


def test_formula_behind_a_letter_is_a_script() -> None:
    assert "<msub>" in to_html("CO$_2$", "d", below=2).html or "<math" in to_html("CO$_2$", "d", below=2).html


def test_formula_that_cannot_be_converted_stays_latex() -> None:
    assert r"<code>\frac{</code>" in to_html(r"a $\frac{$ b", "d", below=2).html


def test_large_document_is_converted_quickly() -> None:
    text = "A paragraph of prose with a formula $x_1$ and *more* words of a model, again and again.\n\n" * 500
    markdown = f"{text}![a][n]\n\n[n]:data:image/png;base64,{PIXEL}{'A' * 1_000_000}\n"
    started = time.perf_counter()
    to_html(markdown, "d", below=2)
    assert time.perf_counter() - started < 2
