"""Sweep 1,024 cases on eight copies in a process that is killed half way, and resume it. Time a sweep."""

from __future__ import annotations

import csv
import json
import os
import statistics
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from server_stub.model import Timing
from server_stub.server import running
from server_stub.world import Right
from server_stub.worlds import build_world
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World

pytestmark = pytest.mark.slow
CASES: Final = 1_024
ORIGINAL: Final = 30
COPIES: Final = range(31, 39)
PATIENCE_S: Final = 300.0
# Runs of a second, and their loads, forty times as fast.
SPEED: Final = 40.0
SHORT: Final = replace(DICE, timing=Timing(pending=0.3, silent=0.1, work=0.6))
TIMED_S: Final = 0.5
# The server looks once a second whether a load is ready: after the change, and after the run.
LOADS_S: Final = 2.0
ADDED_S: Final = 0.3


@dataclass
class Desk:
    """A stub with a study and its copies, and a user with a table of cases."""

    world: World
    shell: Shell

    def sweep(self, cases: int, study: int, *words: str) -> subprocess.Popen[str]:
        """Start a sweep."""
        lines = (f"c{number},{0.1 + number / 10_000}\n" for number in range(cases))
        (self.shell.folder / "cases.csv").write_text(f"case,Macro.gamma\n{''.join(lines)}")
        collected = ("--collect", "Damage.total_damage", "-o", "results.csv")
        process: subprocess.Popen[str] = self.shell.starts("calc", "sweep", str(study), "cases.csv", *collected, *words)
        return process

    def log(self) -> list[dict[str, Any]]:
        """Return the steps of the cases. The last line may be incomplete while the sweep runs."""
        file = self.shell.folder / "results.d" / "sweep.jsonl"
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        steps = [json.loads(line) for line in lines if line.endswith("\n")]
        return [step for step in steps if "case" in step]

    def states(self) -> Counter[str]:
        """Return the number of steps by state."""
        return Counter(step["state"] for step in self.log())

    def results(self) -> list[dict[str, str]]:
        """Return the rows of the results."""
        with (self.shell.folder / "results.csv").open(newline="") as file:
            return list(csv.DictReader(file))


def desk_of(shell: Shell, world: World, studies: Sequence[int], url: str) -> Desk:
    """Add finished studies that are alike to a stub."""
    rights = dict.fromkeys(world.users.values(), Right.OWNER)
    for study in studies:
        world.add_study(study, f"study{study}", SHORT, rights, finished)
    environ = {**shell.environ, "SOSTRADES_HOST": url, "SOSTRADES_API_KEY": world.key}
    # A killed process leaves its temporary folder. Here it is removed with the test.
    environ["TMPDIR"] = str(shell.folder.parent)
    return Desk(world, replace(shell, environ=environ, url=url, key=world.key))


@pytest.fixture
def desk(shell: Shell) -> Iterator[Desk]:
    """Serve a fast stub with a study and its copies."""
    world = build_world("demo", speed=SPEED)
    with running(world) as url:
        yield desk_of(shell, world, [ORIGINAL, *COPIES], url)


def ended(process: subprocess.Popen[str]) -> float:
    """Wait for the end of a process, and return its CPU time in seconds."""
    before = os.times()
    process.communicate(timeout=PATIENCE_S)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_large_sweep_is_killed_and_resumed(desk: Desk) -> None:
    """Every case is in the results once, and all copies are like the original again."""
    studies = ("--studies", ",".join(map(str, COPIES)))
    process = desk.sweep(CASES, ORIGINAL, *studies)
    deadline = time.monotonic() + PATIENCE_S
    while desk.states()["FINISHED"] < CASES // 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.2)
    process.kill()
    first_s = ended(process)
    done = desk.states()["FINISHED"]
    assert not (desk.shell.folder / "results.csv").exists()

    planned = desk.sweep(CASES, ORIGINAL, *studies, "--resume", "--dry-run", "-F", "json")
    plan = json.loads(planned.communicate(timeout=PATIENCE_S)[0])
    assert (plan["done"], plan["runs"]) == (done, CASES - done)

    process = desk.sweep(CASES, ORIGINAL, *studies, "--resume")
    second_s = ended(process)
    assert process.returncode == 0
    rows = desk.results()
    assert [row["case"] for row in rows] == [f"c{number}" for number in range(CASES)]
    assert {row["status"] for row in rows} == {"FINISHED"}
    # Each output belongs to its own input: damage grows with growth.
    damages = [float(row["Damage.total_damage"]) for row in rows]
    assert damages == sorted(damages)
    assert len(set(damages)) == CASES
    finishes = Counter(step["case"] for step in desk.log() if step["state"] == "FINISHED")
    assert set(finishes.values()) == {1}
    assert desk.states()["STARTED"] <= CASES + len(COPIES)
    for study in COPIES:
        assert desk.shell.runs(f"sostrades study diff {ORIGINAL} {study} --exit-code").returncode == 0
    # The second half costs no more than the first. The limit allows for a busy computer.
    assert second_s <= 2 * first_s + 5


def test_sweep_adds_at_most_0_3_s_to_a_case(shell: Shell) -> None:
    """On a true clock: the time of a case beyond that of its run and its two loads."""
    world = build_world("demo", speed=1.0)
    timing = Timing(pending=0.3 * TIMED_S, silent=0.1 * TIMED_S, work=0.6 * TIMED_S)
    with running(world) as url:
        desk = desk_of(shell, world, [], url)
        rights = dict.fromkeys(world.users.values(), Right.OWNER)
        world.add_study(31, "timed", replace(DICE, timing=timing), rights, finished)
        process = desk.sweep(6, 31)
        ended(process)
    assert process.returncode == 0
    took_s = [step["elapsed_s"] for step in desk.log() if step["state"] == "FINISHED"]
    # The median, because other processes may delay a case.
    assert statistics.median(took_s) <= TIMED_S + LOADS_S + ADDED_S
