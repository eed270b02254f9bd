"""Test the list from which the user picks rows, with typed keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from sostrades_cli.cli.picker import Menu, pick
from sostrades_cli.output.text_width import cells

if TYPE_CHECKING:
    from collections.abc import Mapping

STUDIES = {"21  dice": "90 parameters", "23  witness": "2326 parameters", "24  sellar": ""}
ENTER, ESCAPE, TAB, DOWN, UP, CTRL_C, CTRL_D = "\r", "\x1b", "\t", "\x1b[B", "\x1b[A", "\x03", "\x04"


def picked(keys: str, rows: Mapping[str, str] = STUDIES, *, several: bool = False) -> list[str]:
    """Type keys and return the picked rows."""
    with create_pipe_input() as terminal, create_app_session(terminal, DummyOutput()):
        terminal.send_text(keys)
        return pick("STUDY", rows, several=several)


def text_of(menu: Menu, width: int, height: int) -> list[str]:
    """Return the lines of a menu."""
    return "".join(part[1] for part in menu.lines(width, height)).splitlines()


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (ENTER, "21  dice"),
        (DOWN + ENTER, "23  witness"),
        (DOWN * 9 + UP + ENTER, "23  witness"),
        ("sell" + ENTER, "24  sellar"),
        ("24" + ENTER, "24  sellar"),
        ("wtns" + ENTER, "23  witness"),
        ("WIT" + ENTER, "23  witness"),
        ("2 dice" + ENTER, "21  dice"),
        ("zz" + ENTER + "\x7f\x7f" + ENTER, "21  dice"),
    ],
)
def test_enter_selects_the_current_row(keys: str, row: str) -> None:
    assert picked(keys) == [row]


@pytest.mark.parametrize("keys", [ESCAPE, CTRL_D, "wit" + ESCAPE])
def test_leaving_the_list_selects_nothing(keys: str) -> None:
    assert picked(keys) == []


def test_ctrl_c_interrupts() -> None:
    with pytest.raises(KeyboardInterrupt):
        picked(CTRL_C)


def test_tab_marks_several_rows_in_their_order() -> None:
    assert picked("24" + TAB + "\x7f\x7f" + TAB + ENTER, several=True) == ["24  sellar", "21  dice"]


def test_second_tab_removes_a_mark() -> None:
    assert picked(TAB + UP + TAB + TAB + ENTER, several=True) == ["23  witness"]


def test_several_rows_cannot_be_marked_where_one_is_needed() -> None:
    assert picked(TAB + DOWN + TAB + ENTER) == ["23  witness"]


def test_whole_word_precedes_scattered_letters() -> None:
    menu = Menu({"trade.a.x": "", "Carbon.tax": ""}, several=False)
    menu.query.text = "tax"
    assert [match.text for match in menu.matches] == ["Carbon.tax", "trade.a.x"]


def test_descriptions_are_aligned_and_left_out_without_room() -> None:
    menu = Menu(STUDIES, several=False)
    assert text_of(menu, 80, 5) == ["> 21  dice     90 parameters", "  23  witness  2326 parameters", "  24  sellar"]
    assert text_of(menu, 20, 5) == ["> 21  dice", "  23  witness", "  24  sellar"]


def test_long_name_is_cut_in_the_middle() -> None:
    menu = Menu({"Mix." + "x" * 100 + ".demand": "float"}, several=True)
    (line,) = text_of(menu, 40, 5)
    assert len(line) == 40
    assert line.startswith(">   Mix.x")
    assert "…" in line
    assert line.endswith("x.demand")


@pytest.mark.parametrize("name", ["漢" * 20, "a" + "漢" * 20, "漢字.demand" * 4, "e\u0301" * 30])
@pytest.mark.parametrize("width", [4, 19, 20, 21])
def test_wide_letters_are_cut_to_columns(name: str, width: int) -> None:
    (line,) = text_of(Menu({name: ""}, several=False), width, 5)
    assert "…" in line
    assert width - 1 <= cells(line) <= width
    assert "…\u0301" not in line


def test_wide_description_is_left_out_without_room() -> None:
    menu = Menu({"21": "漢" * 10}, several=False)
    assert text_of(menu, 26, 5) == ["> 21  " + "漢" * 10]
    assert text_of(menu, 25, 5) == ["> 21"]


def test_descriptions_beside_wide_names_are_aligned() -> None:
    lines = text_of(Menu({"漢字": "x", "abc": "y"}, several=False), 40, 5)
    assert [cells(line.rstrip("xy")) for line in lines] == [8, 8]


@pytest.mark.parametrize("query", ["total dam", "  total dam", "total dam "])
def test_words_are_found_with_the_blanks_between_them(query: str) -> None:
    rows = ["t-o-t-a-l-d-a-m x", "Sum of total damage"]
    menu = Menu(dict.fromkeys(rows, ""), several=False)
    menu.query.text = query
    assert [match.text for match in menu.matches] == rows[::-1]


def test_list_scrolls_with_the_current_row() -> None:
    menu = Menu({f"row {number:02}": "" for number in range(30)}, several=False)
    menu.move(29)
    assert text_of(menu, 80, 5) == ["  row 25", "  row 26", "  row 27", "  row 28", "> row 29"]


def test_control_codes_in_names_are_visible_text() -> None:
    menu = Menu({"\x1b[2Jname": "\x1b[31mred"}, several=False)
    menu.query.text = "na"
    assert "\x1b" not in "".join(text_of(menu, 80, 5))
    assert picked(ENTER, {"\x1b[2Jname": ""}) == ["\x1b[2Jname"]
