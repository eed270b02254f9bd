"""Runs as lines, events and final states."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sostrades_cli.errors import NeverRan, RunFailed
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.render import RenderOptions, render
from sostrades_cli.output.streams import Events
from sostrades_cli.run_events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 11, 22, 22, 40, 48, tzinfo=UTC)


def event(name: str, at_s: float = 0.0, status: str = "RUNNING", **more: Any) -> Event:
    """Return an event some seconds after the start."""
    payload = {"study_case_id": more.get("study", 21), "study_case_execution_status": status}
    facts = more.get("facts", {"outcome": status, "exit_code": 0, "elapsed_s": at_s} if name == "finished" else {})
    states = more.get("states", {})
    when = START + timedelta(seconds=at_s)
    return Event(name, when, more.get("study", 21), status, states, "1/2", "-", at_s, payload, facts, more.get("error"))


class Flushing(io.StringIO):
    """A stream that counts its flushes."""

    flushed = 0

    def flush(self) -> None:
        """Count a flush."""
        self.flushed += 1
        super().flush()


def shown(form: str, *events: Event, quiet: bool = False) -> tuple[list[str], Any]:
    """Return the written lines and the error."""
    target = Flushing()
    notes = Messages(io.StringIO(), notes_enabled=True, verbose=False, color=False, as_json=False)
    error = render(Events(iter(events), {}), RenderOptions(form, target, notes, quiet=quiet))
    if form == "ndjson":
        assert target.flushed >= len(target.getvalue().splitlines())
    return target.getvalue().splitlines(), error


def test_pipe_gets_a_line_per_change() -> None:
    """Polls and disciplines have none."""
    lines, error = shown(
        "tsv",
        event("started", 0, "PENDING"),
        event("poll", 1, "PENDING"),
        event("status", 5),
        event("discipline", 6, facts={"discipline": "a", "status": "DONE"}),
        event("poll", 7),
        event("status", 64, "FINISHED"),
        event("finished", 64, "FINISHED"),
    )
    assert error is None
    assert lines == [
        "2026-11-22T22:40:48Z  21  PENDING",
        "2026-11-22T22:40:53Z  21  RUNNING",
        "2026-11-22T22:41:52Z  21  FINISHED  after 1:04",
    ]


class TerminalText(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Return that it is a terminal."""
        return True


@pytest.mark.parametrize(
    ("form", "on_terminal", "steps"),
    [
        ("table", True, ["durations", "event"]),
        ("table", False, ["event"]),
        ("tsv", True, ["event"]),
        ("ndjson", True, ["event"]),
        ("json", True, ["event"]),
    ],
)
def test_only_the_live_view_reads_usual_durations_and_before_the_watch(
    form: str, on_terminal: bool, steps: list[str]
) -> None:
    done = []

    def events() -> Iterator[Event]:
        done.append("event")
        yield event("finished", 64, "FINISHED")

    def usual_s() -> dict[int, float]:
        done.append("durations")
        return {21: 60.0}

    target = TerminalText() if on_terminal else io.StringIO()
    notes = Messages(io.StringIO(), notes_enabled=True, verbose=False, color=False, as_json=False)
    render(Events(events(), {}, studies=[21], usual_s=usual_s), RenderOptions(form, target, notes))
    assert done == steps


def beats(*events: Event, interval_s: float = 60.0, form: str = "tsv", quiet: bool = False) -> list[str]:
    """Return the lines of the heartbeat, which go to standard error."""
    target, err = Flushing(), io.StringIO()
    notes = Messages(err, notes_enabled=not quiet, verbose=False, color=False, as_json=False)
    result = Events(iter(events), {}, heartbeat_s=interval_s)
    render(result, RenderOptions(form, target, notes, quiet=quiet))
    assert "still" not in target.getvalue()
    return err.getvalue().splitlines()


STATES = {"a": "DONE", "b": "RUNNING"}
POLLS = [event("started"), *(event("poll", at_s, states=STATES) for at_s in range(1, 200))]


def test_heartbeat_has_status_time_and_finished_disciplines() -> None:
    lines = beats(*POLLS)
    assert [line[11:19] for line in lines] == ["22:41:48", "22:42:48", "22:43:48"]
    assert lines[0].endswith("  21  still RUNNING after 1:00, 1 of 2 disciplines done")


def test_heartbeat_counts_from_the_last_line() -> None:
    lines = beats(event("started"), event("poll", 50), event("status", 55), event("poll", 100), event("poll", 116))
    assert [line[11:19] for line in lines] == ["22:42:44"]


def test_heartbeat_continues_during_an_outage() -> None:
    outage = event("outage", 1, facts={"reason": "the connection broke"})
    lines = beats(event("started"), outage, *(event("miss", at_s) for at_s in range(2, 130, 5)))
    assert [line[11:19] for line in lines] == ["22:41:50", "22:42:50"]


def test_heartbeat_of_several_studies_counts_their_statuses() -> None:
    polls = [event("poll", at_s, study=study, states=STATES) for at_s in range(1, 70) for study in (21, 23)]
    lines = beats(event("started"), event("started", study=23), event("finished", 1, "FINISHED", study=24), *polls)
    assert [line[22:] for line in lines] == ["3 studies  2 RUNNING, 1 FINISHED after 1:01, 2 of 4 disciplines done"]


def test_heartbeat_can_be_turned_off() -> None:
    assert beats(*POLLS, interval_s=0) == []
    assert beats(*POLLS, quiet=True) == []


def test_heartbeat_is_not_an_event() -> None:
    assert beats(*POLLS, event("miss", 300), form="ndjson") == []
    assert beats(*POLLS, event("miss", 300), form="json") == []


def test_outages_and_stalls_are_lines() -> None:
    lines, _ = shown(
        "tsv",
        event("started"),
        event("outage", 1, facts={"reason": "the connection broke"}),
        event("recovered", 66, facts={"outage_s": 65.0}),
        event("stalled", 700, facts={"still_s": 600.0}),
    )
    assert lines[1].endswith("the connection broke")
    assert ("1:05" in lines[2], "RUNNING" in lines[2]) == (True, True)
    assert ("10:00" in lines[3], "RUNNING" in lines[3]) == (True, True)


def test_events_have_their_documented_fields() -> None:
    """Each is a JSON line, written at once."""
    facts = {"outcome": "FAILED", "exit_code": 3, "elapsed_s": 8.1, "cause": "x"}
    lines, _ = shown("ndjson", event("started"), event("poll"), event("finished", 8, "FAILED", facts=facts))
    first, last = map(json.loads, lines)
    assert first == {"event": "started", "time": "2026-11-22T22:40:48Z", "study": 21, "status": "RUNNING"}
    assert last == {"event": "finished", "time": "2026-11-22T22:40:56Z", "study": 21, "status": "FAILED", **facts}


def test_json_is_the_last_state() -> None:
    item, _ = shown("json", event("started"), event("finished", 5, "FINISHED"))
    assert json.loads(item[0])["study_case_execution_status"] == "FINISHED"
    two, _ = shown("json", event("finished", study=1), event("finished", study=2))
    assert [state["study_case_id"] for state in json.loads(two[0])] == [1, 2]


def test_quiet_writes_nothing_and_keeps_the_error() -> None:
    failed = RunFailed("the run of study 21 ended FAILED")
    assert shown("tsv", event("started"), event("finished", status="FAILED", error=failed), quiet=True) == ([], failed)


def test_worst_error_has_the_details_of_all() -> None:
    ends = [
        event("finished", study=1, error=NeverRan("study 1 has no run")),
        event("finished", study=2, error=RunFailed("study 2 ended FAILED", detail="ValueError")),
        event("finished", study=3),
    ]
    _, error = shown("tsv", *ends)
    assert isinstance(error, RunFailed)
    assert error.message == "2 of 3 studies did not finish successfully"
    assert error.detail == "study 1 has no run\nstudy 2 ended FAILED: ValueError"


def test_traceback_of_one_of_several_studies_begins_on_its_own_line() -> None:
    failed = RunFailed("study 2 ended FAILED", detail="Traceback:\nValueError")
    ends = [event("finished", study=1, error=NeverRan("study 1 has no run")), event("finished", study=2, error=failed)]
    _, error = shown("tsv", *ends)
    assert error is not None
    assert error.detail == "study 1 has no run\nstudy 2 ended FAILED:\nTraceback:\nValueError"


def test_hostile_texts_stay_on_their_line() -> None:
    evil = "x\n\x1b[2J"
    lines, _ = shown("tsv", event("started", status=evil), event("outage", facts={"reason": evil}))
    assert len(lines) == 2
    assert "\x1b" not in "".join(lines)
