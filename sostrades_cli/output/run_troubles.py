"""Sentences about outages and stalled runs, the same in every view of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.output.text import duration, running_time, visible
from sostrades_cli.run_events import OUTAGE, RECOVERED, STALLED

if TYPE_CHECKING:
    from sostrades_cli.run_events import Event

NO_RUN: Final = "NO RUN"
# For the live view, which shows status and times beside it.
NO_PROGRESS: Final = "no progress, its process may be dead"
# By name of the event.
SENTENCES: Final = {
    OUTAGE: "no answer: {reason}",
    RECOVERED: "the server answers again after {time}, {status}",
    STALLED: "{status}, but no progress for {time}, its process may be dead",
}


def trouble_text(event: Event) -> str | None:
    """Return the sentence for an outage, its end or a stalled run; ``None`` for any other event."""
    sentence = SENTENCES.get(event.name)
    if sentence is None:
        return None
    return sentence.format(
        status=visible(event.status) or NO_RUN,
        reason=visible(str(event.facts.get("reason", ""))),
        time=duration(float(event.facts.get("outage_s", event.facts.get("still_s", 0.0)))),
    )


def outage_text(seconds: float) -> str:
    """Return the text of the live view for an ongoing outage."""
    return f"no answer for {running_time(seconds)}"
