"""A small HTML table about one object, for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sostrades_cli.output.text import visible
from sostrades_cli.study_reference import is_web_address

if TYPE_CHECKING:
    from collections.abc import Sequence


def card(title: str, rows: Sequence[tuple[str, str | None]]) -> str:
    """Return a title and rows of names and texts. Rows without a text are left out. A web address is a link."""
    lines = "".join(
        f"<tr><th style='text-align:left'>{_safe(name)}</th><td style='text-align:left'>{_cell(text)}</td></tr>"
        for name, text in rows
        if text
    )
    return f"<div><strong>{_safe(title)}</strong><table>{lines}</table></div>"


def _cell(text: str) -> str:
    if not is_web_address(text):
        return _safe(text)
    return f"<a href='{_safe(text)}' target='_blank' rel='noopener'>{_safe(text)}</a>"


def _safe(text: str) -> str:
    # Text of the server is untrusted.
    return escape(visible(text))
