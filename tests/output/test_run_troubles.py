"""Sentences about outages and stalled runs, the same in every view."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import sostrades_cli
from sostrades_cli.output.run_troubles import trouble_text
from sostrades_cli.run_events import Event


def event(name: str, status: str = "RUNNING", **facts: Any) -> Event:
    """Return an event."""
    return Event(name, datetime(2026, 1, 1, tzinfo=UTC), 21, status, {}, "", "", 0.0, {}, facts)


@pytest.mark.parametrize(
    ("happened", "facts"),
    [
        (event("outage", reason="the connection broke"), ["the connection broke"]),
        (event("recovered", outage_s=65.0), ["1:05", "RUNNING"]),
        (event("stalled", still_s=600.0), ["10:00", "RUNNING"]),
        (event("recovered", status="", outage_s=3.0), ["3 s", "NO RUN"]),
        (event("outage", reason="\x1b[31mred"), ["red"]),
    ],
)
def test_sentence_has_the_facts_of_its_event(happened: Event, facts: list[str]) -> None:
    """Control characters of the server are escaped."""
    text = trouble_text(happened)
    assert text is not None
    assert [fact for fact in facts if fact not in text] == []
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ["started", "status", "discipline", "finished", "poll"])
def test_other_events_have_no_sentence(name: str) -> None:
    assert trouble_text(event(name)) is None


def test_sentences_are_in_one_module() -> None:
    """Each view had its own sentences once."""
    root = Path(sostrades_cli.__file__).parent
    words = ("process may be dead", "answers again after")
    names = {path.name for path in root.rglob("*.py") if any(word in path.read_text("utf-8") for word in words)}
    assert names == {"run_troubles.py"}
