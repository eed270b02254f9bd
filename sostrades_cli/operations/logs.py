"""Reading an execution log."""

from __future__ import annotations

import re
from typing import Final

TRACEBACK: Final = "Traceback (most recent call last):"
MOST_LINES: Final = 30
_STAMP: Final = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]")


def last_traceback(log: str) -> str | None:
    """Return the last traceback of a log, at most ``MOST_LINES`` lines of it; ``None`` where there is none.

    Ordinary lines, each with a time stamp, may follow a traceback: it ends before the first of them.
    """
    lines = log.splitlines()
    starts = [number for number, line in enumerate(lines) if TRACEBACK in line]
    if not starts:
        return None
    block = [lines[starts[-1]]]
    for line in lines[starts[-1] + 1 :]:
        if _STAMP.match(line):
            break
        block.append(line)
    while block and not block[-1].strip():
        block.pop()
    if len(block) > MOST_LINES:
        block = [*block[: MOST_LINES // 3], "  ...", *block[-(MOST_LINES - MOST_LINES // 3 - 1) :]]
    return "\n".join(block)
