"""Opening pages in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sostrades_cli.app import App


def open_in_browser(app: App, url: str) -> None:
    """Open a page, or show that this failed: the address is the result of the command anyway."""
    if app.runtime.open_url(url):
        return
    if browser := app.runtime.environ.get("BROWSER", "").strip():
        app.notes.warning(f"the browser {browser!r} failed: open the page yourself, or correct the variable BROWSER")
    else:
        app.notes.warning("no browser found: open the page yourself, or set the variable BROWSER")
