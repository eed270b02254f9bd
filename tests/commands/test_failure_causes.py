"""Test the cause of a failed run in all commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings" / "exchanges-2.jsonl"
CHARTS = "f2-climate-failed-log"
FAULTS = "rt-tables-run-log"
STARTS = {
    CHARTS: ["ValueError: Cannot compute the inputs"],
    FAULTS: ["tables.Mixed.list_of_dict: ", "tables.Mixed.df_mixed: "],
}
CHART = (
    "[2026-11-28 14:30:08,000] [worker: 4711] 3.a.PostProcessing ERROR in post_processing_factory: The following error "
    "occurs when trying to load post processing for a.B discipline.\nTraceback (most recent call last):\n"
    + '  File "/srv/charts.py", line 1, in draw\n    draw()\n' * 20
    + "AttributeError: 'NoneType' object has no attribute 'index'\n"
)


def recorded(name: str) -> str:
    """Return the log of a recorded exchange."""
    for line in RECORDINGS.read_text("utf-8").splitlines():
        exchange = json.loads(line)
        if exchange["name"] == name:
            return str(exchange["response"]["body"])
    raise LookupError(name)


def with_log(user: User, log: str) -> User:
    """Set the log that the server returns."""
    fault = Fault("body", count=99, method="GET", path="logs", body=log, content_type="application/octet-stream")
    user.world.faults.arm(fault)
    return user


@pytest.mark.parametrize("name", [CHARTS, FAULTS])
def test_run_and_watch_report_the_same_cause(user: User, name: str) -> None:
    with_log(user, recorded(name))
    ran = user.types("calc", "run", "22")
    events = user.types("calc", "run", "22", "-F", "ndjson")
    watched = user.types("calc", "watch", "22", "-F", "ndjson")
    assert (ran.code, events.code, watched.code) == (3, 3, 3)
    causes = {json.loads(done.out.splitlines()[-1])["cause"] for done in (events, watched)}
    [cause] = causes
    for start in STARTS[name]:
        assert f"  {start}" in ran.err
        assert any(line.startswith(start) for line in cause.split("\n"))
    for text in (ran.err, cause):
        assert "\\t" not in text
        assert "\t" not in text
        assert "NoneType" not in text


def test_all_faulty_parameters_are_in_one_sweep_row(user: User) -> None:
    with_log(user, recorded(FAULTS))
    cases, results = user.folder / "cases.csv", user.folder / "results.csv"
    name = next(p.name for p in user.world.studies[22].model.parameters if p.type == "float" and p.shown)
    cases.write_text(f"{name}\n1.25\n")
    assert user.types("calc", "sweep", "22", str(cases), "--collect", name, "-o", str(results)).code == 3
    [row] = csv.DictReader(results.read_text().splitlines())
    assert all(start in row["cause"] for start in STARTS[FAULTS])


def test_cause_before_many_chart_tracebacks_is_found(user: User) -> None:
    """The log is read back further than its last 256 KiB."""
    cause, _, charts = recorded(CHARTS).partition("[2026-11-28 14:30:08,000]")
    assert charts
    with_log(user, cause + CHART * 400)
    done = user.types("calc", "run", "22", "-F", "ndjson")
    assert "Cannot compute the inputs" in json.loads(done.out.splitlines()[-1])["cause"]


def test_log_without_a_cause_is_not_reported_as_whole(user: User) -> None:
    with_log(user, CHART * 3)
    done = user.types("calc", "run", "22", "-F", "ndjson")
    assert "NoneType" not in json.loads(done.out.splitlines()[-1])["cause"]
