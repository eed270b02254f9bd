"""The statuses of the recorded runs, in their order."""

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from replaying import entries

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

POLLS = [
    *(("recorded", poll) for poll in entries("polls.jsonl")),
    *(("realistic", poll) for poll in entries("polls-2.jsonl")),
]
WRONG_TABLE = {"rich__Rich__df": [{"years": 2020, "quantity": 1.0}]}
# What was posted before the run of each poll.
CHANGES: dict[str, dict[str, Any]] = {
    "corrupt-df": {"rich__Rich__df": 5},
    "df-records": WRONG_TABLE,
    "x-float-for-int": {"rich__Rich__i": 2.5},
    "x-int-for-float": {"rich__Rich__f": 5},
    "x-out-of-range": {"rich__Rich__f_range": 99.0},
    "race-exec-after-set": {"rich__Rich__f": 100.0},
}


def prepare(api: "Api", poll: dict[str, Any]) -> None:
    """Bring the study to the state before the first request."""
    study, name = poll["study_case_id"], poll["name"]
    if name in CHANGES:
        api.set(study, **CHANGES[name])
    api.post(f"/calculation/execute/{study}")
    if name == "B-exec-while-running":
        api.clock.advance(12.0)
    if name[:2] in ("A-", "B-"):
        api.post(f"/calculation/execute/{study}")


@pytest.mark.parametrize(("world", "poll"), [pytest.param(*item, id=item[1]["name"]) for item in POLLS])
def test_run_has_the_recorded_statuses(build: "Build", world: str, poll: dict[str, Any]) -> None:
    api = build(world, server=poll["server"])
    prepare(api, poll)
    shown = []
    last = 0.0
    for sample in poll["samples"]:
        api.clock.advance(sample["t"] - last)
        last = sample["t"]
        if poll["name"].startswith("C-") and sample["status"] == "NOT EXECUTED" and "NOT EXECUTED" not in shown:
            api.set(poll["study_case_id"], slow__SlowA__x=77.0)
        shown.append(api.status(poll["study_case_id"]))
    # Our processes start a little sooner or later than the recorded ones: go on for a while.
    for _ in range(10):
        api.clock.advance(0.5)
        shown.append(api.status(poll["study_case_id"]))
    recorded = [sample["status"] for sample in poll["samples"]]
    assert in_order(shown)[: len(in_order(recorded))] == in_order(recorded)


def in_order(statuses: list[str]) -> list[str]:
    """Return the statuses without repetitions."""
    return [status for status, _ in groupby(statuses)]
