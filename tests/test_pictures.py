"""Test that the pictures of the documents are current. `python -m tests.documents` makes them."""

from __future__ import annotations

import html
import io
import os
import re
import shlex
import shutil
import struct
import zlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from sostrades_cli import Client
from sostrades_cli.output.watch_live import LiveView

if TYPE_CHECKING:
    from conftest import User

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
COLUMNS, LINES = 96, 26
# The signature and the first chunk of a PNG, after which others may follow.
PNG_HEADER = 33
WRITES = bool(os.environ.get("SOSTRADES_WRITE_README"))


def as_svg(line: str, output: str) -> str:
    """Return a picture of a terminal with a command and its output. It refers to no external font."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="256", force_terminal=True)
    console.print(Text(f"$ {line}", style="bold"))
    console.print(Text.from_ansi(output.rstrip("\n")))
    drawn = console.export_svg(title="sostrades", theme=MONOKAI, unique_id="show")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


def words(svg: str) -> str:
    """Return the text of a picture without blanks, which depend on the version of the renderer."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", svg.partition("</style>")[2])).split())


def is_current(name: str, svg: str) -> None:
    """Compare a picture with the file in the README."""
    file = PICTURES / name
    if WRITES and (not file.exists() or words(file.read_text(encoding="utf-8")) != words(svg)):
        file.write_text(svg, encoding="utf-8")
    assert words(file.read_text(encoding="utf-8")) == words(svg)
    assert not re.search(r"url\((?!#)", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("postproc-show.svg", ("postproc", "show", "21", "Output per year")),
        ("study-load.svg", ("study", "load", "21", "--match", "Macro")),
    ],
)
def test_picture_of_a_command_is_current(user: User, name: str, shown: tuple[str, ...]) -> None:
    done = user.types(*shown, tty=True, COLUMNS=str(COLUMNS), LINES=str(LINES))
    assert done.code == 0
    title = done.err if done.err.startswith("\x1b[2mdice") else ""
    is_current(name, as_svg(f"sostrades {shlex.join(shown)}", title + done.out))


def test_picture_of_a_live_view_is_current(user: User) -> None:
    """It shows a run of 86 disciplines half way."""
    runtime = user.program
    with Client(runtime=runtime) as server:
        study = server.study(23)
        study.start()
        view = LiveView({23: "witness"}, runtime.clock.monotonic, 15.0)
        for event in study.events():
            view.take(event)
            if list(event.disciplines.values()).count("DONE") >= 40:
                break
    console = Console(file=io.StringIO(), width=COLUMNS, height=16, force_terminal=True, color_system="256")
    with console.capture() as drawn:
        console.print(view)
    is_current("calc-watch.svg", as_svg("sostrades calc watch 23", drawn.get()))


def digest_of(page: bytes) -> bytes:
    """Return the SHA-256 of a page without its nonce, which is random."""
    return sha256(re.sub(rb"nonce[-=][\w-]+", b"", page)).hexdigest().encode()


def with_page_digest(png: bytes, page: bytes) -> bytes:
    """Return a PNG with a text chunk that holds the digest of the page that it shows."""
    content = b"tEXtpage\0" + digest_of(page)
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    return png[:PNG_HEADER] + chunk + png[PNG_HEADER:]


def shows(png: bytes, page: bytes) -> bool:
    """Return whether a PNG shows this page. Its pixels also depend on the fonts of the machine."""
    return digest_of(page) in png


def draw_offline_page(file: Path, page: Path, chromium: str) -> None:
    """Write a picture of a page."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this only

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.goto(page.as_uri())
        window.wait_for_selector("#c4[data-drawn=yes]")
        window.wait_for_timeout(500)
        file.write_bytes(with_page_digest(window.screenshot(), page.read_bytes()))
        browser.close()


def test_picture_of_the_offline_page_exists(user: User) -> None:
    """A machine with Chromium draws it again if the page has changed."""
    file, page, chromium = PICTURES / "offline-page.png", user.folder / "page.html", shutil.which("chromium")
    if WRITES and chromium is not None:
        assert user.types("postproc", "html", "27", "--offline", "-o", str(page)).code == 0
        if not file.exists() or not shows(file.read_bytes(), page.read_bytes()):
            draw_offline_page(file, page, chromium)
    head = file.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:]) == (1280, 900)


def test_picture_names_the_page_that_it_shows() -> None:
    png = (PICTURES / "offline-page.png").read_bytes()
    assert not shows(png, b"another page nonce-b")
    assert shows(with_page_digest(png, b"another page nonce-a"), b"another page nonce-b")


@pytest.mark.parametrize("name", [file.name for file in PICTURES.iterdir()])
def test_every_picture_is_used(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(f"pictures/{name})" in page.read_text(encoding="utf-8") for page in pages)
