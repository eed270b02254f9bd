"""Plotly's markup: titles, names and cells hold a few tags of HTML."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json

# The tags that plotly sets; any other pointed bracket is text.
_TAGS: Final = re.compile(r"</?(?:b|i|em|strong|sub|sup|a|span|s|u)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAKS: Final = re.compile(r"<br(?:\s[^<>]*)?/?>", re.IGNORECASE)


def plain(text: Json) -> str:
    """Return a text without plotly's tags; a line break is a blank, and what is no text is empty."""
    if not isinstance(text, str):
        return ""
    return html.unescape(_TAGS.sub("", _BREAKS.sub(" ", text))).strip()
