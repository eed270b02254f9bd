"""Test `sostrades postproc list` at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User


@pytest.mark.parametrize(("study", "has_source"), [("27", False), ("21", True)])
def test_terminal_shows_the_source_only_if_it_differs(user: User, study: str, has_source: bool) -> None:
    shown = user.types("postproc", "list", study, tty=True, COLUMNS="200", NO_COLOR="1").out
    assert ("read-only" in shown) is has_source
    assert "source" in user.types("postproc", "list", study).out.splitlines()[0].split("\t")


def test_key_charts_are_marked(user: User) -> None:
    shown = user.types("postproc", "list", "21", tty=True, COLUMNS="200", NO_COLOR="1").out.splitlines()
    at = shown[0].index("key chart")
    marked = [line for line in shown[1:] if line[at : at + 3] == "key"]
    assert [("Output per year" in line or "Damages" in line) for line in marked] == [True, True]
