"""The times of a run from its log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.api.protocol import SHORT_S
from sostrades_cli.errors import SostradesError

if TYPE_CHECKING:
    from sostrades_cli.operations.context import Context

# Models print lines without a time, also at the beginning and the end.
SEARCHED: Final = 16 * 1024
_STAMP: Final = re.compile(rb"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3}\]", re.MULTILINE)


class LogTimes(NamedTuple):
    """The times of the first and the last line of a log, by the clock of the server."""

    first: datetime
    last: datetime


def log_times(context: Context, study: int) -> LogTimes | None:
    """Return the times in the log of the last execution, ``None`` if they cannot be read."""
    studies = context.api.studies
    try:
        size = studies.log_head(study)[1]
        start = studies.log_from(study, 0, SHORT_S, SEARCHED).content
        end = studies.log_from(study, size - SEARCHED, SHORT_S).content if size > SEARCHED else start
    except SostradesError:
        return None
    first, last = _STAMP.search(start), _STAMP.findall(end)
    try:
        return LogTimes(_time(first.group(1)), _time(last[-1])) if first and last else None
    except ValueError:
        return None  # no date, such as February 30


def _time(stamp: bytes) -> datetime:
    """Return the time of a stamp; the server writes UTC."""
    return datetime.strptime(stamp.decode(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
