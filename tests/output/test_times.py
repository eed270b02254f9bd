"""Test times for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sostrades_cli.output.text import TextCell
from sostrades_cli.output.times import relative, time_cell

NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(0), "just now"),
        (timedelta(seconds=4.9), "just now"),
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(seconds=59.9), "59 s ago"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=29, hours=23), "29 days ago"),
        (timedelta(days=30), "2026-10-30"),
        (timedelta(minutes=-2), "2026-11-29"),
    ],
)
def test_largest_fitting_unit_is_shown(ago: timedelta, text: str) -> None:
    assert relative(NOW - ago, NOW) == text


def test_cell_has_the_exact_time_for_other_formats() -> None:
    assert time_cell("2026-11-29T09:00:00Z", NOW) == TextCell("2026-11-29T09:00:00Z", "3 h ago")


@pytest.mark.parametrize("stamp", [None, "", "yesterday", "2026-11-29T09:00:00"])
def test_cell_of_no_time_is_shown_unchanged(stamp: str | None) -> None:
    assert time_cell(stamp, NOW) == TextCell(stamp, stamp or "")
