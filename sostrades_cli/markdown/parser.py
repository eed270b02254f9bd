"""Parse Markdown with formulas, footnotes, tables and pictures. HTML stays text, and only web addresses are links."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.markdown.pictures import SCHEME, Picture, without_pictures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_LINK: Final = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PICTURE: Final = re.compile(rf"{SCHEME}(\d{{1,6}})")
_SCRIPTS: Final = frozenset("_^{\\$")
# Links and footnotes may be defined after their use, so a document with definitions is parsed as a whole.
_DEFINITION: Final = re.compile(r"\]:|\^\[")
_LINE_END: Final = re.compile(r"\r\n?|\n")
PART_LINES: Final = 400
FORMULAS: Final = frozenset({"math_inline", "math_inline_double", "math_block"})


class ParsedMarkdown(NamedTuple):
    """The tokens of a document, its pictures, and the environment of the parser, which numbers the footnotes."""

    tokens: list[Token]
    pictures: list[Picture]
    env: dict[str, Any]

    def picture(self, token: Token) -> Picture | None:
        """Return the picture of an image token, or ``None`` if the document does not have it."""
        match = _PICTURE.fullmatch(str(token.attrs.get("src", "")))
        number = int(match[1]) if match else len(self.pictures)
        return self.pictures[number] if number < len(self.pictures) and self.pictures[number].kind else None


def parse(markdown: str, name: str = "") -> ParsedMarkdown:
    """Parse a document. ``name`` is a part of the anchors of its footnotes."""
    text, pictures = without_pictures(markdown)
    env: dict[str, Any] = {"docId": name} if name else {}
    return ParsedMarkdown(parser().parse(text, env), pictures, env)


def tokens_in_parts(markdown: str, part_lines: int = PART_LINES) -> Iterator[Token]:
    """Yield the tokens of a document, parsed in parts, because parsing a megabyte takes a second.

    A part ends before its last block, which may continue in the next part. A document whose blocks depend on later ones
    is parsed as a whole.
    """
    text, _ = without_pictures(markdown)
    lines = _LINE_END.split(text)
    first, count = 0, len(lines) if _DEFINITION.search(text) else part_lines
    while first + count < len(lines):
        tokens = parser().parse("\n".join(lines[first : first + count]))
        last = max((n for n, token in enumerate(tokens) if token.level == 0 and token.nesting >= 0), default=0)
        complete = tokens[:last]
        if not complete or any(_may_be_open(token) for token in complete):
            count *= 2
            continue
        yield from complete
        first, count = first + (tokens[last].map or [0])[0], part_lines
    yield from parser().parse("\n".join(lines[first:]))


def _may_be_open(token: Token) -> bool:
    """Return whether a text may be the beginning of a formula that ends in a later part."""
    return token.type == "inline" and token.content.startswith("$$")


@cache
def parser() -> MarkdownIt:
    """Return the parser."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # A `$` beside a blank or a digit belongs to an amount of money.
    dollarmath_plugin(markdown, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    markdown.inline.ruler.before("math_inline", "money", _money)
    footnote_plugin(markdown)
    markdown.validateLink = _is_address  # type: ignore[assignment, method-assign] # as its documentation says
    return markdown


def _money(state: StateInline, silent: bool) -> bool:
    """Read a `$` behind a letter as text, as in G$, unless a script follows, as in CO$_2$.

    Return whether this rule applies, as markdown-it asks for. In ``silent`` mode, nothing is added.
    """
    position = state.pos
    if state.src[position] != "$" or not position or not state.src[position - 1].isalnum():
        return False
    if state.src[position + 1 : position + 2] in _SCRIPTS:
        return False
    if not silent:
        state.pending += "$"
    state.pos += 1
    return True


def is_link(address: str) -> bool:
    """Return whether an address leads to a page or a mailbox, and not to a script or a file."""
    return _LINK.match(address) is not None


def _is_address(address: str) -> bool:
    # The name of a file leads nowhere, but it is shown in place of its picture or link.
    return is_link(address) or ":" not in address or _PICTURE.fullmatch(address) is not None


def plain_text(token: Token) -> str:
    """Return the text of an inline token without its marks."""
    parts = []
    for child in token.children or ():
        if child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type in {"text", "code_inline", *FORMULAS}:
            parts.append(shown_formula(child) if child.type in FORMULAS else child.content)
        elif child.type == "image":
            parts.append(picture_name(child))
    return "".join(parts)


def shown_formula(token: Token) -> str:
    """Return a formula as text."""
    from sostrades_cli.markdown.formulas import as_text

    return as_text(token.content)


def picture_name(token: Token) -> str:
    """Return the text in place of a picture: ``[picture: NAME]``."""
    source = str(token.attrs.get("src", ""))
    name = token.content.strip() or ("" if _PICTURE.fullmatch(source) else source)
    return f"[picture: {name}]" if name else "[picture]"
