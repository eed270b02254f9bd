"""`calc sweep --on-copies`: new copies run the cases, so that the study keeps its own results."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from broken_network import BreakingNetwork, KilledError
from conftest import QUICK_SERVERS, StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nmid,0.2,no\nhigh,0.5,yes\n"
CASE = "case,Macro.gamma\nlow,0.1\n"
DAMAGE = "Damage.total_damage"


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


class RefusesSecondCopy(httpx.BaseTransport):
    """A stub that refuses the second copy."""

    def __init__(self, user: User) -> None:
        self._stub = StubTransport(user.world)
        self._faults = user.world.faults
        self._number = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        self._number += request.url.path.endswith("/copy")
        if self._number == 2 and request.url.path.endswith("/copy"):
            self._faults.arm(Fault("status", path="copy$", status=403))
        return self._stub.handle_request(request)


def sweep(user: User, *words: str, cases: str = CASES, collect: str = DAMAGE) -> Outcome:
    """Sweep study 21."""
    (user.folder / "cases.csv").write_text(cases)
    results = ("--collect", collect, "-o", str(user.folder / "results.csv"), "--read-timeout", "10m")
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *results, *words)


def copies(user: User) -> dict[int, str]:
    """Return the copies of study 21 on the server, with their names."""
    return {number: study.name for number, study in user.world.studies.items() if number > 33}


def started(user: User) -> list[int]:
    """Return the studies that ran, each once."""
    found = [re.fullmatch(r".*/execute/(\d+)", one) for one in user.requests]
    return sorted({int(match[1]) for match in found if match})


def rows(user: User) -> list[dict[str, str]]:
    """Return the results."""
    with (user.folder / "results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def values(user: User, study: int) -> tuple[Any, Any]:
    """Return the swept values of a study after all changes have arrived."""
    user.world.clock.sleep(1.0)
    held = user.world.studies[study]
    held.settle()
    return held.values["Macro.gamma"], held.values["Macro.use_damage"]


def test_study_keeps_its_results(anyone: User) -> None:
    """Only the copy runs, and nothing is sent to the study."""
    status = anyone.world.studies[21].status
    done = sweep(anyone, "--on-copies", "1")
    assert done.code == 0, done.err
    [number] = copies(anyone)
    assert (started(anyone), anyone.world.studies[21].status) == ([number], status)
    assert not [one for one in anyone.requests if one.endswith("/21/parameters")]
    assert (len(rows(anyone)), values(anyone, number)) == (3, (0.3, True))


def test_copies_share_the_cases_and_are_named(user: User) -> None:
    """The last note says how to use them again."""
    cases = "case,Macro.gamma\nlow,0.1\nhigh,0.5\n"
    done = sweep(user, "--on-copies", "2", cases=cases)
    numbers = sorted(copies(user))
    assert (done.code, started(user), len(numbers)) == (0, numbers, 2), done.err
    assert len(set(copies(user).values())) == 2
    assert f"--studies {','.join(map(str, numbers))}" in done.err
    assert sweep(user, "--studies", ",".join(map(str, numbers)), "--overwrite", cases=cases).code == 0
    assert sorted(copies(user)) == numbers


def test_next_sweep_has_other_names(user: User) -> None:
    sweep(user, "--on-copies", "1", cases=CASE)
    assert sweep(user, "--on-copies", "1", "--overwrite", cases=CASE).code == 0
    assert len(set(copies(user).values())) == 2


@pytest.mark.slow
def test_results_are_those_of_the_study(user: User) -> None:
    sweep(user)
    alone = rows(user)
    sweep(user, "--on-copies", "2", "--overwrite")
    assert rows(user) == alone


def test_resumed_sweep_uses_its_copies(user: User) -> None:
    user.transport = BreakingNetwork(user, KilledError, ("/execute/34",), 2)
    with pytest.raises(KilledError):
        sweep(user, "--on-copies", "1")
    user.transport = None
    user.world.clock.sleep(60.0)
    [number] = copies(user)
    done = sweep(user, "--on-copies", "1", "--resume")
    assert (done.code, list(copies(user)), len(rows(user))) == (0, [number], 3), done.err
    assert values(user, number) == (0.3, True)


def test_interrupt_while_copies_are_made_names_them(user: User) -> None:
    user.transport = BreakingNetwork(user, KeyboardInterrupt, "/35/parameters", 1)
    done = sweep(user, "--on-copies", "2")
    assert (done.code, sorted(copies(user)), started(user)) == (130, [34, 35], [])
    assert done.error is not None
    assert ("34,35" in str(done.error.detail), done.error.study) == (True, 35)


def test_complete_sweep_is_resumed_without_copies(user: User) -> None:
    sweep(user, "--on-copies", "1", cases=CASE)
    assert sweep(user, "--on-copies", "3", "--resume", cases=CASE).code == 0
    assert len(copies(user)) == 1


@pytest.mark.slow
def test_complete_sweep_of_the_study_itself_has_no_copies(user: User) -> None:
    sweep(user, cases=CASE)
    done = sweep(user, "--on-copies", "1", "--resume", cases=CASE)
    assert (done.code, copies(user), "copies" in done.err) == (0, {}, False)


@pytest.mark.parametrize(
    ("words", "cases", "collect", "code"),
    [
        (("--studies", "31"), CASES, DAMAGE, 2),
        (("--resume",), CASES, DAMAGE, 2),
        ((), "Macro.gamma\nx\n", DAMAGE, 2),
        ((), CASES, "Damage.total_damages", 5),
        (("--dry-run",), CASES, DAMAGE, 0),
    ],
)
def test_no_copy_is_made_before_the_sweep_is_valid(
    user: User, words: tuple[str, ...], cases: str, collect: str, code: int
) -> None:
    done = sweep(user, "--on-copies", "2", *words, cases=cases, collect=collect)
    assert (done.code, copies(user)) == (code, {}), done.err


def test_dry_run_counts_the_copies(user: User) -> None:
    user.types("calc", "run", "21")
    done = sweep(user, "--on-copies", "3", "--dry-run", "-F", "json")
    plan = json.loads(done.out)
    assert (plan["studies"], plan["new_copies"], plan["runs"]) == ([], 3, 3)
    assert plan["expected_s"] == pytest.approx(plan["case_s"])
    assert "3 new copies" in sweep(user, "--on-copies", "3", "--dry-run").out


def test_copies_that_were_made_before_a_failure_are_named(user: User) -> None:
    """They stay on the server, because the API cannot delete them."""
    user.transport = RefusesSecondCopy(user)
    done = sweep(user, "--on-copies", "2")
    [number] = copies(user)
    assert done.code == 4
    assert done.error is not None
    assert str(number) in str(done.error.detail)
    assert not (user.folder / "results.d").exists()
