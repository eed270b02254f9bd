"""Test setting files that the tool itself wrote: unedited, edited, and with strings that look like literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from server_stub.values import Array

if TYPE_CHECKING:
    from conftest import User

NAMES = ["'2'", "None", "a"]
COMMENTS = ["'None'", "nan", "'it''s'"]
POST = "POST /api/v0/study-case/21/parameters"


@pytest.fixture
def hostile(user: User) -> User:
    """Return a user whose study 21 contains strings that look like literals."""
    table = pd.DataFrame({"name": NAMES, "active": [True, False, True], "comment": COMMENTS, "amount": [1.0, 2.0, 3.0]})
    user.client().study(21).set({"Macro.events": table})
    return user


def events(user: User) -> list[list[object]]:
    """Return the names and comments stored on the server."""
    table = user.world.studies[21].value_to_download("dice.Macro.events")
    return [table.column("name"), table.column("comment")]


def test_unedited_download_is_unchanged(hostile: User) -> None:
    path = hostile.folder / "events.csv"
    hostile.types("param", "download", "21", "dice.Macro.events", "-o", str(path))
    before = hostile.requests.count(POST)
    assert hostile.types("param", "set", "21", f"Macro.events=@{path}").code == 0
    assert hostile.requests.count(POST) == before


def test_edited_export_changes_only_the_edited_cells(hostile: User) -> None:
    folder = hostile.folder / "exported"
    assert hostile.types("study", "export", "21", str(folder)).code == 0
    table = folder / "data" / "Macro.events.csv"
    table.write_text(table.read_text().replace("3.0", "3.5"))
    assert hostile.types("study", "apply", str(folder), "21").code == 0
    assert events(hostile) == [NAMES, COMMENTS]
    assert hostile.types("study", "diff", "21", str(folder), "--exit-code").code == 0


def test_blank_cell_among_strings_is_a_string(user: User) -> None:
    path = user.folder / "events.csv"
    path.write_text('name,active,comment,amount\nA,True," ",1\nB,False,x,2\n')
    assert user.types("param", "set", "21", f"Macro.events=@{path}").code == 0
    assert events(user) == [["A", "B"], [" ", "x"]]


def test_digits_missing_in_downloads_are_sent_once(user: User) -> None:
    path, post = user.folder / "arrays.csv", "POST /api/v0/study-case/32/parameters"
    for count, digits in enumerate(("0.3333333333333333", "0.3333333349"), start=1):
        path.write_text(f"variable,value\nu,[{digits} 2.0]\n")
        assert user.types("param", "set", "32", f"dict_arr=@{path}").code == 0
        assert user.world.studies[32].value_to_download("types.Mixed.dict_arr") == {"u": Array([float(digits), 2.0])}
        assert user.requests.count(post) == count
