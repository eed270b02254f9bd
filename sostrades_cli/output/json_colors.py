"""Colours of JSON on a terminal."""

from __future__ import annotations

from typing import Final

from pygments import highlight
from pygments.formatters.terminal import TerminalFormatter
from pygments.lexers.data import JsonLexer
from pygments.token import Token

# For windows with a light and with a dark background. Numbers and punctuation have the colour of plain text.
_COLORS: Final = {
    Token: ("", ""),
    Token.Name.Tag: ("blue", "brightblue"),
    Token.Literal.String: ("green", "green"),
    Token.Keyword.Constant: ("yellow", "yellow"),
}


def colored(document: str) -> str:
    """Return a JSON document with the names of its fields, its texts and its constants in colours."""
    lexer = JsonLexer(stripnl=False, ensurenl=False)
    shown: str = highlight(document, lexer, TerminalFormatter(bg="dark", colorscheme=_COLORS))
    return shown
