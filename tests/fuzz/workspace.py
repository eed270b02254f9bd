"""Set up a server for each case: one small study, a user, and the true state of the study to compare with."""

from __future__ import annotations

import base64
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conftest import HOST, MemoryKeyring, Outcome, StubTransport, User

from server_stub.clock import ManualClock
from server_stub.faults import Fault
from server_stub.values import Array, Table, Value
from server_stub.world import World
from server_stub.worlds import dice, people
from server_stub.worlds.demo import finished
from sostrades_cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from server_stub.study import Study

STUDY = 21
NAME = "dice"
# Longer than an update is on its way, and than a load takes that it waits for.
SETTLED_S = 2.0
WRITES = re.compile(r"/parameters$|/execute/[0-9]+$|/copy$")
DOCUMENTED = {int(code) for code in ExitCode} - {int(ExitCode.BUG)}
# What a run writes: it is nothing that a user sets.
COMPUTED = {p.name for p in dice.PARAMETERS if p.io_type != "in" or p.coupling}


class Later(Fault):
    """A fault that begins after a change, a start or a copy was sent, so that the verification meets it."""


class Network(StubTransport):
    """A stub on which faults can begin later."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._faults = world.faults
        self.later: list[Fault] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, and arm what comes later."""
        try:
            return super().handle_request(request)
        finally:
            if WRITES.search(request.url.path):
                for fault in self.later:
                    self._faults.arm(fault)
                self.later = []


@dataclass
class Workspace:
    """A user in a new folder, and the world of the server."""

    folder: Path
    world: World
    user: User

    @classmethod
    def new(cls, server: str) -> Workspace:
        """Make a world with study 21, which has finished once."""
        world = World(server=server, speed=1.0, clock=ManualClock())
        world.add_study(STUDY, NAME, dice.DICE, people.populate(world), finished)
        folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
        folders = {f"SOSTRADES_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
        environ = {"SOSTRADES_HOST": HOST, "SOSTRADES_API_KEY": world.key, "HOME": str(folder / "home"), **folders}
        return cls(folder, world, User(world, folder, MemoryKeyring(), environ, transport=Network(world)))

    def close(self) -> None:
        """Remove the folder after a check that none of its files contains the key."""
        key = self.world.key.encode()
        kept = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        shutil.rmtree(self.folder)
        assert key not in kept
        assert base64.b64encode(key) not in kept

    @property
    def study(self) -> Study:
        """Return the study at the current time."""
        study = self.world.studies[STUDY]
        study.settle()
        return study

    def stored_inputs(self, number: int = STUDY) -> dict[str, str]:
        """Return the stored inputs by name, as plain text, after all pending updates."""
        self.world.clock.sleep(SETTLED_S)
        study = self.world.studies[number]
        study.settle()
        return {name: plain(value) for name, value in study.values.items() if name not in COMPUTED}

    def types(self, *words: str, faults: Sequence[Fault] = ()) -> Typed:
        """Run a command while faults are armed, and check the rules of every command."""
        for fault in faults:
            if not isinstance(fault, Later):
                self.world.faults.arm(fault)
        self.world.requests.clear()
        if isinstance(self.user.transport, Network):
            self.user.transport.later = [fault for fault in faults if isinstance(fault, Later)]
        outcome = self.user.types(*words)
        self.world.faults.clear()
        assert outcome.code in DOCUMENTED, outcome
        both = outcome.out + outcome.err
        assert self.world.key not in both
        assert base64.b64encode(self.world.key.encode()).decode() not in both
        return Typed(outcome, [(request.method, request.path) for request in self.world.requests])

    def journal(self) -> list[dict[str, Any]]:
        """Return the journal of the study."""
        result: list[dict[str, Any]] = json.loads(self.user.types("param", "history", str(STUDY), "-F", "json").out)
        return result


@dataclass(frozen=True)
class Typed:
    """The result of a command, and its requests."""

    outcome: Outcome
    requests: list[tuple[str, str]]

    @property
    def code(self) -> int:
        """The exit code."""
        return self.outcome.code

    @property
    def error(self) -> dict[str, Any]:
        """The error object of -F json: the only thing on standard error."""
        lines = self.outcome.err.splitlines()
        assert len(lines) == 1, self.outcome
        result: dict[str, Any] = json.loads(lines[0])
        assert result["code"] == self.code, self.outcome
        return result

    @property
    def words(self) -> str:
        """All texts of an error."""
        return " ".join(self.error[part] for part in ("error", "detail", "hint") if self.error.get(part))

    def sent(self, end: str) -> int:
        """Return how many POST requests went to a path that ends so."""
        return sum(method == "POST" and path.endswith(end) for method, path in self.requests)


def plain(value: Value) -> str:
    """Return a value as text in which equal values are equal: nan as nan, an empty cell as an empty cell."""
    if isinstance(value, Table):
        rows = [[_cell(cell) for cell in row] for row in value.rows]
        return json.dumps({"columns": value.columns, "rows": rows})
    if isinstance(value, Array):
        return json.dumps({"array": value.data})
    if isinstance(value, dict) and any(isinstance(item, Table) for item in value.values()):
        return json.dumps({key: plain(item) for key, item in sorted(value.items())})
    return json.dumps(value, sort_keys=True)


def _cell(cell: Value) -> Value:
    return None if cell is None or cell == "" or cell != cell else cell  # noqa: PLR0124 - nan


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the differences between two states."""
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}
