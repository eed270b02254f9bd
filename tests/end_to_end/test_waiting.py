"""Test the spinner of the real program in a shell with job control, whose screen is read back."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

from server_stub.faults import Fault
from server_stub.server import running
from server_stub.worlds import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

pytestmark = [pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning"), pytest.mark.slow]
WAIT_S = 60.0
LOADING = re.compile(r"^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Loading study 24…( \d+ s)?$")


class Typist:
    """Somebody at a shell, and the screen."""

    def __init__(self, environ: dict[str, str], folder: str) -> None:
        self._shell = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile", "-i"],
            env={**environ, "PS1": "$ ", "TERM": "xterm-256color"},
            cwd=folder,
            dimensions=(24, 80),
        )
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.waits_for(lambda lines: lines == ["$"])

    @property
    def lines(self) -> list[str]:
        """Return the lines on the screen that are not blank."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def types(self, keys: str) -> None:
        """Press keys."""
        self._shell.send(keys)

    def waits_for(self, reached: Callable[[list[str]], bool]) -> None:
        """Read until the screen satisfies a condition."""
        end = time.monotonic() + WAIT_S
        while not reached(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            try:
                self._stream.feed(self._shell.read_nonblocking(65536, timeout=0.05))
            except pexpect.TIMEOUT:
                continue

    def close(self) -> None:
        """Close the shell and its jobs."""
        self._shell.close(force=True)


@pytest.fixture
def typist(shell: Shell) -> Iterator[Typist]:
    """Return somebody at a shell, for a server where study 24 cannot be loaded, and no table can be read."""
    world = build_world("demo")
    world.faults.arm(Fault("hang", count=100, path="parameter/download"))
    with running(world) as url:
        environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
        at_shell = Typist(environ, str(shell.folder))
        yield at_shell
        at_shell.close()


def is_loading(lines: list[str]) -> bool:
    """Return whether the last line is the spinner."""
    return bool(lines and LOADING.match(lines[-1]))


def test_interrupt_leaves_only_its_message(typist: Typist) -> None:
    typist.types("sostrades study load 24\r")
    typist.waits_for(is_loading)
    typist.types("\x03")
    typist.waits_for(lambda lines: lines[-1] == "$")
    assert typist.lines == ["$ sostrades study load 24", "interrupted", "$"]


def test_interrupt_during_parallel_requests_leaves_only_its_message(typist: Typist) -> None:
    """The threads that still wait draw nothing after it."""
    typist.types("sostrades study diff 21 22\r")
    typist.waits_for(lambda lines: lines[-1].endswith("Reading the inputs of study 21… 2 s"))
    typist.types("\x03")
    typist.waits_for(lambda lines: lines[-1] == "$")
    assert typist.lines == ["$ sostrades study diff 21 22", "interrupted", "$"]


def test_suspended_command_leaves_a_clean_line_and_shows_its_wait_again(typist: Typist) -> None:
    typist.types("sostrades study load 24\r")
    typist.waits_for(is_loading)
    typist.types("\x1a")
    typist.waits_for(lambda lines: lines[-1] == "$")
    assert not any(map(LOADING.match, typist.lines))
    typist.types("fg\r")
    typist.waits_for(is_loading)
    typist.types("\x03")
    typist.waits_for(lambda lines: lines[-2:] == ["interrupted", "$"])


def test_job_in_the_background_does_not_draw_into_the_prompt(typist: Typist) -> None:
    typist.types("sostrades study load 24 --timeout 3 &\r")
    typist.waits_for(lambda lines: any(line.startswith(("error:", "$ error:")) for line in lines))
    assert "Loading" not in "\n".join(typist.lines)
