"""The time that a sweep adds to what the server needs, on a clock that only requests and waits advance."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, make_user, slow

from server_stub.model import Timing
from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE

if TYPE_CHECKING:
    from conftest import User

ADDED_S = 0.3
CASES = 8
EXECUTE, STATUS, LOAD, SET = "/execute/31", "/status/31", "/study-case/31/30", "/31/parameters"


@dataclass
class Timed(httpx.BaseTransport):
    """The stub in process, with the times of its requests: start, end and path."""

    user: User
    requests: list[tuple[float, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stub = StubTransport(self.user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        began_s = self.user.world.clock.now()
        answer = self._stub.handle_request(request)
        self.requests.append((began_s, self.user.world.clock.now(), request.url.path))
        return answer

    def cases(self) -> list[list[tuple[float, float, str]]]:
        """Return the requests of each case after its start, up to the start of the next one."""
        starts = [index for index, (_, _, path) in enumerate(self.requests) if path.endswith(EXECUTE)]
        return [self.requests[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


def swept(user: User, duration_s: float, *words: str) -> Timed:
    """Sweep a study whose runs last so long."""
    model = replace(DICE, timing=Timing(pending=0.3 * duration_s, silent=0.1 * duration_s, work=0.6 * duration_s))
    user.world.add_study(31, "timed", model, dict.fromkeys(user.world.users.values(), Right.OWNER), finished)
    (user.folder / "cases.csv").write_text("Macro.gamma\n" + "".join(f"{number / 100}\n" for number in range(CASES)))
    user.transport = timed = Timed(user)
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "31", *files, "--collect", "Damage.total_damage", *words).code == 0
    return timed


def added_s(case: list[tuple[float, float, str]], duration_s: float) -> float:
    """Return the time of a case from its start in which neither a request nor its run was active."""
    (_, started_s, _), *others = case
    requests_s = sum(end_s - began_s for began_s, end_s, _ in others)
    return others[-1][1] - started_s - duration_s - requests_s


def polls(case: list[tuple[float, float, str]]) -> int:
    """Return the polls of a run: the status requests up to the collection of the outputs."""
    paths = [path for _, _, path in case]
    return sum(path.endswith(STATUS) for path in paths[: paths.index("/api/v0" + LOAD)])


@pytest.fixture(scope="module", params=[1.0, slow(0.2), slow(5.0), slow(60.0)])
def duration_s(request: pytest.FixtureRequest) -> float:
    """Return how long each run lasts."""
    return float(request.param)


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory, duration_s: float) -> Timed:
    """Return the requests of a sweep."""
    return swept(make_user(tmp_path_factory.mktemp("timed")), duration_s)


def test_sweep_adds_little_to_the_time_of_the_server(timed: Timed, duration_s: float) -> None:
    """The first case has no earlier runs as a guide."""
    first, *later = timed.cases()
    assert len(later) == CASES - 1
    times_s = [added_s(case, duration_s) for case in later]
    assert 0.0 <= min(times_s) <= max(times_s) <= ADDED_S
    assert added_s(first, duration_s) <= 2.0


@pytest.mark.slow
def test_earlier_run_is_a_guide_for_the_first_case(user: User) -> None:
    swept(user, 60.0)
    user.world.requests.clear()
    (first, *_) = swept(user, 60.0, "--overwrite").cases()
    assert added_s(first, 60.0) <= ADDED_S


def test_number_of_polls_is_limited(timed: Timed, duration_s: float) -> None:
    _, *later = timed.cases()
    assert max(map(polls, later)) <= {0.2: 4, 1.0: 8, 5.0: 12, 60.0: 70}[duration_s]


def test_interval_of_the_user_is_respected(user: User) -> None:
    for case in swept(user, 5.0, "--interval", "2s").cases():
        times = [began_s for began_s, _, path in case if path.endswith(STATUS)][:3]
        assert [round(b - a, 3) for a, b in itertools.pairwise(times)] == [2.0, 2.0]


def test_study_is_loaded_between_two_changes(timed: Timed) -> None:
    """A second change before the first one is applied would reset every value."""
    paths = [path for _, _, path in timed.requests]
    order = "".join("S" if path.endswith(SET) else "L" if path.endswith(LOAD) else "" for path in paths)
    assert order.count("S") == CASES + 1
    assert not re.search("SS", order)
