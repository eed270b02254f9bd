"""Someone who types the examples: the program runs in process, what it is piped to in a shell."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
from conftest import HOST, Outcome, StubTransport
from reference.command_tree import Line, parsed

from server_stub.keys import User as Person
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    import pytest
    from conftest import User

CORPORATE: Final = "https://corp.example"
COLLEAGUE: Final = "ann@corp.example"
COPIES: Final = (34, 35, 36)
WIDTH: Final = 100
# The folders of the tool as they are named in outputs: relative, so that no page tells where it was made.
FOLDERS: Final = {
    "SOSTRADES_CONFIG_DIR": ".config/sostrades",
    "SOSTRADES_CACHE_DIR": ".cache/sostrades",
    "SOSTRADES_STATE_DIR": ".local/state/sostrades",
}
FILES: Final = {
    "cases.csv": "case,Macro.gamma,Macro.scenario\nlow,0.1,\nhigh,0.9,rainy\n",
    "changes.toml": '"dice.Macro.gamma" = 0.25\n"dice.Macro.scenario" = "rainy"\n',
    "change.json": '[{"variableId": "dice.Macro.gamma", "newValue": 0.25, "unit": "-"}]',
}


class Corporate(httpx.BaseTransport):
    """The stub at every address that the examples name, below a path of its own or not."""

    def __init__(self, user: User) -> None:
        self.world = user.world
        self._stub = StubTransport(user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does at its own address."""
        path = request.url.raw_path.decode().removeprefix("/sostrades")
        moved = httpx.Request(
            request.method,
            f"{HOST}{path}",
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._stub.handle_request(moved)


@dataclass(frozen=True)
class Shell:
    """A user in a folder of their own, with the files and studies that the examples speak of."""

    user: User
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def types(self, example: str, *more: str, tty: bool = False, one_stream: bool = False) -> Outcome:
        """Run a line of shell; ``more`` is added to the program's arguments, ``tty`` gives it a terminal."""
        line = parsed(example)
        environ = {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
        stdin = Path(line.reads).read_bytes() if line.reads else b""
        done = self.user.types(
            *line.arguments,
            *more,
            tty=tty and not line.in_pipe,
            stdin=stdin,
            secret=self._secret(line),
            one_stream=one_stream,
            **environ,
        )
        return _piped(done, line.pipe) if line.pipe and not more else done

    def edits(self, file: str, old: str, new: str) -> None:
        """Change a text in a file, which must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def finds_programs_in(self, folder: Path) -> None:
        """Put a folder on PATH, where the program looks for those that it is to run."""
        self.monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def _secret(self, line: Line) -> str:
        """Return the key for a login that asks for it."""
        return "" if line.reads or "login" not in line.arguments else self.user.world.key


def shell_of(user: User, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Lay out the files and studies that the examples speak of, and go there."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    world = user.world
    rights = dict.fromkeys(world.users.values(), world.right(world.caller(f"Bearer {world.key}"), 21))
    for number in COPIES:
        world.add_study(number, "dice", DICE, rights, finished)
    # The examples speak of a colleague, who is a member of the key's group.
    world.users[COLLEAGUE] = Person("ann", COLLEAGUE)
    group = world.keys[world.key]
    world.keys[world.key] = dataclasses.replace(group, members=(*group.members, COLLEAGUE))
    # The home is the folder too: no example may touch that of whoever runs the tests.
    user.environ |= {**FOLDERS, "HOME": ".", "PATH": os.environ["PATH"]}
    user.transport = Corporate(user)
    shell = Shell(user, folder, monkeypatch)
    for name, text in {**FILES, "key.txt": f"{world.key}\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return shell


def _piped(done: Outcome, tool: str) -> Outcome:
    """Give an output to a tool; one that is not on this machine leaves it as it is."""
    if shutil.which(tool.split(maxsplit=1)[0]) is None:
        return done
    after = subprocess.run(["bash", "-c", tool], input=done.out, capture_output=True, text=True, check=False)
    assert after.returncode == 0, f"{tool}: {after.stderr}"
    return dataclasses.replace(done, out=after.stdout)
