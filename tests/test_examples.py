"""Every example of every help is run, with the files and runs that it speaks of: an example that fails is a lie."""

from __future__ import annotations

import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from conftest import Terminal
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
RUN = [
    pytest.param(example, marks=pytest.mark.slow) if example in SLOW else example
    for example, path in EXAMPLES.items()
    if path != SERVES
]


@pytest.fixture
def shell(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell in a folder with the files that the examples speak of."""
    return shell_of(user, tmp_path / "work", monkeypatch)


@pytest.mark.parametrize("example", RUN)
def test_every_example_does_what_it_says(shell: Shell, example: str) -> None:
    """An example ends with 0, or with the code that its command's help gives for what it shows."""
    if "--as png" in example and not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("there is no Chromium on this machine, which draws the pictures")
    prepare(shell, example)
    done = shell.types(example)
    assert done.code == CODES.get(example, 0), done.err
    assert "a bug in sostrades" not in done.err
    assert_effect(shell, example)


def assert_effect(shell: Shell, example: str) -> None:
    """Look for the files that a line asks for: they are there and hold something."""
    words = parsed(example).arguments
    for option in ("-o", "-d", "--page"):
        if option in words:
            target = shell.folder / words[words.index(option) + 1]
            assert list(target.iterdir()) if target.is_dir() else target.stat().st_size


class Impatient(Terminal):
    """A stream whose reader presses Ctrl-C as soon as there is something to read."""

    pressed = False

    def flush(self) -> None:
        """Write what was held, and be interrupted the first time that this is a line."""
        super().flush()
        if not self.pressed and b"\n" in self.buffer.getvalue():  # type: ignore[attr-defined]
            self.pressed = True
            raise KeyboardInterrupt


@pytest.mark.parametrize("example", COMMANDS[SERVES].examples)
def test_the_stub_serves_until_it_is_interrupted(example: str) -> None:
    """The examples of `stub` serve the address that they print, and end with 130 after Ctrl-C."""
    [words] = calls(example)
    with socket.socket() as probe:
        if "--port" in words and probe.connect_ex(("127.0.0.1", int(words[words.index("--port") + 1]))) == 0:
            pytest.skip("something else listens on that port of this machine")
    out, err = Impatient(), Terminal()
    world = this_runtime()._replace(stdin=Terminal(), stdout=out, stderr=err, environ={})
    code = framework.run(root, Invocation(world, words))
    assert code == 130
    assert json.loads(out.written)["url"].startswith("http://127.0.0.1:")
    assert "Ctrl-C" in err.written


def test_nothing_is_prepared_for_examples_that_are_gone() -> None:
    """What the examples stand on speaks of examples that there are."""
    assert (set(BEFORE) | set(CODES) | SLOW) - set(EXAMPLES) == set()


@pytest.mark.parametrize("path", COMMANDS, ids=line_of)
def test_an_exit_code_that_is_not_0_is_documented(path: tuple[str, ...]) -> None:
    """An example that ends with another code belongs to a command whose help speaks of it."""
    command = COMMANDS[path]
    texts = " ".join([command.help or "", *(getattr(one, "help", None) or "" for one in command.params)])
    for example in command.examples:
        if example in CODES:
            assert str(CODES[example]) in texts
