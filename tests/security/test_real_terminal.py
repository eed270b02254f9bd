"""Test hostile text in a real terminal: tmux keeps its title, clipboard and screen."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from security.hostile import OBEYED, enter

from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = str(Path(sys.executable).parent / "sostrades")
SEEN = [
    "study load 66",
    "param show 66 T.table",
    "param get 66 T.list",
    "postproc list 66",
    "postproc show 66 1",
    "calc watch 66",
    "calc status 66 -F json",
    "study logs 66",
]
LINES = [
    *SEEN,
    "calc watch 66 -q",
    "param get 66 nothing",
]


class Tmux:
    """A tmux server with one window."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._socket, self.raw, self._folder = str(folder / "tmux"), folder / "raw", folder
        settings = [
            "-e",
            "TERM=screen-256color",
            *(word for pair in environ.items() for word in ("-e", "=".join(pair))),
        ]
        self("new-session", "-d", "-x", "120", "-y", "50", *settings, "sh")
        self("set-option", "-g", "set-titles", "on")
        self("set-option", "-g", "set-clipboard", "on")
        self("set-option", "-g", "allow-rename", "on")
        self("set-option", "-g", "automatic-rename", "off")
        self("rename-window", "untouched")
        self("select-pane", "-T", "untouched")
        self("pipe-pane", f"cat > {shlex.quote(str(self.raw))}")

    def __call__(self, *arguments: str) -> str:
        """Ask the server."""
        command = ["tmux", "-S", self._socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    def runs(self, line: str) -> str:
        """Type a line, wait for its end, and return the screen with its colours."""
        end = self._folder / "end"
        end.unlink(missing_ok=True)
        self("send-keys", "-l", f"clear; {line}; echo > {shlex.quote(str(end))}")
        self("send-keys", "Enter")
        until = time.monotonic() + 30
        while not end.exists():
            assert time.monotonic() < until, self("capture-pane", "-p")
            time.sleep(0.05)
        return self("capture-pane", "-e", "-p", "-S", "-")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """Return a terminal on a server whose texts are hostile."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux on this machine")
    world = build_world("demo", speed=20.0)
    enter(world)
    with running(world) as url:
        kept = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "PS1": "$ "}
        # A pager would wait for a key. It gets the same text.
        settings = {"SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key, "SOSTRADES_PAGER": "cat"}
        terminal = Tmux(tmp_path, {**kept, **settings})
        try:
            yield terminal
        finally:
            terminal("kill-server")


def untouched(tmux: Tmux) -> None:
    """Check the title, the name of the window, and the clipboard."""
    assert tmux("display-message", "-p", "#{pane_title}|#{window_name}") == "untouched|untouched\n"
    assert tmux("list-buffers") == ""


@pytest.mark.slow
def test_terminal_is_unchanged_by_hostile_text(tmux: Tmux) -> None:
    for line in LINES:
        screen = tmux.runs(f"{PROGRAM} {line}")
        assert ("owned" in screen) is (line in SEEN), line
        assert "\x1b]" not in screen
        untouched(tmux)
    raw = tmux.raw.read_bytes()
    for sequence in (b"\x1b]0;", b"\x1b]52", b"\x1b]8", b"\x1bP+q", b"\x1b[5m", b"\x9b".decode("latin-1").encode()):
        assert sequence not in raw
    assert "\u202e".encode() not in raw


@pytest.mark.slow
def test_raw_hostile_text_changes_the_terminal(tmux: Tmux) -> None:
    """Without escaping, the test above would fail."""
    tmux.runs("printf '\\033]2;owned\\007'")
    assert tmux("display-message", "-p", "#{pane_title}") == "owned\n"
    assert OBEYED.search("\x1b]0;")
