"""ASCII forms of the signs in our own texts, for streams that cannot encode them, such as in the locale C."""

from __future__ import annotations

import codecs
from typing import Final

# The name of the error handler, for ``errors=`` of a text stream.
SIGNS: Final = "sostrades_signs"
# A sign that can be followed by a column has a form of the same width.
_FORMS: Final = {
    "\u2713": "+",  # done
    "\u2717": "x",  # failed
    "\u25cf": "*",  # active
    "\u25cb": "o",  # waiting
    "\u2022": "*",
    "\u2192": "->",
    "\u00b7": "-",
    "\u2026": "~",  # cut
    "\u00d7": "x",
    "\u2013": "-",
    "\u2500": "-",
    "\u2501": "=",
    "\u2578": "=",
    "\u257a": "=",
    "\u2502": "|",
    "\u251c": "|",
    "\u2514": "`",
}


def _ascii_form(error: UnicodeError) -> tuple[str, int]:
    """Return the ASCII forms of the characters that cannot be encoded, and the codes of those without a form."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(_FORMS.get(c) or c.encode("ascii", "backslashreplace").decode() for c in characters), error.end


codecs.register_error(SIGNS, _ascii_form)
