"""Reports of runs for CI systems: a summary as Markdown, and JUnit's XML."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.output.text import counted, duration, visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from junitparser.junitparser import FinalResult

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_BACKTICKS: Final = re.compile(r"`+")
# XML has no way to write these. Control characters are escaped before.
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")
# GitHub rejects a summary of more than 1 MiB.
MOST_ROWS: Final = 500
MOST_CAUSES: Final = 20
LONGEST_CAUSE: Final = 20_000


class ReportedRun(NamedTuple):
    """A run in a report.

    ``elapsed_s`` is ``None`` if it is unknown. ``kind``, ``message`` and ``cause`` describe the error, and are empty
    without one. ``is_failed`` is set if the run itself failed, ``is_over`` is not if its end is unknown.
    """

    name: str
    outcome: str
    elapsed_s: float | None = None
    disciplines: str = ""
    kind: str = ""
    message: str = ""
    cause: str = ""
    is_failed: bool = False
    is_over: bool = True


class RunReport(NamedTuple):
    """The runs of a command, with its title."""

    title: str
    runs: Sequence[ReportedRun]


def markdown(report: RunReport) -> str:
    """Return a heading, a table of the runs, and the causes of failures."""
    good = sum(not run.kind and run.is_over for run in report.runs)
    rows = [_row(run) for run in report.runs[:MOST_ROWS]]
    if len(report.runs) > MOST_ROWS:
        rows.append(f"| and {len(report.runs) - MOST_ROWS} more | | | |")
    failed = [run for run in report.runs if run.kind]
    lines = [
        f"### {_inline(report.title)}: {good} of {counted(len(report.runs), 'run')} finished",
        "",
        "| run | outcome | time | disciplines |",
        "| --- | --- | ---: | --- |",
        *rows,
        "",
        *(_details(run) for run in failed[:MOST_CAUSES]),
    ]
    return "\n".join(lines) + "\n"


def junit(report: RunReport) -> bytes:
    """Return JUnit's XML: a test case per run. A run that failed is a failure, any other error is an error."""
    from junitparser import JUnitXml, TestCase, TestSuite

    suite = TestSuite(_xml(report.title))
    for run in report.runs:
        case = TestCase(_xml(run.name), "sostrades", round(run.elapsed_s or 0.0, 1))
        case.result = _results(run)
        suite.add_testcase(case)
    document = JUnitXml("sostrades")
    document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call] # its types are incomplete
    xml: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + xml + b"\n"


def _results(run: ReportedRun) -> list[FinalResult]:
    from junitparser import Error, Failure, Skipped

    if not run.is_over:
        return [Skipped(_xml(f"not watched to its end, last status {run.outcome}"))]
    if not run.kind:
        return []
    result = (Failure if run.is_failed else Error)(_xml(run.message), run.kind)
    result.text = _xml(run.cause)
    return [result]


def _row(run: ReportedRun) -> str:
    outcome = f"**{_inline(run.outcome)}**" if run.kind else _inline(run.outcome)
    time = "" if run.elapsed_s is None else duration(run.elapsed_s)
    return f"| {_inline(run.name)} | {outcome} | {time} | {_inline(run.disciplines)} |"


def _details(run: ReportedRun) -> str:
    """Return the message of a failure, which unfolds its cause."""
    text = visible_lines(run.cause or run.message)[:LONGEST_CAUSE]
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in _BACKTICKS.findall(text)), 0)
    summary = escape(visible(f"{run.name}: {run.message}"))
    return f"<details><summary>{summary}</summary>\n\n{fence}text\n{text}\n{fence}\n\n</details>\n"


def _inline(text: str) -> str:
    """Return a text without meaning for Markdown."""
    return _PUNCTUATION.sub(r"\\\1", visible(text))


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("�", visible_lines(text))
