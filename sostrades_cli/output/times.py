"""Times for people: relative on a terminal, RFC 3339 elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sostrades_cli.output.text import TextCell

# The largest unit that fits is shown alone, and a date after the last one.
_UNITS: Final = (
    (timedelta(minutes=1), timedelta(seconds=1), "s"),
    (timedelta(hours=1), timedelta(minutes=1), "min"),
    (timedelta(days=1), timedelta(hours=1), "h"),
    (timedelta(days=30), timedelta(days=1), "days"),
)
_JUST_NOW: Final = timedelta(seconds=5)


def relative(then: datetime, now: datetime) -> str:
    """Return a past time as seen from ``now``: ``12 s ago``, ``3 h ago``, ``2 days ago``, or a date.

    Clocks differ, so a time shortly after ``now`` counts as ``just now``.
    """
    age = now - then
    if -_UNITS[0][0] < age < _JUST_NOW:
        return "just now"
    if age > timedelta(0):
        for limit, unit, name in _UNITS:
            if age < limit:
                count = age // unit
                return f"{count} {name if count > 1 or name != 'days' else 'day'} ago"
    return then.astimezone(UTC).strftime("%Y-%m-%d")


def time_cell(stamp: str | None, now: datetime) -> TextCell:
    """Return the cell of an RFC 3339 time, which tables show as relative."""
    try:
        return TextCell(stamp, relative(datetime.fromisoformat(stamp or ""), now))
    except (ValueError, TypeError):  # no time, or one without a time zone
        return TextCell(stamp, stamp or "")
