"""The Chromium of this machine, to look at pages without a network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WINDOWS = [(1300, "light"), (420, "dark")]
# Brings each chart into view, as a reader does, and tells how many traces plotly has drawn in it.
READ_ALL = """async () => {
    const counts = {};
    for (const chart of document.querySelectorAll("figure.chart")) {
        chart.scrollIntoView({block: "center"});
        const limit = performance.now() + 60000;
        while (chart.dataset.drawn !== "yes" && performance.now() < limit) await new Promise(requestAnimationFrame);
        const plot = chart.querySelector(".plot");
        counts[chart.id] = chart.dataset.drawn === "yes" ? plot._fullData.length : plot.textContent;
    }
    return counts;
}"""


class OpenedPage:
    """A page in a window without a network, with its requests, its errors and dialogs, and its console."""

    def __init__(
        self, browser: Browser, file: Path, size: tuple[int, int] = (1400, 1000), scheme: str = "light"
    ) -> None:
        width, height = size
        self._context = browser.new_context(
            offline=True,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.page: Page = self._context.new_page()
        self.address = file.as_uri()
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.messages: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._take)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("dialog", lambda dialog: self.troubles.append(dialog.message))
        self.page.goto(self.address)

    @property
    def is_quiet(self) -> bool:
        """Return whether nothing but the file was requested, nothing failed, and the console is empty."""
        return (self.requests, self.troubles, self.messages) == ([self.address], [], [])

    def close(self) -> None:
        """Close the window."""
        self._context.close()

    def _take(self, message: ConsoleMessage) -> None:
        self.messages.append(message.text)
        if message.type == "error":
            self.troubles.append(message.text)
