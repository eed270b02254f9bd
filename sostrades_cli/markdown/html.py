"""Convert Markdown to HTML without scripts and requests. Texts are escaped, and pictures are data URIs."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from sostrades_cli.markdown.formulas import as_mathml
from sostrades_cli.markdown.parser import ParsedMarkdown, is_link, parse, parser, picture_name, plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

_LOWEST: Final = 6
_HOSTILE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Heading(NamedTuple):
    """A heading of a document: its level from 1, its text, and its anchor."""

    level: int
    text: str
    anchor: str


class HtmlDocument(NamedTuple):
    """A document as HTML, and its headings."""

    html: str
    headings: list[Heading]


def to_html(markdown: str, name: str, *, below: int) -> HtmlDocument:
    """Return a document as HTML.

    ``name`` makes its anchors distinct from those of other documents on the page. ``below`` is the level of the heading
    above the document, so its own headings are below that level.
    """
    document = parse(printable(markdown), name)
    headings: list[Heading] = []
    for position, token in enumerate(document.tokens):
        if token.type == "heading_open":
            level = int(token.tag[1:])
            token.attrSet("id", f"{name}-{len(headings) + 1}")
            headings.append(Heading(level, plain_text(document.tokens[position + 1]), str(token.attrs["id"])))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + below, _LOWEST)}"
    env = {**document.env, "document": document}
    return HtmlDocument(_renderer().render(document.tokens, parser().options, env), headings)


def printable(text: str) -> str:
    """Return a text with a visible character in place of control characters and direction marks."""
    return _HOSTILE.sub("\ufffd", text)


@cache
def _renderer() -> RendererHTML:
    renderer: Any = parser().renderer
    renderer.rules |= {
        "image": _image,
        "link_open": _link_open,
        "math_inline": _formula,
        "math_inline_double": _formula_on_a_line,
        "math_block": _formula_block,
        "table_open": lambda *_: '<div class="scroll"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
    }
    return cast("RendererHTML", renderer)


def _image(tokens: Sequence[Token], position: int, _: object, env: dict[str, Any]) -> str:
    token = tokens[position]
    document: ParsedMarkdown = env["document"]
    picture = document.picture(token)
    if picture is None:
        return f'<span class="lacks">{escape(picture_name(token))}</span>'
    return f'<img src="{escape(picture.uri)}" alt="{escape(token.content)}">'


def _link_open(tokens: Sequence[Token], position: int, *_: object) -> str:
    address = str(tokens[position].attrs.get("href", ""))
    # Any other address, such as a picture of the document, leads nowhere.
    if not is_link(address):
        return "<a>"
    return f'<a href="{escape(address)}" rel="noreferrer noopener" target="_blank">'


def _formula(tokens: Sequence[Token], position: int, *_: object) -> str:
    latex = tokens[position].content
    return as_mathml(latex, block=False) or f"<code>{escape(latex)}</code>"


def _formula_on_a_line(tokens: Sequence[Token], position: int, *_: object) -> str:
    # HTML allows no block within a paragraph, but MathML can display itself as a block there.
    latex = tokens[position].content.strip()
    return as_mathml(latex, block=True) or f"<code>{escape(latex)}</code>"


def _formula_block(tokens: Sequence[Token], position: int, *_: object) -> str:
    return f'<div class="formula">{_formula_on_a_line(tokens, position)}</div>\n'
