"""Markdown on a terminal: headings, lists and tables, with formulas as text and names in place of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from markdown_it.token import Token
from rich import box, markdown
from rich.padding import Padding
from rich.segment import Segments
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from sostrades_cli.markdown.parser import FORMULAS, picture_name, shown_formula, tokens_in_parts
from sostrades_cli.output.pager import PagedText
from sostrades_cli.output.table import console_for
from sostrades_cli.output.text import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.segment import Segment

INDENT: Final = 4
LINES: Final = 20  # of a part
# Colour only where it means something; bold stands out on every background.
_THEME: Final = Theme(
    {
        **{f"markdown.h{level}": "bold" for level in range(1, 7)},
        "markdown.block_quote": "dim",
        "markdown.code": "bold",
        "markdown.hr": "dim",
        "markdown.item.bullet": "none",
        "markdown.item.number": "none",
        "markdown.link": "none",
        "markdown.link_url": "dim",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
    }
)


def shown_documents(documents: Iterable[tuple[str, str]], encoding: str, *, color: bool, width: int) -> Iterator[str]:
    """Yield documents below each other, each with its title, in parts of some lines.

    A part takes milliseconds, and all parts of a large document take seconds.
    """
    target = PagedText(encoding)
    console = console_for(target, color=color, width=width)
    console.push_theme(_THEME)
    for number, (title, content) in enumerate(documents):
        if number:
            console.print()
        console.print(Text(visible(title), style="bold underline"))
        console.print()
        for lines in _in_parts(console.render(_View(content))):
            console.print(Segments(lines), end="")
            yield target.getvalue()
            target.seek(0)
            target.truncate()
    yield target.getvalue()


def _in_parts(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Yield the segments of some lines at a time."""
    part: list[Segment] = []
    lines = 0
    for segment in segments:
        part.append(segment)
        lines += segment.text.endswith("\n")
        if lines == LINES:
            yield part
            part, lines = [], 0
    yield part


class _Heading(markdown.Heading):
    """A heading on the left, without a frame."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


class _Formula(markdown.TextElement):
    """A formula on lines of its own."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(self.text, (0, 0, 0, INDENT))


class _Table(markdown.TableElement):
    """A table with a line below its header."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                part.box = box.SIMPLE_HEAD
            yield part


class _View(markdown.Markdown):
    """A document whose tokens are those of our parser, in the forms that rich can show."""

    elements: ClassVar[dict[str, type[markdown.MarkdownElement]]] = {
        **markdown.Markdown.elements,
        "heading_open": _Heading,
        "math_block": _Formula,
        "table_open": _Table,
    }

    def __init__(self, content: str) -> None:
        # A link is shown with its address: the text of an untrusted link may name another one.
        super().__init__("", hyperlinks=False, code_theme="ansi_dark")
        # An iterator, so that formulas are converted shortly before they are shown.
        self.parsed = _for_terminal(tokens_in_parts(content))  # type: ignore[assignment] # it is read once


def _for_terminal(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield the tokens of a document with escaped text and formulas as text."""
    plain = _with_plain_footnotes(tokens)
    for token in plain:
        if token.type == "paragraph_open":
            content, end = next(plain), next(plain)
            for part in _parts(content.children or ()):
                yield from (part,) if isinstance(part, Token) else (token, content.copy(children=part), end)
        elif token.type == "inline":
            token.children = list(_inline(token.children or ()))
            yield token
        elif token.type == "math_block":
            token.content = visible(shown_formula(token))
            yield token
        else:
            token.content, token.info = visible_lines(token.content), ""
            yield token


def _with_plain_footnotes(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield tokens with footnotes as paragraphs that begin with their number."""
    label = ""
    for token in tokens:
        if token.type == "footnote_block_open":
            yield Token("hr", "hr", 0)
        elif token.type == "footnote_open":
            label = f"[{token.meta['id'] + 1}] "
        elif token.type == "inline" and label:
            yield token.copy(children=[_text(label), *(token.children or ())])
            label = ""
        elif not token.type.startswith("footnote"):
            yield token


def _parts(children: Iterable[Token]) -> Iterator[Token | list[Token]]:
    """Yield the parts of a paragraph: texts, and between them formulas on lines of their own."""
    text: list[Token] = []
    for child in children:
        if child.type == "math_inline_double":
            yield from _whole(text)
            yield Token("math_block", "math", 0, content=visible(shown_formula(child)))
            text = []
        else:
            text.append(child)
    yield from _whole(text)


def _whole(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield a text without line ends around it, unless it is empty."""
    is_break = [token.type in {"softbreak", "hardbreak"} for token in tokens]
    if not all(is_break):
        first, last = is_break.index(False), len(tokens) - is_break[::-1].index(False)
        yield list(_inline(tokens[first:last]))


def _inline(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in _without_plain_links(list(tokens)):
        if token.type in FORMULAS:
            yield _text(visible(shown_formula(token)))
        elif token.type == "image":
            yield _text(visible(picture_name(token)))
        elif token.type == "footnote_ref":
            yield _text(f"[{token.meta['id'] + 1}]")
        elif token.type == "link_open":
            token.attrs["href"] = visible(str(token.attrs.get("href", "")))
            yield token
        else:
            token.content = visible(token.content)
            yield token


def _without_plain_links(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield tokens without the marks of links whose text is their address, which would be shown twice."""
    marks = {
        position + offset
        for position, token in enumerate(tokens[:-2])
        if token.type == "link_open" and tokens[position + 1].content == token.attrs.get("href")
        for offset in (0, 2)
    }
    return (token for position, token in enumerate(tokens) if position not in marks)


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
