"""Test a home folder in which nothing can be written."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not read HOME")


@pytest.fixture
def homeless(user: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return a user without folders for settings, cache and history."""
    monkeypatch.setenv("HOME", os.devnull)
    for name in ("CONFIG", "CACHE", "STATE"):
        del user.environ[f"SOSTRADES_{name}_DIR"]
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    return user


@pytest.mark.parametrize("line", ["study load 21", "study list", "config explain key"])
def test_reads_need_no_home(homeless: User, line: str) -> None:
    done = homeless.types(*line.split())
    assert (done.code, bool(done.out)) == (0, True), done.err


@pytest.mark.parametrize(
    ("line", "variable"),
    [("param set 21 Macro.gamma=0.4", "SOSTRADES_STATE_DIR"), ("alias set dice 21", "SOSTRADES_CONFIG_DIR")],
)
def test_changes_name_the_variable_of_a_folder(homeless: User, line: str, variable: str) -> None:
    done = homeless.types(*line.split())
    assert done.code == 2
    assert done.error is not None
    assert variable in str(done.error.hint)
    assert "POST /api/v0/study-case/21/parameters" not in homeless.requests
