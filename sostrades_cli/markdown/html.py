"""Markdown as HTML without scripts and requests. Text is escaped, and pictures are within it."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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

    ``name`` makes its anchors distinct from those of other documents of the page, ``below`` is the level of the
    heading above it.
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
    """Return a text whose control characters and direction marks are replaced by a visible one."""
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
    found: RendererHTML = renderer
    return found


def _image(tokens: Sequence[Token], place: int, _: object, env: dict[str, Any]) -> str:
    token = tokens[place]
    document: ParsedMarkdown = env["document"]
    picture = document.picture(token)
    if picture is None:
        return f'<span class="lacks">{escape(picture_name(token))}</span>'
    return f'<img src="{escape(picture.uri)}" alt="{escape(token.content)}">'


def _link_open(tokens: Sequence[Token], place: int, *_: object) -> str:
    address = str(tokens[place].attrs.get("href", ""))
    # A picture can be a link, too, but not to anywhere.
    if not is_link(address):
        return "<a>"
    return f'<a href="{escape(address)}" rel="noreferrer noopener" target="_blank">'


def _formula(tokens: Sequence[Token], place: int, *_: object) -> str:
    latex = tokens[place].content
    return as_mathml(latex, block=False) or f"<code>{escape(latex)}</code>"


def _formula_on_a_line(tokens: Sequence[Token], place: int, *_: object) -> str:
    # Within a paragraph, only a formula can be a block.
    latex = tokens[place].content.strip()
    return as_mathml(latex, block=True) or f"<code>{escape(latex)}</code>"


def _formula_block(tokens: Sequence[Token], place: int, *_: object) -> str:
    return f'<div class="formula">{_formula_on_a_line(tokens, place)}</div>\n'
