"""Test the report of a change."""

from __future__ import annotations

from typing import Any

from fake_study import STUDY

from sostrades_cli.operations.change_report import ChangeReport, ParameterChange, join_reports


def change(key: str, old: Any, new: Any, *, sent: bool = True, notes: tuple[str, ...] = ()) -> ParameterChange:
    return ParameterChange(key, "float", "-", old, new, sent, notes=notes)


def test_joined_rounds_have_the_first_old_and_the_last_new_value() -> None:
    earlier = ChangeReport(STUDY, (change("a", 1, 2, notes=("n",)), change("b", 1, 1, sent=False)))
    later = ChangeReport(STUDY, (change("a", 2, 3), change("b", 5, 5, sent=False), change("c", 7, 8)))
    assert join_reports(earlier, later).changes == (
        change("a", 1, 3, notes=("n",)),
        change("b", 1, 1, sent=False),
        change("c", 7, 8),
    )
