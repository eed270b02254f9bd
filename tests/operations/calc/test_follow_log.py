"""Test following a log."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.api.studies import LogPart
from sostrades_cli.errors import NeverRan, RunFailed, ServerFault, SostradesError, Unreachable
from sostrades_cli.operations.calc.follow_log import follow, last_lines, whole_lines
from sostrades_cli.operations.calc.watch_options import WatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sostrades_cli.operations.context import Context

# A cache that takes every study in use.
UNUSED = SimpleNamespace(mark_used=lambda _: None)
GONE = Unreachable("no contact", transient=True)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([b"a", b"\n", b"bc\n", b"\n\n", b"", b"d\xc3\xa9"]), max_size=12), st.integers(0, 5))
def test_last_lines_do_not_depend_on_the_chunks(pieces: list[bytes], count: int) -> None:
    whole = b"".join(pieces)
    lines = whole.split(b"\n")
    kept = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    assert last_lines(pieces, count) == b"".join(kept[max(0, len(kept) - count) :] if count else [])


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([b"a", b"\n", b"bc\n", b"\n\n", b"", b"d\xc3\xa9"]), max_size=12), st.booleans())
def test_whole_lines_do_not_depend_on_the_chunks(pieces: list[bytes], fails: bool) -> None:
    """This includes lines before an error at the end."""

    def coming() -> Iterator[bytes]:
        yield from pieces
        if fails:
            raise GONE

    result: list[bytes] = []
    with pytest.raises(Unreachable) if fails else contextlib.nullcontext():
        for line in whole_lines(coming()):
            result.append(line)  # noqa: PERF402 - what came before an error counts
    *lines, rest = b"".join(pieces).split(b"\n")
    assert result == [*lines, *([rest] if rest else [])]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the records of runs in the folder of the test."""
    monkeypatch.chdir(tmp_path)


@dataclass
class FakeLog:
    """A study whose status and log are functions of time. `file` returns a name and the whole content."""

    status: Callable[[float], str]
    file: Callable[[float], tuple[str, bytes]]
    broken: Callable[[float], SostradesError | None] = lambda _: None
    ranges: bool = True
    now_s: float = 0.0
    offsets: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def log_from(self, study: int, offset: int, within_s: float = 60.0, end: int | None = None) -> LogPart:
        """Return the log from an offset on. A request for a part only looks for the start of the run."""
        if end is not None:
            return LogPart(None, 0, offset, b"")
        self.offsets.append(offset)
        error = self.broken(self.now_s)
        if error is not None:
            raise error
        name, content = self.file(self.now_s)
        start = offset if self.ranges else 0
        return LogPart(name, len(content), start, content[start:])

    def followed(self, lines: int | None = None) -> tuple[bytes, SostradesError | None]:
        """Follow the log to its end. Return the output and the error."""

        def look(study: int) -> RunStatus:
            return RunStatus.from_api({"study_case_execution_status": self.status(self.now_s)}, study)

        def sleep(seconds: float) -> None:
            self.now_s += seconds

        clock = SimpleNamespace(
            monotonic=lambda: self.now_s, now=lambda: datetime.fromtimestamp(self.now_s, UTC), sleep=sleep
        )
        studies = SimpleNamespace(log_from=self.log_from, log_ends=lambda _: iter(()), log_head=lambda _: (None, 0))
        api = SimpleNamespace(
            calculations=SimpleNamespace(status=look, poll=lambda study, _: look(study)),
            studies=studies,
            session=SimpleNamespace(host="http://127.0.0.1:1"),
        )
        context = SimpleNamespace(api=api, clock=clock, notify=self.notes.append, state=Path("state"), cache=UNUSED)
        printed = b""
        try:
            for piece in follow(cast("Context", context), 21, WatchOptions(), lines):
                printed += piece
        except SostradesError as error:
            return printed, error
        return printed, None


def until(end_s: float, end: str = "FINISHED") -> Callable[[float], str]:
    """Return a status that is RUNNING until a time."""
    return lambda now_s: "RUNNING" if now_s < end_s else end


def growing(now_s: float) -> tuple[str, bytes]:
    """Return a log that grows by a line a second."""
    return "one.log", b"".join(b"line %d\n" % number for number in range(int(now_s) + 3))


def test_growing_log_is_printed_once() -> None:
    log = FakeLog(until(20), growing)
    assert log.followed() == (growing(20)[1], None)
    assert log.offsets == sorted(log.offsets)
    assert log.offsets.count(0) == 1


def test_log_of_a_server_without_ranges_is_printed_once() -> None:
    assert FakeLog(until(20), growing, ranges=False).followed() == (growing(20)[1], None)


def test_exit_code_is_that_of_the_run() -> None:
    printed, error = FakeLog(until(5, "FAILED"), growing).followed()
    assert printed == growing(5)[1]
    assert isinstance(error, RunFailed)


@pytest.mark.parametrize("lines", [0, 2, 100])
def test_lines_option_limits_the_existing_part(lines: int) -> None:
    printed, _ = FakeLog(until(5), growing).followed(lines)
    assert printed == last_lines([growing(0)[1]], lines) + growing(5)[1][len(growing(0)[1]) :]


@pytest.mark.parametrize("second", [b"new\n", b"new\n" * 100])
def test_log_of_a_new_run_is_printed_from_its_start(second: bytes) -> None:
    log = FakeLog(until(9), lambda now_s: ("one.log", b"old\n" * 10) if now_s < 5 else ("two.log", second))
    assert log.followed() == (b"old\n" * 10 + second, None)
    assert any("new run" in note for note in log.notes)


def test_log_is_complete_after_an_outage() -> None:
    log = FakeLog(until(20), growing, broken=lambda now_s: GONE if 5 <= now_s < 12 else None)
    assert log.followed() == (growing(20)[1], None)


def test_log_is_retried_at_the_end_of_the_run() -> None:
    failures = iter([GONE] * 4)
    log = FakeLog(
        until(20),
        lambda now_s: growing(min(now_s, 20.0)),
        broken=lambda now_s: next(failures, None) if now_s >= 20 else None,
    )
    printed, error = log.followed()
    assert printed == growing(20)[1] or error is not None or any("log" in note for note in log.notes)


def test_lines_option_is_kept_after_a_failed_first_request() -> None:
    before = b"old\n" * 1000
    log = FakeLog(until(9), lambda _: ("one.log", before), broken=lambda now_s: GONE if now_s < 2 else None)
    assert log.followed(3)[0] == b"old\n" * 3


def test_study_that_never_ran_is_an_error() -> None:
    """Its hint has no option that `study logs` does not know."""
    never = NeverRan("no run yet")
    printed, error = FakeLog(lambda _: "", growing, broken=lambda _: never).followed()
    assert printed == b""
    assert isinstance(error, NeverRan)
    assert "--wait-start" not in str(error.hint)


def test_log_of_a_starting_run_is_awaited() -> None:
    log = FakeLog(until(9), growing, broken=lambda now_s: NeverRan("no run yet") if now_s < 4 else None)
    assert log.followed() == (growing(9)[1], None)


def test_permanent_failure_of_the_log_ends_the_follow() -> None:
    _, error = FakeLog(until(9), growing, broken=lambda _: ServerFault("500")).followed()
    assert isinstance(error, ServerFault)
