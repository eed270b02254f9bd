"""Run one case, which is a command with one fault at one of its requests, and list the violated rules."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conftest import HOST, MemoryKeyring, Outcome, User
from faults.exchange import NeverEndsError
from faults.network import Faulty
from faults.small_world import build
from faults.sockets import LIMIT_S, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faults.exchange import Kind
    from faults.network import Step
    from faults.scenarios import Scenario

    from server_stub.world import World

SETTLES_S: Final = 30.0


@dataclass(frozen=True)
class Case:
    """A command with one fault. ``as_json`` requests errors in JSON."""

    scenario: Scenario
    kind: Kind | None = None
    step: Step | None = None
    lasting: str = "once"
    as_json: bool = False
    first: bool = False

    def __str__(self) -> str:
        """Return the name of the cell."""
        at = f"{self.step.method} {self.step.route} #{self.step.nth}" if self.step else "nothing"
        return f"`{self.scenario.words}` | {self.kind.name if self.kind else 'well'} | {at} | {self.lasting}"


@dataclass(frozen=True)
class Played:
    """The result of a case. ``state`` is that of the studies, ``files`` are those of the command's own folder."""

    outcome: Outcome
    network: Faulty
    took_s: float
    before: str
    state: str
    files: dict[str, bytes]
    everything: bytes
    left_over: tuple[str, ...]
    key: str
    never_ends: bool = False


def play(case: Case, types: Mapping[tuple[str, str], str] | None = None) -> Played:
    """Run a case in a new folder and world."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name, _in_folder(Path(name)):
        user = _user(Path(name))
        _prepare(user, case.scenario)
        before = state_of(user.world)
        network = user.transport = Faulty(user.world, case.kind, case.step, case.lasting, types=dict(types or {}))
        began = user.world.clock.now()
        never_ends, outcome = False, Outcome(-1, "", "")
        try:
            outcome = _type(user, case.scenario, as_json=case.as_json)
        except NeverEndsError:
            never_ends = True
        took_s = user.world.clock.now() - began
        return _played(user, outcome, network, took_s, before, never_ends=never_ends)


def play_on_sockets(case: Case, types: Mapping[tuple[str, str], str]) -> Played:
    """Run a case over the loopback interface. The clock of the command is still that of the world."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name, _in_folder(Path(name)):
        user = _user(Path(name))
        network = Faulty(user.world, None, case.step, case.lasting, types=dict(types))
        user.on_sockets = True
        with served(network) as wire:
            user.environ["SOSTRADES_HOST"] = wire.url
            _prepare(user, case.scenario)
            before = state_of(user.world)
            network.reset(case.kind)
            if case.kind is not None and case.kind.name == "refused":
                wire.close()
            began = user.world.clock.now()
            silent = case.kind is not None and case.kind.column == "silence"
            more = ("--read-timeout", f"{LIMIT_S}s") if silent else ()
            outcome = _type(user, case.scenario, as_json=case.as_json, more=more)
            plain = Outcome(*(outcome.code, outcome.out.replace(wire.url, HOST), outcome.err.replace(wire.url, HOST)))
        return _played(user, plain, network, user.world.clock.now() - began, before, never_ends=False)


def _played(user: User, outcome: Outcome, network: Faulty, took_s: float, before: str, *, never_ends: bool) -> Played:
    user.world.clock.sleep(SETTLES_S)
    everywhere = [file for file in user.folder.rglob("*") if file.is_file()]
    out = user.folder / "OUT"
    here = str(user.folder)
    return Played(
        Outcome(outcome.code, outcome.out.replace(here, "HERE"), outcome.err.replace(here, "HERE")),
        network,
        took_s,
        before,
        state_of(user.world),
        {str(file.relative_to(out)): file.read_bytes() for file in everywhere if out in file.parents},
        b"".join(file.read_bytes() for file in everywhere),
        tuple(
            str(file.relative_to(user.folder))
            for file in everywhere
            if file.suffix == ".part" or user.folder / "tmp" in file.parents
        ),
        user.world.key,
        never_ends,
    )


def state_of(world: World) -> str:
    """Return the state of the server: values and runs of each study."""
    result = []
    for number, study in sorted(world.studies.items()):
        study.settle()
        result.append(f"{number} {study.execution} {study.values!r}")
    return "\n".join(result)


def _user(folder: Path) -> User:
    world = build()
    for name in ("OUT", "tmp"):
        (folder / name).mkdir()
    folders = {f"SOSTRADES_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    environ = {"SOSTRADES_HOST": HOST, "SOSTRADES_API_KEY": world.key, "HOME": str(folder), **folders}
    return User(world, folder, MemoryKeyring(), environ)


def _prepare(user: User, scenario: Scenario) -> None:
    for line in scenario.prepare:
        done = user.types(*line.split())
        assert done.code == 0, done.err
    if scenario.lay_out is not None:
        scenario.lay_out(user)


def _type(user: User, scenario: Scenario, *, as_json: bool, more: Sequence[str] = ()) -> Outcome:
    words = scenario.words.split()
    form = ["-F", "json"] if as_json and scenario.json else []
    environ = {"SOSTRADES_FORMAT": "json"} if as_json and not scenario.json else {}
    stdin = f"{user.world.key}\n".encode() if scenario.stdin_is_key else b""
    return user.types(*words, *form, *more, stdin=stdin, **environ)


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Work in a folder, and keep temporary files there, where they are counted."""
    before, temporary = Path.cwd(), tempfile.tempdir
    os.chdir(folder)
    tempfile.tempdir = str(folder / "tmp")
    try:
        yield
    finally:
        tempfile.tempdir = temporary
        os.chdir(before)
