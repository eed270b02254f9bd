"""Pages of the tool in a real Chromium without a network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update"
WINDOWS = [(1300, "light"), (420, "dark")]


class Opened:
    """A page in a window without a network, with its requests and troubles."""

    def __init__(self, browser: Browser, file: Path, width: int, scheme: str) -> None:
        context = browser.new_context(
            offline=True, viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        self.page.goto(file.as_uri())
        self.address = file.as_uri()

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing but the file was requested, and nothing failed."""
        return (self.requests, self.troubles) == ([self.address], [])


def started_browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: no page was looked at")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a large import, for slow tests only

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()
