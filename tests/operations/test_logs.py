"""The last traceback of an execution log."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.logs import MOST_LINES, TRACEBACK, last_traceback

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings" / "exchanges.jsonl"
BEFORE = "[2026-11-22 22:44:24,597] MAIN_SERVER INFO in some_module: Start of the run\n"
AFTER = (
    "[2026-11-22 22:45:17,651] [worker: 4711] __main__ INFO in some_module: After the traceback\n"
    "[2026-11-22 22:45:17,700] MAIN_SERVER ERROR in some_module: The end\n"
)


def traceback(text: str, frames: int = 1) -> str:
    """Return a traceback of an error with that text."""
    frame = '  File "/srv/some_model.py", line {0}, in run\n    step({0})\n'
    return f"{TRACEBACK}\n{''.join(frame.format(number) for number in range(frames))}ValueError: {text}\n"


def test_the_recorded_log_of_a_failed_run() -> None:
    """Of the log of a run that failed the traceback is taken, without the line after it."""
    [log] = [
        exchange["response"]["body"]
        for exchange in map(json.loads, RECORDINGS.read_text(encoding="utf-8").splitlines())
        if exchange["name"] == "fail-logs"
    ]
    found = last_traceback(log)
    assert found is not None
    assert found.splitlines()[0] == TRACEBACK
    assert found.splitlines()[-1] == "ValueError: deliberate failure in SlowB"
    assert len(found.splitlines()) == 4


def test_ordinary_lines_around_it_are_left_out() -> None:
    """Lines with a time stamp before and after a traceback are no part of it, nor are blank lines at its end."""
    assert last_traceback(BEFORE + traceback("one") + "\n\n" + AFTER) == traceback("one").rstrip("\n")


def test_the_last_of_several_is_taken() -> None:
    """Of several tracebacks the last one tells why the run ended."""
    log = BEFORE + traceback("first") + AFTER + traceback("second") + AFTER
    assert last_traceback(log) == traceback("second").rstrip("\n")


def test_of_a_chain_the_last_error_is_shown() -> None:
    """Of errors raised while others were handled the block of the last one is taken."""
    log = (
        BEFORE
        + traceback("the cause")
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + traceback("what came of it")
        + AFTER
    )
    found = last_traceback(log)
    assert found is not None
    assert found.endswith("ValueError: what came of it")
    assert found.startswith(TRACEBACK)


def test_an_error_text_of_several_lines_is_whole() -> None:
    """Lines of the error's own text belong to it, with blank lines among them."""
    found = last_traceback(BEFORE + traceback("first line\n\n  - second\nthird line") + AFTER)
    assert found is not None
    assert found.endswith("first line\n\n  - second\nthird line")


def test_a_log_that_ends_within_a_traceback() -> None:
    """A log that breaks off gives what there is of the traceback."""
    assert last_traceback(f"{BEFORE}{TRACEBACK}") == TRACEBACK


def test_a_log_without_a_traceback_has_none() -> None:
    """Ordinary lines, and no lines at all, hold no traceback."""
    assert last_traceback(BEFORE + AFTER) is None
    assert last_traceback("") is None


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60))
def test_a_long_traceback_is_cut_in_its_middle(frames: int) -> None:
    """At most 30 lines are shown: the first ones, a mark, and the last ones with the error."""
    whole = traceback("the end", frames).rstrip("\n").split("\n")
    found = last_traceback(BEFORE + "\n".join(whole) + "\n" + AFTER)
    assert found is not None
    lines = found.split("\n")
    if len(whole) <= MOST_LINES:
        assert lines == whole
        return
    assert len(lines) == MOST_LINES
    mark = lines.index("  ...")
    assert lines[:mark] == whole[:mark]
    assert lines[mark + 1 :] == whole[mark + 1 - MOST_LINES :]
