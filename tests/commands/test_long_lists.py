"""Test notes about thousands of names: the first few and a count on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sostrades_cli.output.text import SHOWN_NAMES, listed

if TYPE_CHECKING:
    from conftest import User

LONGEST_LINE = 400


@pytest.mark.parametrize("count", [0, 1, SHOWN_NAMES])
def test_few_names_are_listed_whole(count: int) -> None:
    names = [f"n{number}" for number in range(count)]
    assert listed(names) == ", ".join(names)


def test_many_names_are_shortened_to_the_first_few_and_a_count() -> None:
    assert listed([f"n{number}" for number in range(5_005)]) == "n0, n1, n2, n3, n4 and 5,000 more"


def test_note_about_thousands_of_other_columns_is_short(user: User) -> None:
    path = user.folder / "wide.csv"
    columns = [f"column_{number}" for number in range(2_000)]
    path.write_text(f"{','.join(['years', *columns])}\n{','.join(['2020', *['1.0'] * 2_000])}\n")
    done = user.types("param", "set", "21", f"Macro.population=@{path}", "--force")
    assert done.code == 0, done.err
    assert "column_0" in done.out
    assert "1,995" in done.out
    assert max(map(len, done.out.splitlines())) < LONGEST_LINE


def test_difference_of_thousands_of_columns_is_short(user: User) -> None:
    folder = user.folder / "dice"
    assert user.types("study", "export", "21", str(folder)).code == 0
    columns = [f"column_{number}" for number in range(2_000)]
    path = folder / "data" / "Macro.population.csv"
    path.write_text(f"{','.join(['years', *columns])}\n{','.join(['2020', *['1.0'] * 2_000])}\n")
    done = user.types("study", "diff", "21", str(folder), "-F", "tsv")
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) < LONGEST_LINE
