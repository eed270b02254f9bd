"""Test `sostrades postproc list` at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from conftest import User


@pytest.mark.parametrize("study", [slow("21"), "27"])
def test_terminal_shows_the_source_only_if_it_differs(user: User, study: str) -> None:
    shown = user.types("postproc", "list", study, tty=True, NO_COLOR="1").out
    assert ("read-only" in shown, len(shown.splitlines()[0]) <= 80) == (False, True)
    assert "source" in user.types("postproc", "list", study).out.splitlines()[0].split("\t")
    assert user.types("param", "set", "21", "Macro.gamma=0.35").code == 0
    assert study == "27" or "page" in user.types("postproc", "list", study, tty=True, NO_COLOR="1").out


def test_every_chart_of_a_small_study_has_one_line(user: User) -> None:
    assert len(user.types("postproc", "list", "21", tty=True, NO_COLOR="1").out.splitlines()) == 11
