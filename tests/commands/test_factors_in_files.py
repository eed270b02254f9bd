"""Test keys that end in ``*`` with a number in a file: a multiplication is possible only on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", '"Macro.gamma*" = 1.1\n'),
        ("a.toml", '[Macro]\n"gamma*" = 1.1\n'),
        ("a.json", '{"Macro.gamma*": 2}'),
        ("a.csv", "key,value\nMacro.gamma*,1.1\n"),
    ],
)
def test_factor_in_a_file_is_rejected(user: User, name: str, text: str) -> None:
    file = user.folder / name
    file.write_text(text)
    done = user.types("param", "set", "21", "--from", str(file))
    assert (done.code, done.kind, SENT in user.requests) == (2, "usage", False)
    assert "command line" in done.err


def test_factor_in_a_column_of_a_sweep_is_rejected(user: User) -> None:
    cases, results = user.folder / "cases.csv", user.folder / "r.csv"
    cases.write_text("Macro.gamma*\n1.1\n")
    done = user.types("calc", "sweep", "21", str(cases), "--collect", "Damage.total_damage", "-o", str(results))
    assert done.code == 2
    assert SENT not in user.requests
