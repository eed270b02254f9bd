"""The Chromium of this machine, to look at pages without a network."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
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


@dataclass
class OpenedPage:
    """An opened page, with its requests, errors and dialogs."""

    page: Page
    requests: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
