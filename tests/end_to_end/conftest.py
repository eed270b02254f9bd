"""Share the installed program in its own processes, against the stub on a real socket."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from end_to_end.offline_browser import CHROMIUM, FLAGS, OpenedPage

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

# Programs that the tests start must not inherit that this one was started under nohup.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
PROGRAM = str(Path(sys.executable).parent / "sostrades")


@dataclass
class Shell:
    """A shell in an empty folder. Its environment has the address and the key, and no other setting of the tool."""

    environ: dict[str, str]
    folder: Path
    url: str
    key: str

    def runs(self, line: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a line with `bash -c` and return its result."""
        return subprocess.run(
            ["bash", "-c", line],
            env={**self.environ, **environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def starts(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program and return its process."""
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.environ,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def stub_url_and_key() -> Iterator[tuple[str, str]]:
    """Serve one stub for all tests, twenty times as fast as usual."""
    world = build_world("demo", speed=20.0)
    with running(world) as url:
        yield url, world.key


@pytest.fixture
def shell(stub_url_and_key: tuple[str, str], tmp_path: Path) -> Shell:
    """Return a shell with its own folders."""
    url, key = stub_url_and_key
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOSTRADES_")}
    path = f"{Path(PROGRAM).parent}{os.pathsep}{os.environ['PATH']}"
    work = tmp_path / "work"
    work.mkdir()
    environ = {**kept, "PATH": path, "HOME": str(tmp_path), "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": key}
    environ |= {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
    return Shell(environ, work, url, key)


@pytest.fixture(scope="module")
def large_studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve large studies and return the environment for them."""
    world = build_world("witness", server="documented", speed=20.0)
    home = tmp_path_factory.mktemp("home")
    folders = {f"SOSTRADES_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    with running(world) as url:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        yield {**kept, "HOME": str(home), "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key, **folders}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine: no page was looked at")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a large import, for slow tests only

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., OpenedPage]]:
    """Open files in windows without a network."""
    pages: list[OpenedPage] = []

    def opened(file: Path, size: tuple[int, int] = (1400, 1000), scheme: str = "light") -> OpenedPage:
        pages.append(OpenedPage(browser, file, size, scheme))
        return pages[-1]

    yield opened
    for page in pages:
        page.close()
