"""Opening pages in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.app import App


def open_in_browser(app: App, url: str) -> None:
    """Open a page, or show that this failed: the address is the result of the command anyway."""
    if app.runtime.open_url(url):
        return
    if browser := app.runtime.environ.get("BROWSER", "").strip():
        app.notes.warning(f"the browser {browser!r} failed: open the page yourself, or correct the variable BROWSER")
    else:
        app.notes.warning("no browser found: open the page yourself, or set the variable BROWSER")


def page_opener(app: App) -> Callable[[Path], None]:
    """Return a function that opens a complete page in the browser."""
    if str(app.flags.output) == "-":
        raise UsageError("a page on standard output cannot be opened", hint="leave out `-o -`")
    return lambda file: open_in_browser(app, file.resolve().as_uri())
