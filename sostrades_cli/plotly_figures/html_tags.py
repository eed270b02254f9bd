"""Remove plotly's markup: a few HTML tags in titles, names and cells."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json

# The tags that plotly supports. Any other angle bracket is text.
_TAGS: Final = re.compile(r"</?(?:b|i|em|strong|sub|sup|a|span|s|u)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAKS: Final = re.compile(r"<br(?:\s[^<>]*)?/?>", re.IGNORECASE)


def plain(text: Json) -> str:
    """Return a text without plotly's tags, and with blanks for line breaks. Any other value gives an empty text."""
    if not isinstance(text, str):
        return ""
    return html.unescape(_TAGS.sub("", _BREAKS.sub(" ", text))).strip()
