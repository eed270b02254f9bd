"""The pictures of the README are what the program draws; SOSTRADES_WRITE_README=1 makes them anew."""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

if TYPE_CHECKING:
    from conftest import User

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHOWN = ("postproc", "show", "21", "Output per year")
COLUMNS, LINES = 96, 26
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))


def as_svg(line: str, output: str) -> str:
    """Return a picture of a terminal with a command and what it wrote; no font is fetched to look at it."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="256", force_terminal=True)
    console.print(Text(f"$ {line}", style="bold"))
    console.print(Text.from_ansi(output.rstrip("\n")))
    drawn = console.export_svg(title="sostrades", theme=MONOKAI, unique_id="show")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


def words(svg: str) -> str:
    """Return the text of a picture without its blanks, which differ from one version of the painter to the next."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", svg.partition("</style>")[2])).split())


def test_the_picture_of_a_drawn_chart_is_current(user: User) -> None:
    """`postproc-show.svg` shows what `postproc show` draws on a terminal."""
    done = user.types(*SHOWN, tty=True, COLUMNS=str(COLUMNS), LINES=str(LINES))
    assert done.code == 0
    svg = as_svg(f"sostrades {shlex.join(SHOWN)}", done.out)
    file = PICTURES / "postproc-show.svg"
    if WRITES:
        file.write_text(svg, encoding="utf-8")
    assert words(file.read_text(encoding="utf-8")) == words(svg)
    assert not re.search(r"url\((?!#)", file.read_text(encoding="utf-8"))


def test_the_picture_of_the_offline_page_is_there(user: User) -> None:
    """`offline-page.png` is a picture of the page; a machine with Chromium makes it anew when asked."""
    file = PICTURES / "offline-page.png"
    chromium = shutil.which("chromium")
    if WRITES and chromium is not None:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this only

        page = user.folder / "page.html"
        assert user.types("postproc", "html", "27", "--offline", "-o", str(page)).code == 0
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            window = browser.new_page(viewport={"width": 1280, "height": 900})
            window.goto(page.as_uri())
            window.wait_for_selector("#c4[data-drawn=yes]")
            window.wait_for_timeout(500)
            window.screenshot(path=str(file))
            browser.close()
    head = file.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:]) == (1280, 900)


@pytest.mark.parametrize("name", [file.name for file in PICTURES.iterdir()])
def test_every_picture_is_shown(name: str) -> None:
    """No picture lies about that the README does not show."""
    assert f"docs/pictures/{name}" in (ROOT / "README.md").read_text(encoding="utf-8")
