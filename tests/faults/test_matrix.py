"""Test every command with every fault at each of its requests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from faults.matrix import EVERY, cases, counted, judged, sample, slice_of
from faults.scenarios import LOCAL, SCENARIOS
from reference.command_tree import COMMANDS

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "reliability.md"


def test_every_command_is_in_the_matrix_or_excluded_with_a_reason() -> None:
    typed = {scenario.path for scenario in SCENARIOS}
    assert typed | set(LOCAL) == set(COMMANDS)
    assert typed & set(LOCAL) == set()


def test_two_cases_of_every_command_pass() -> None:
    assert [f"{case}: {text}" for case in sample() for text in judged(case)] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(EVERY))
def test_every_case_passes(number: int) -> None:
    assert [f"{case}: {text}" for case in slice_of(number) for text in judged(case)] == []


def test_reliability_page_has_the_counts_of_the_matrix() -> None:
    all_cases = list(cases())
    numbers = (
        len({case.scenario.path for case in all_cases}),
        len({(case.scenario, case.step) for case in all_cases}),
        len({case.kind for case in all_cases}),
        sum(counted().total.values()),
    )
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    match = re.search(r"(\d+) commands, (\d+) requests, (\d+) kinds of faults, (\d+) cases", text)
    assert match is not None
    assert tuple(map(int, match.groups())) == numbers
