"""Search for words in names, labels and definitions."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.api.ontology import UsageInfo


def matching(words: str, parameters: Mapping[str, Parameter], usages: Mapping[str, UsageInfo]) -> dict[str, Parameter]:
    """Return the parameters that have all words in their name, label or definition.

    Case and accents are ignored. A part of a word is enough.
    """
    parts = folded(words).split()
    texts = {name: folded(_text(name, usages.get(name))) for name in parameters}
    return {name: parameters[name] for name, text in texts.items() if all(part in text for part in parts)}


def nothing_found(words: str, usages: Mapping[str, UsageInfo]) -> str:
    """Return the note for a search that matches no parameter."""
    fields = "name, label or definition" if usages else "name"
    return f"no {fields} of a parameter has all words of {words!r:.200}"


def folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    # NFKD separates a letter from its accent.
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _text(name: str, usage: UsageInfo | None) -> str:
    return name if usage is None else f"{name}\n{usage.label}\n{usage.definition}"
