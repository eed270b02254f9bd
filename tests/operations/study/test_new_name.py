"""Test names of new studies: the rules of the web page, and taken names."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.local.cache import CachedStudy
from sostrades_cli.operations.study.new_name import LONGEST, validate_study_name

SEEN = (CachedStudy(21, "dice", 100, 0.0), CachedStudy(22, "", 0, 0.0), CachedStudy(23, "sellar", 50, 0.0))
ALLOWED = string.ascii_letters + string.digits + "_-"


def refused(name: str, source_name: str | None = "source") -> UsageError | None:
    """Return the error for a name of a copy of study 30."""
    try:
        validate_study_name(name, 30, source_name, SEEN)
    except UsageError as error:
        return error
    return None


@given(st.text(st.sampled_from(ALLOWED), min_size=1, max_size=LONGEST).filter(lambda n: n not in {"dice", "sellar"}))
def test_name_of_letters_digits_underscores_and_hyphens_is_accepted(name: str) -> None:
    assert refused(name, None) is None


@given(st.text(max_size=LONGEST))
def test_name_is_accepted_only_if_the_pattern_of_the_web_page_matches(name: str) -> None:
    """Blanks, dots, brackets, line ends and non-ASCII letters are rejected."""
    if not re.match(r"\A[A-Za-z0-9_-]+\Z", name):
        assert refused(name) is not None


@pytest.mark.parametrize("name", ["", " ", "a b", "dice.v2", "é", "a\n", "a/b", "a'b", "²", "Ⅷ", "x" * (LONGEST + 1)])
def test_invalid_name_is_rejected(name: str) -> None:
    error = refused(name)
    assert error is not None
    assert str(LONGEST) in (error.hint or "")


@pytest.mark.parametrize(("name", "study"), [("dice", 21), ("sellar", 23), ("source", 30)])
def test_taken_name_is_rejected(name: str, study: int) -> None:
    error = refused(name)
    assert error is not None
    assert f"study {study}" in error.message


@pytest.mark.parametrize("name", ["Dice", "DICE", "dice2", "sourc"])
def test_names_are_case_sensitive(name: str) -> None:
    assert refused(name) is None
