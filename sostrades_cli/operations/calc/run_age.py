"""The age of a run by its log, independent of the time zone of the server and of this computer's clock."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.protocol import SHORT_S
from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.studies import LogPart
    from sostrades_cli.operations.context import Context

START_SIZE: Final = 4_096
END_SIZE: Final = 16_384
# Time zones differ by multiples of this.
QUARTER: Final = timedelta(minutes=15)
# HTTP dates are in whole seconds.
PRECISION: Final = timedelta(seconds=2)
_STAMP: Final = re.compile(rb"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3})\]", re.MULTILINE)


class LogAges(NamedTuple):
    """The seconds since the first and since the last line of a log."""

    first_s: float
    last_s: float


def run_age_s(context: Context, study: int) -> float | None:
    """Return the seconds since the first line in the log of the last run, ``None`` if they are unknown."""
    try:
        ages = log_ages(context, study)
    except SostradesError:
        return None  # the view then shows the time watched
    return None if ages is None else ages.first_s


def log_ages(context: Context, study: int) -> LogAges | None:
    """Return the ages of the lines in the log of the last run, ``None`` if it does not tell them.

    Raises
    ------
    SostradesError
        The log cannot be read.

    """
    studies = context.api.studies
    start = studies.log_from(study, 0, within_s=SHORT_S, end=START_SIZE)
    # Logs can be huge, so only both ends are read.
    offset = max(start.start + len(start.content), start.size - END_SIZE)
    end = studies.log_from(study, offset, within_s=SHORT_S, end=start.size) if offset < start.size else start
    # A server that ignores ranges and does not tell the size sends the start again.
    if end.start == 0 and end.size - len(end.content) > END_SIZE:
        return None
    return _ages(start, end)


def _ages(start: LogPart, end: LogPart) -> LogAges | None:
    first = next(_stamps(start.content), None)
    last = max(_stamps(end.content), default=None)
    if first is None or last is None or end.modified is None or end.answered is None:
        return None
    # The last line was written when the file was modified. Rounding leaves the time zone of the stamps.
    zone = round((last - end.modified) / QUARTER) * QUARTER
    first_age, last_age = (end.answered - (stamp - zone) for stamp in (first, last))
    if first_age < -PRECISION:
        return None
    return LogAges(*(max(0.0, age.total_seconds()) for age in (first_age, last_age)))


def _stamps(content: bytes) -> Iterator[datetime]:
    """Yield the times of lines as if their time zone were UTC."""
    for stamp in _STAMP.finditer(content):
        with contextlib.suppress(ValueError):  # a model may print anything
            yield datetime.fromisoformat(f"{stamp[1].decode()}.{stamp[2].decode()}").replace(tzinfo=UTC)
