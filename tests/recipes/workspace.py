"""Set up a workspace to follow recipes: a folder, a shell, and a server on a real socket, 20 times as fast as usual."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from server_stub.server import running
from server_stub.worlds import build_world
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE, ENDLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_stub.world import World

BIN: Final = Path(sys.executable).parent
SPEED: Final = 20.0
COPIES: Final = (34, 35)
# A study of no run yet, whose runs never end.
ENDLESS_STUDY: Final = 36
ELSEWHERE: Final = "https://corp.example/sostrades"
NOT_INHERITED: Final = ("SOSTRADES_", "MAKE", "XDG_", "DBUS_")
HOME: Final = "/home/ann"


@dataclass(frozen=True)
class Workspace:
    """A folder in which a recipe is followed. It is also the home folder of the user."""

    folder: Path
    url: str
    key: str

    @property
    def bare(self) -> dict[str, str]:
        """The environment without any setting of a server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        here = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            # There is no session with a keyring, as there is none in CI and in cron.
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/no-bus",
        }
        return {**kept, **here}

    @property
    def server(self) -> dict[str, str]:
        """The settings of the server and its key."""
        return {"SOSTRADES_HOST": self.url, "SOSTRADES_API_KEY": self.key}

    def runs(
        self, script: str, *options: str, bare: bool = False, stdin: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a bash script in the folder. Both streams are merged, as on a screen."""
        known = self.bare if bare else {**self.bare, **self.server}
        return subprocess.run(
            ["bash", *options, "-c", script],
            env={name: value for name, value in {**known, **environ}.items() if value},
            cwd=self.folder,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def as_elsewhere(self, text: str) -> str:
        """Replace names of this machine in an output with those of the reader's machine."""
        assert self.key not in text
        return text.replace(self.url, ELSEWHERE).replace(str(self.folder), HOME)


@contextlib.contextmanager
def workspace_in(folder: Path, *, fresh: bool = False) -> Iterator[Workspace]:
    """Serve a new world: the demo and, if not ``fresh``, two copies of its study and one that never ends."""
    world = build_world("demo", speed=SPEED)
    if not fresh:
        _add_studies(world)
    folder.mkdir(exist_ok=True)
    with running(world) as url:
        yield Workspace(folder, url, world.key)


def _add_studies(world: World) -> None:
    rights = dict.fromkeys(world.users.values(), world.right(world.caller(f"Bearer {world.key}"), 21))
    for number in COPIES:
        world.add_study(number, "dice", DICE, rights, finished)
    world.add_study(ENDLESS_STUDY, "endless", ENDLESS, rights)
