"""Opening pages in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sostrades_cli.app import App


def open_in_browser(app: App, url: str) -> None:
    """Open a page, or show that there is no browser: the address is the result of the command anyway."""
    if not app.runtime.open_url(url):
        app.notes.warning("no browser found: open the page yourself, or set the variable BROWSER")
