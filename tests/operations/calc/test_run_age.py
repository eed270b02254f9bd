"""Test the age of a run by its log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sostrades_cli.api.studies import LogPart
from sostrades_cli.errors import ServerFault
from sostrades_cli.operations.calc.run_age import LogAges, log_ages, run_age_s

if TYPE_CHECKING:
    from sostrades_cli.operations.context import Context

START = datetime(2026, 11, 22, 22, 44, 24, 597_000, tzinfo=UTC)


def line(after_s: float, text: str = "Start of the run", zone_h: float = 0.0) -> bytes:
    """Return a line of a log on a server of another time zone."""
    at = START + timedelta(seconds=after_s, hours=zone_h)
    return f"[{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}] MAIN_SERVER INFO in m: {text}\n".encode()


def context_with(
    log: bytes, *, modified_s: float | None, answered_s: float | None, ranges: bool = True, grown: int = 0
) -> Context:
    """Return the context of a server with this log, which grew by some bytes since its size was read."""

    def log_from(_: int, offset: int, *, end: int, within_s: float) -> LogPart:
        del within_s
        modified, answered = (
            None if s is None else (START + timedelta(seconds=s)).replace(microsecond=0)
            for s in (modified_s, answered_s)
        )
        start = offset if ranges else 0
        return LogPart("sc1-sce1.log", len(log) + grown * bool(offset), start, log[start:end], modified, answered)

    return cast("Context", SimpleNamespace(api=SimpleNamespace(studies=SimpleNamespace(log_from=log_from))))


def age(log: bytes, *, modified_s: float | None, answered_s: float | None) -> float | None:
    """Return the age of a run with this log."""
    return run_age_s(context_with(log, modified_s=modified_s, answered_s=answered_s), 1)


@pytest.mark.parametrize("zone_h", [0.0, 2.0, -9.5, 5.75, 14.0], ids=str)
def test_age_does_not_depend_on_the_time_zone_of_the_server(zone_h: float) -> None:
    log = line(0, zone_h=zone_h) + line(70, zone_h=zone_h) + b"a line printed by the model\n"
    assert age(log, modified_s=80, answered_s=90) == pytest.approx(90, abs=1)


def test_age_is_read_from_a_huge_log() -> None:
    log = line(0) + b"".join(line(second, "x" * 100) for second in range(1, 3_000))
    assert age(log, modified_s=3_000, answered_s=3_003) == pytest.approx(3_003, abs=1)


def test_age_does_not_depend_on_ranges() -> None:
    log = line(0) + b"".join(line(second, "x" * 100) for second in range(1, 3_000))
    context = context_with(log, modified_s=3_000, answered_s=3_003, ranges=False)
    assert run_age_s(context, 1) == pytest.approx(3_003, abs=1)


def test_age_is_unknown_if_a_server_without_ranges_does_not_tell_the_size_of_a_huge_log() -> None:
    log = line(0) + b"".join(line(second, "x" * 100) for second in range(1, 3_000))
    context = context_with(log, modified_s=9_000, answered_s=9_003, ranges=False, grown=900_000)
    assert run_age_s(context, 1) is None


def test_ended_run_has_the_ages_of_its_first_and_last_line() -> None:
    log = line(0) + line(70) + b"a line printed by the model\n"
    ages = log_ages(context_with(log, modified_s=70, answered_s=3600), 1)
    assert ages == LogAges(pytest.approx(3600, abs=1), pytest.approx(3530, abs=1))


def test_age_during_the_first_second_is_not_negative() -> None:
    assert age(line(0), modified_s=0, answered_s=0) == 0.0


@pytest.mark.parametrize(
    ("log", "modified_s", "answered_s"),
    [
        (b"", 1, 2),
        (b"no time stamp\n", 1, 2),
        (b"[2026-99-99 99:99:99,999] x\n", 1, 2),
        (line(0), None, 2),
        (line(0), 1, None),
        (line(0), 1, -60),
    ],
    ids=["empty", "no stamp", "invalid stamp", "no last-modified", "no date", "ends before its start"],
)
def test_age_is_unknown_without_valid_times(log: bytes, modified_s: float | None, answered_s: float | None) -> None:
    assert age(log, modified_s=modified_s, answered_s=answered_s) is None


def test_age_is_unknown_without_a_readable_log() -> None:
    def log_from(*_: int, **__: float) -> LogPart:
        raise ServerFault("no log")

    assert (
        run_age_s(cast("Context", SimpleNamespace(api=SimpleNamespace(studies=SimpleNamespace(log_from=log_from)))), 1)
        is None
    )
