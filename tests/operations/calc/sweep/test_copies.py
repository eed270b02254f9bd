"""Test the copies of ``--on-copies``: their number, their names, and the copies that messages list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault
from server_stub.world import Right
from sostrades_cli.errors import SostradesError
from sostrades_cli.operations.calc.sweep.copies import copies_notes, plan_on_copies, with_copies
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.progress_log import ProgressLog, SweepSpec
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

    from sostrades_cli.operations.context import Context

CASES = "case,Macro.gamma\nlow,0.1\nmid,0.2\nhigh,0.5\n"
DAMAGE = "Damage.total_damage"


@pytest.fixture
def context(user: User, server_of: Callable[[User], Context]) -> Context:
    return server_of(user)


@pytest.fixture
def request_(user: User) -> SweepRequest:
    """Return a sweep of study 21."""
    cases = user.folder / "cases.csv"
    cases.write_text(CASES)
    return SweepRequest(21, cases, (DAMAGE,), None, user.folder / "results.csv", (21,))


def sweep(user: User, request: SweepRequest, *words: str) -> Outcome:
    """Type the command of a sweep."""
    results = ("--collect", DAMAGE, "-o", str(request.results), "--read-timeout", "10m")
    return user.types("calc", "sweep", "21", str(request.cases), *results, *words)


def copies(user: User) -> dict[int, str]:
    """Return the names of the copies by number."""
    return {number: study.name for number, study in user.world.studies.items() if number > 33}


def logged(folder: Path, *studies: int) -> None:
    """Write the progress log of a sweep on these studies."""
    entries = {str(study): 1 for study in studies}
    ProgressLog(folder).begin(SweepSpec("", 21, "", (DAMAGE,), None, None, entries=entries))


def test_sweep_resumed_with_fewer_copies_uses_as_many_and_names_all(user: User, request_: SweepRequest) -> None:
    user.world.faults.arm(Fault("status", path="execute/35$", status=403))
    assert sweep(user, request_, "--on-copies", "2").code == 4
    user.world.requests.clear()
    done = sweep(user, request_, "--on-copies", "1", "--resume")
    assert (done.code, sorted(copies(user))) == (0, [34, 35]), done.err
    assert {request for request in user.requests if "/execute/" in request} == {"POST /api/v0/calculation/execute/34"}
    assert "--studies 34,35" in done.err


@pytest.mark.parametrize(
    ("studies", "earlier", "count", "named"),
    [
        ((34, 35), (), 2, "--studies 34,35"),
        ((34,), (34, 35), 1, "--studies 34,35"),
        ((35, 36), (21, 34), 2, "--studies 35,36,34"),
        ((21,), (21,), 1, None),
        # Studies that the user has named are not new.
        ((31, 32), (), None, None),
    ],
)
def test_note_lists_the_copies_of_all_tries(
    request_: SweepRequest, studies: tuple[int, ...], earlier: tuple[int, ...], count: int | None, named: str | None
) -> None:
    if earlier:
        logged(request_.folder, *earlier)
    notes = copies_notes(replace(request_, studies=studies, resume=bool(earlier)), count)
    assert [f"{named}, " in note for note in notes] == [True] * (named is not None)


def test_complete_sweep_plans_no_copies(user: User, context: Context, request_: SweepRequest) -> None:
    sweep(user, request_)
    resumed = replace(request_, resume=True)
    assert with_copies(context, resumed, WatchOptions(), 1).studies == (21,)
    sweep(user, request_, "--on-copies", "1", "--overwrite")
    plan = plan_on_copies(context, resumed, WatchOptions(), 3)
    assert (plan.studies, plan.new_copies) == ((34,), 0)


def test_sweep_of_the_study_itself_is_resumed_on_new_copies(
    user: User, context: Context, request_: SweepRequest
) -> None:
    user.world.faults.arm(Fault("status", path="execute/21$", status=403))
    assert sweep(user, request_).code == 4
    plan = plan_on_copies(context, replace(request_, resume=True), WatchOptions(), 2)
    assert (plan.studies, plan.new_copies) == ((), 2)


def test_study_with_results_does_not_lose_them_to_its_copies(
    user: User, context: Context, request_: SweepRequest
) -> None:
    user.types("calc", "run", "21")
    assert plan_on_copies(context, request_, WatchOptions(), None).losing == (21,)
    assert plan_on_copies(context, request_, WatchOptions(), 1).losing == ()


def test_failure_before_the_first_copy_names_none(user: User, context: Context, request_: SweepRequest) -> None:
    user.world.faults.arm(Fault("status", path="copy$", status=403))
    with pytest.raises(SostradesError) as raised:
        with_copies(context, request_, WatchOptions(), 2)
    assert (copies(user), "no case was run" in str(raised.value.detail)) == ({}, False)


@pytest.mark.parametrize(
    ("name", "copied"),
    [
        ("dice", "dice-sweep-1"),
        ("n" * 64, f"{'n' * 50}-sweep-1"),
        ("étude (2)", "-tude-2--sweep-1"),
    ],
)
def test_copy_has_a_valid_name(user: User, context: Context, request_: SweepRequest, name: str, copied: str) -> None:
    """The web page has a rule for names, and a study of the API can have any name."""
    known = user.world.studies[21]
    user.world.add_study(
        33, name, known.model, {user.world.users["owner@email.com"]: Right.OWNER}, lambda study: study.execute()
    )
    user.world.clock.sleep(60.0)
    request = with_copies(context, replace(request_, study=33, studies=(33,)), WatchOptions(), 1)
    assert (request.studies, copies(user)) == ((34,), {34: copied})
