"""The error of a table shows all of its wrong cells, in the order of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"


def set_table(user: User, text: str, key: str = "Macro.population") -> Outcome:
    """Set a table to the content of a file."""
    file = user.folder / "p.csv"
    file.write_text(text)
    done = user.types("param", "set", "21", f"{key}=@{file}")
    assert (done.code, SENT in user.requests) == (2, False)
    return done


def positions(done: Outcome) -> list[str]:
    """Return the positions in the detail of an error."""
    assert done.error is not None
    return [line.partition(":")[0] for line in (done.error.detail or "").splitlines()]


def test_wrong_cells_of_all_columns_and_causes_are_shown_by_line(user: User) -> None:
    done = set_table(user, 'years,population\n2020,x\n2021,"1,5"\n2022.5,3.0\n2023,\n01,4.0\n2024,n/a\n')
    assert positions(done) == [
        "line 2, column population",
        "line 3, column population",
        "line 4, column years",
        "line 5, column population",
        "line 6, column years",
        "line 7, column population",
    ]
    assert "6 cells" in done.err


def test_ten_cells_and_the_number_of_all_are_shown(user: User) -> None:
    done = set_table(user, "years,population\n" + "".join(f"{2020 + n},x{n}\n" for n in range(25)))
    assert len(positions(done)) == 11
    assert "25 cells" in done.err
    assert "15 more" in done.err


def test_single_cell_is_named_in_the_message(user: User) -> None:
    done = set_table(user, "years,population\n2020,1.5\n2021,x\n2022,2.5\n")
    assert done.error is not None
    assert "line 3, column population: 'x'" in done.error.message
    assert done.error.detail is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("years,population\nyr,Mpeople\n2020,1.5\n2021,2.5\n", "units"),
        ("years,population\n2020,1.5\n2021,2.5\nTotal,n/a\n", "totals"),
    ],
)
def test_row_of_units_or_totals_is_named(user: User, text: str, word: str) -> None:
    done = set_table(user, text)
    assert done.error is not None
    assert word in (done.error.hint or "")


def test_all_rows_with_another_number_of_cells_are_shown(user: User) -> None:
    done = set_table(user, "years,population\n2020,1.5,9\n2021,2.5\n2022\n")
    assert positions(done) == ["line 2", "line 4"]
    assert "2 rows" in done.err


def test_number_in_quotes_is_called_a_text(user: User) -> None:
    done = set_table(user, "years,population\n2020,1.5\n2021,'7800.5'\n2022,2.5\n")
    assert "7800.5 is a text" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("years;population\n2020;7800,5\n", ".xlsx"),
        ('years,population\n2020,"7800,5"\n', "write 7800.5"),
        slow("years,population\n2020,7 800\n", "write 7800"),
        slow("years,population\n2020,1.5\n,\n2021,2.5\n", "rows without values"),
        slow("years,population\n2020,\u2014\n2021,-\n", "None"),
        ("years,population\n2020,n/a\n2021,1.5\n", "None"),
        slow("years,population\n2020,5%\n", "write 0.05 or 5"),
        slow("years,population\n2020,1.5 M\n", "only the number"),
        ("years,population\n2020-01-01,1.5\n", "the year"),
        slow("years,population\n2020,#N/A\n2021,#DIV/0!\n", "formula"),
        slow("World population\nyears,population\n2020,1.5\n", "title"),
        slow("years,population\n2020,1.5\n\nSource: UN\n", "line 4 is a note"),
        slow("years, population\n2020,1.5\n", "'population' instead of ' population'"),
        ("Years,population\n2020,1.5\n", "'years' instead of 'Years'"),
        slow("years,population [Mpeople]\n2020,1.5\n", "'population' instead of"),
        slow("years,population,population\n2020,1.5,2.5\n", "rename"),
    ],
)
def test_hint_fits_the_fault_of_a_messy_file(user: User, text: str, words: str) -> None:
    done = set_table(user, text)
    assert done.error is not None
    assert words in (done.error.hint or "")


def test_missing_value_in_the_first_row_is_not_called_a_row_of_units(user: User) -> None:
    done = set_table(user, "years,population\n2020,n/a\n2021,1.5\n")
    assert "units" not in done.err
