"""Reports of runs as Markdown and as JUnit's XML."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.output.run_report import MOST_ROWS, ReportedRun, RunReport, junit, markdown

GOOD = ReportedRun("study 21 dice", "FINISHED", 64.2, "6 of 6")
BAD = ReportedRun(
    "study 22",
    "FAILED",
    8.0,
    "2 of 6",
    "run_failed",
    "the run of study 22 ended FAILED",
    "Traceback:\nValueError",
    is_failed=True,
)
LOST = ReportedRun("study 23", "RUNNING", 60.0, "", "timeout", "timed out after 60 s")
OPEN = ReportedRun("study 24", "RUNNING", is_over=False)
ALL = RunReport("calc run", [GOOD, BAD, LOST, OPEN])


def parsed(report: RunReport) -> Any:
    """Return the test suite of a report."""
    [suite] = ET.fromstring(junit(report))  # noqa: S314 - our own
    return suite


def test_markdown_has_a_row_per_run_and_the_causes() -> None:
    assert markdown(ALL) == (
        "### calc run: 1 of 4 runs finished\n"
        "\n"
        "| run | outcome | time | disciplines |\n"
        "| --- | --- | ---: | --- |\n"
        "| study 21 dice | FINISHED | 1:04 | 6 of 6 |\n"
        "| study 22 | **FAILED** | 8 s | 2 of 6 |\n"
        "| study 23 | **RUNNING** | 1:00 |  |\n"
        "| study 24 | RUNNING |  |  |\n"
        "\n"
        "<details><summary>study 22: the run of study 22 ended FAILED</summary>\n"
        "\n"
        "```text\nTraceback:\nValueError\n```\n"
        "\n"
        "</details>\n"
        "\n"
        "<details><summary>study 23: timed out after 60 s</summary>\n"
        "\n"
        "```text\ntimed out after 60 s\n```\n"
        "\n"
        "</details>\n"
        "\n"
    )


def test_junit_has_a_case_per_run() -> None:
    suite = parsed(ALL)
    assert suite.attrib | {"time": ""} == {
        "name": "calc run",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "",
    }
    assert [case.get("name") for case in suite] == ["study 21 dice", "study 22", "study 23", "study 24"]
    assert [[result.tag for result in case] for case in suite] == [[], ["failure"], ["error"], ["skipped"]]
    assert [case.get("time") for case in suite] == ["64.2", "8.0", "60.0", "0.0"]
    failure = suite[1][0]
    assert failure.attrib == {"message": BAD.message, "type": "run_failed"}
    assert failure.text == BAD.cause


def test_long_summary_is_limited() -> None:
    """A job summary has at most 1 MiB."""
    runs = [BAD._replace(name=f"case {number}", cause="x" * 10_000) for number in range(5000)]
    text = markdown(RunReport("sweep", runs))
    assert len(text) < 2**20 * 0.9
    assert f"and {5000 - MOST_ROWS} more" in text


TEXTS = st.text(st.characters(exclude_categories=[]), max_size=30)
HOSTILE = "a|b<script>\n```\n</details>\x1b[0m\x00]]>&\ufffe\ud800\u2028[x](http://evil.example)"


@settings(deadline=None, max_examples=40)
@given(TEXTS)
@example(HOSTILE)
def test_any_text_is_well_formed(text: str) -> None:
    run = ReportedRun(f"x{text}", f"x{text}", 1.0, text, "run_failed", text, text, is_failed=True)
    suite = parsed(RunReport(text, [run]))
    assert len(suite) == 1
    summary = markdown(RunReport(text, [run]))
    summary.encode()
    rows = [line for line in summary.partition("<details>")[0].splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [5, 5, 5]
    assert summary.count("\n<details>") == 1


def test_text_cannot_leave_its_block() -> None:
    run = BAD._replace(cause="x\n```\n</details>\n````\n# heading", message="<img src=x>")
    text = markdown(RunReport("a", [run]))
    assert "\n`````text\n" in text
    assert "<img" not in text
