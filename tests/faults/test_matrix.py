"""Test every command with every fault at each of its requests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import slow
from faults.kinds import KINDS
from faults.matrix import EVERY, cases, judged, sample, slice_of
from faults.scenarios import LOCAL, SCENARIOS, Scenario
from reference.command_tree import COMMANDS

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "reliability.md"


def counts_on_page() -> tuple[int, ...]:
    """Return the numbers of commands, requests, kinds of faults and cases on the page."""
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    match = re.search(r"(\d+) commands, (\d+) requests, (\d+) kinds of faults, (\d+) cases", text)
    assert match is not None
    return tuple(map(int, match.groups()))


def test_every_command_is_in_the_matrix_or_excluded_with_a_reason() -> None:
    typed = {scenario.path for scenario in SCENARIOS}
    assert typed | set(LOCAL) == set(COMMANDS)
    assert typed & set(LOCAL) == set()


@pytest.mark.parametrize("scenarios", [SCENARIOS[::12], slow(SCENARIOS)], ids=len)
def test_two_cases_of_a_command_pass(scenarios: tuple[Scenario, ...]) -> None:
    assert [f"{case}: {text}" for case in sample(scenarios) for text in judged(case)] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(0, EVERY, 6))
def test_every_case_of_a_slice_passes(number: int) -> None:
    """A sixth of all cases; ``python -m tests.faults`` runs the others, too."""
    assert [f"{case}: {text}" for case in slice_of(number) for text in judged(case)] == []


def test_reliability_page_has_the_number_of_commands_and_kinds() -> None:
    commands, _, kinds, _ = counts_on_page()
    assert commands == len({scenario.path for scenario in SCENARIOS})
    assert kinds == len(KINDS)


@pytest.mark.slow
def test_reliability_page_has_the_counts_of_the_matrix() -> None:
    all_cases = list(cases())
    numbers = (
        len({case.scenario.path for case in all_cases}),
        len({(case.scenario, case.step) for case in all_cases}),
        len({case.kind for case in all_cases}),
        len(all_cases),
    )
    assert counts_on_page() == numbers
