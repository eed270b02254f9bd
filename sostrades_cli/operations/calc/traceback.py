"""Find the cause of a failed run in its execution log."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

TRACEBACK: Final = "Traceback (most recent call last):"
MOST_LINES: Final = 30
_STAMP: Final = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\]")
# After a failed run, the server still computes charts. Below this line, it logs the traceback of a chart that failed.
_CHART: Final = "PostProcessing ERROR in post_processing_factory:"
# Python writes these lines between chained tracebacks.
_LINKS: Final = frozenset(
    {
        "During handling of the above exception, another exception occurred:",
        "The above exception was the direct cause of the following exception:",
    }
)
# The engine lists all integrity faults in one exception: `Variable <name> :`, then a line with a tab for each fault.
_FIRST_VARIABLE: Final = re.compile(r"\w[\w.]*: Variable (.+?) ?: *")
_VARIABLE: Final = re.compile(r"Variable (.+?) ?: *")


class _Block(NamedTuple):
    """A traceback: the number of its first line, whether a chart raised it, and whether the log shows its origin."""

    start: int
    of_chart: bool
    known: bool


def failure_cause(log: str, *, whole: bool = True) -> str | None:
    """Return the cause of a failed run, or ``None`` if the log has none.

    The cause is the last traceback that does not come from a chart, with at most ``MOST_LINES`` lines. For a list of
    integrity faults, it is a line per parameter instead. ``whole`` means that the log is complete. In a cut log, the
    origin of the first traceback may be missing, so it may come from a chart.
    """
    lines = log.splitlines()
    blocks = [block for block in _blocks(lines) if not block.of_chart and (whole or block.known)]
    if not blocks:
        return None
    block = _block_lines(lines, blocks[-1].start)
    return "\n".join(_shortened(_integrity_faults(block) or [line.expandtabs(4) for line in block]))


def summary(cause: str) -> str:
    """Return a cause in one line: the exception of a traceback, or all listed faults."""
    lines = cause.strip().splitlines()
    if not lines:
        return ""
    # The last line of a traceback is its exception.
    return lines[-1] if TRACEBACK in lines[0] else "; ".join(lines)


def _blocks(lines: list[str]) -> list[_Block]:
    """Find the tracebacks. A traceback that is chained to the previous one belongs to the same failure."""
    blocks: list[_Block] = []
    header: str | None = None
    announcement = last = ""
    for number, line in enumerate(lines):
        if _STAMP.match(line):
            # A line with a time stamp tells the origin of the tracebacks below it.
            header = announcement = line
        if TRACEBACK in line:
            if blocks and last in _LINKS:
                # A chained traceback keeps the origin of the first: chart or run.
                blocks.append(blocks[-1]._replace(start=number))
            else:
                blocks.append(_Block(number, _CHART in announcement, header is not None))
                announcement = ""  # a line about a chart applies only to the first traceback below it
        last = line.strip() or last
    return blocks


def _block_lines(lines: list[str], start: int) -> list[str]:
    """Return the lines of a traceback, which ends before the next line with a time stamp."""
    block = [lines[start]]
    for line in lines[start + 1 :]:
        if _STAMP.match(line):
            break
        block.append(line)
    while block and not block[-1].strip():
        block.pop()
    return block


def _integrity_faults(block: list[str]) -> list[str]:
    """Return a line per parameter of an exception that lists integrity faults, or nothing for other exceptions."""
    first = next((number for number, line in enumerate(block) if _FIRST_VARIABLE.fullmatch(line)), None)
    if first is None:
        return []
    faults: dict[str, list[str]] = {}
    name = ""
    for line in block[first:]:
        variable = _VARIABLE.fullmatch(line) or (_FIRST_VARIABLE.fullmatch(line) if not faults else None)
        text = " ".join(line.split())
        if variable is not None:
            name = variable.group(1)
            faults.setdefault(name, [])
        elif line.startswith("\t"):
            faults[name].append(text)
        elif text and faults[name]:
            faults[name][-1] += f" {text}"  # a value that is printed on several lines
    return [f"{name}: {'; '.join(texts)}" for name, texts in faults.items() if texts]


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= MOST_LINES:
        return lines
    # The end has the exception, so it gets more lines than the beginning.
    return [*lines[: MOST_LINES // 3], "  ...", *lines[-(MOST_LINES - MOST_LINES // 3 - 1) :]]
