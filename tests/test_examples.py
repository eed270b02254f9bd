"""Run every example of every help, with the files and runs that it needs."""

from __future__ import annotations

import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from conftest import Terminal, slow
from reference.command_tree import COMMANDS, calls, line_of, parsed
from reference.shell import shell_of
from reference.standing import BEFORE, CODES, SERVES, SLOW, prepare

from sostrades_cli.cli import framework
from sostrades_cli.cli.invocation import Invocation
from sostrades_cli.cli.main import root, this_runtime

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User
    from reference.shell import Shell

EXAMPLES = {example: path for path, command in COMMANDS.items() for example in command.examples}
# Its examples run many cases.
OPTIMIZE = ("calc", "optimize")


def is_slow(example: str, path: tuple[str, ...]) -> bool:
    """Return whether an example is left to the slow tests: all but the first of each command."""
    return example in SLOW or path == OPTIMIZE or example != COMMANDS[path].examples[0]


RUN = [slow(item) if is_slow(item, path) else item for item, path in EXAMPLES.items() if path != SERVES]


@pytest.fixture
def shell(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell in a folder with the files of the examples."""
    return shell_of(user, tmp_path / "work", monkeypatch)


@pytest.mark.parametrize("example", RUN)
def test_every_example_works(shell: Shell, example: str) -> None:
    """It ends with 0, or with the documented code."""
    if "--as png" in example and not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("there is no Chromium on this machine, which draws the pictures")
    prepare(shell, example)
    done = shell.types(example)
    assert done.code == CODES.get(example, 0), done.err
    assert "a bug in sostrades" not in done.err
    assert_effect(shell, example)


def assert_effect(shell: Shell, example: str) -> None:
    """Check that the files an example writes exist and are not empty."""
    words = parsed(example).arguments
    if "--dry-run" in words:
        return
    for option in ("-o", "-d", "--page"):
        if option in words:
            target = shell.folder / words[words.index(option) + 1]
            assert list(target.iterdir()) if target.is_dir() else target.stat().st_size


class InterruptedStream(Terminal):
    """A stream whose reader presses Ctrl-C as soon as there is something to read."""

    pressed = False

    def flush(self) -> None:
        """Flush, and be interrupted by the first line."""
        super().flush()
        if not self.pressed and b"\n" in self.buffer.getvalue():  # type: ignore[attr-defined]
            self.pressed = True
            raise KeyboardInterrupt


@pytest.mark.parametrize("example", COMMANDS[SERVES].examples)
def test_stub_serves_until_it_is_interrupted(example: str) -> None:
    [words] = calls(example)
    with socket.socket() as probe:
        if "--port" in words and probe.connect_ex(("127.0.0.1", int(words[words.index("--port") + 1]))) == 0:
            pytest.skip("something else listens on that port of this machine")
    out, err = InterruptedStream(), Terminal()
    world = this_runtime()._replace(stdin=Terminal(), stdout=out, stderr=err, environ={})
    code = framework.run(root, Invocation(world, words))
    assert code == 130
    assert json.loads(out.written)["url"].startswith("http://127.0.0.1:")
    assert "Ctrl-C" in err.written


def test_every_preparation_belongs_to_an_example() -> None:
    assert (set(BEFORE) | set(CODES) | SLOW) - set(EXAMPLES) == set()


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_nonzero_exit_code_of_an_example_is_documented(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    texts = " ".join([command.help or "", *(getattr(param, "help", None) or "" for param in command.params)])
    for example in command.examples:
        if example in CODES:
            assert str(CODES[example]) in texts
