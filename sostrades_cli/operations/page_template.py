"""The template of all pages: their head, their security policy, and escaped texts. A page is a single file."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.output.text import encodable
from sostrades_cli.study_reference import is_web_address

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sostrades_cli.api.models import Json

# The policy allows only the file's own scripts, marked by a nonce, and no requests.
_POLICY: Final = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)
BASE_STYLE: Final = "base.css"


class Link(NamedTuple):
    """A text with the address of its page, or plain text if ``url`` is ``None``."""

    text: str
    url: str | None


class PageHead(NamedTuple):
    """The top of a page: its heading, facts below it, and a prominent note."""

    heading: str
    facts: Sequence[str | Link]
    note: str | None = None


def beginning(
    head: PageHead, nonce: str | None, style: str, find: str = "", *, needs_eval: bool = False, body_class: str = ""
) -> str:
    """Return the page down to its header. ``style`` is CSS of the page, ``find`` the HTML of its search.

    Only scripts with the ``nonce`` run, and none without a nonce. It must be new for each page, so that no text of the
    server can contain it. ``needs_eval`` is for plotly, which compiles functions for some charts.
    """
    evaluates = " 'unsafe-eval'" if needs_eval else ""
    policy = _POLICY.format(scripts=f"'nonce-{nonce}'{evaluates}" if nonce else "'none'")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{html_text(head.heading)}</title><style>{asset(BASE_STYLE)}{style}</style></head>"
        f"<body{f' class={body_class}' if body_class else ''}>"
        f"<header><h1>{html_text(head.heading)}</h1><p>{' · '.join(map(_fact, head.facts))}</p>{find}"
        f"{f'<p class=note>{html_text(head.note)}</p>' if head.note else ''}</header>\n"
    )


def search_box(label: str, options: str = "") -> str:
    """Return the HTML of a search, whose script is ``search.js``. ``options`` is HTML in front of the field."""
    return (
        f'<div class="find"><span id="count" aria-live="polite"></span>{options}'
        f'<input type="search" id="search" placeholder="search ( / )" aria-label="{label}"></div>'
    )


def origin(time: datetime, host: str) -> list[str]:
    """Return the facts about the origin of a page: the time and the server."""
    return [f"{time:%Y-%m-%d %H:%M} UTC", host]


def html_text(text: str) -> str:
    """Escape a text for HTML, and replace control characters by a visible one."""
    return escape("".join(character if character.isprintable() else "\ufffd" for character in text))


def script_json(value: Json) -> str:
    """Return JSON that is safe within a script element: it has no ``<``."""
    # A text that contains `</script>` would end the element.
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _fact(fact: str | Link) -> str:
    if isinstance(fact, str):
        return html_text(fact)
    # The address comes from the server, so it may be `javascript:...`.
    if fact.url is None or not is_web_address(fact.url):
        return html_text(fact.text)
    return f'<a href="{html_text(fact.url)}" target="_blank" rel="noreferrer noopener">{html_text(fact.text)}</a>'


@cache
def asset(name: str) -> str:
    """Return a file that is part of every page, or of the pages of one kind."""
    return files("sostrades_cli.operations").joinpath("assets", name).read_text(encoding="utf-8")
