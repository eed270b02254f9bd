"""Tables on a terminal, in windows of several widths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Terminal
from rich.cells import cell_len

from sostrades_cli.output.results import TerminalTable
from sostrades_cli.output.table import STYLES, write_table
from sostrades_cli.output.text import MADE, ChangeCell, TextCell, brief

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTHS = [60, 80, 200]
CODES = re.compile(r"\x1b\[[0-9;]*m")
COLUMNS = ("parameter", "type", "unit", "value")
LONG = f"witness.Climate.{'Very_long_discipline_name.' * 3}CO2_by_sector_and_year_[Gt].final"
ROWS = [
    ("dice.Macro.gamma", "float", "-", 0.3),
    ("dice.[bold]Macro[/bold].[red]x", "float", "[/]", 12.5),
    ("dice.Gas :smile: & more", "string", None, "[link=https://evil.example]click[/link]"),
    (LONG, "dataframe", "$/t", TextCell("://dataframe", "table")),
    ("dice.中文.été", "string", "👍", "a\x1b[31mred\ttab\nline"),
]


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    """Return the width of the widest line."""
    wide: int = request.param
    return wide


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int, *, color: bool = False) -> list[str]:
    """Return the lines of a table on a terminal."""
    out = Terminal(tty=True)
    write_table(TerminalTable(tuple(columns), rows), out, color=color, width=width)
    assert out.written.endswith("\n")
    return out.written.removesuffix("\n").split("\n")


def folded(lines: Sequence[str], starts: Sequence[int]) -> list[str]:
    """Join the lines of each cell in a row; the columns start at the given positions."""
    ends = [*starts[1:], None]
    return ["".join(line[a:b].strip() for line in lines) for a, b in zip(starts, ends, strict=True)]


def test_no_line_is_wider_than_the_window(width: int) -> None:
    """Wide characters count as two."""
    assert max(cell_len(line) for line in table(COLUMNS, ROWS, width)) <= width


@pytest.mark.parametrize(("most", "hint"), [(2, "first 2 of 3 rows"), (3, "")])
def test_first_rows_have_a_hint_if_there_are_more(most: int, hint: str) -> None:
    first = TerminalTable(("a",), [(1,), (2,), (3,)]).first(most)
    assert (len(first.rows), first.aside) == (most, hint)


def test_values_in_a_narrow_window_are_aligned() -> None:
    lines = table(("name", "漢字", "unit", *"abc"), [("n", "=x", "=y", "=1", "=2", "=3")], 16)
    assert {cell_len(line[: line.index("=")]) for line in lines[1:]} == {8}


def test_long_name_is_cut_in_the_middle(width: int) -> None:
    header, line = table(("parameter", "type", "value"), [(LONG, "float", 1.5)], width)
    name, *rest = line.split()
    assert rest == ["float", "1.5"]
    if width < len(LONG):
        start, end = name.split("…")
        assert LONG.startswith(start)
        assert LONG.endswith(end)
        assert abs(len(start) - len(end)) <= 1
        assert len(line) == width
    else:
        assert name == LONG
    assert line.index("float") == header.index("type")


def test_one_long_name_takes_no_room_from_other_columns() -> None:
    rows = [("dice.gamma", "x" * 50)] * 30
    assert all("x" * 50 in line for line in table(("parameter", "value"), [*rows, (LONG, "y")], 64)[1:-1])


def test_name_a_little_longer_than_the_others_is_whole() -> None:
    rows = [("host name", "x " * 50), ("chart library", "y")]
    assert any(line.startswith("chart library ") for line in table(("check", "result"), rows, 60))


def test_shortened_value_is_one_line() -> None:
    out = Terminal(tty=True)
    values = list(range(10, 90, 10))
    rows = TerminalTable(("parameter", "note", "value"), [(LONG, "n " * 30, values)], briefs={"value": brief})
    write_table(rows, out, color=False, width=60)
    value = out.written.splitlines()[1].split()[-1]
    assert value.endswith("more]")
    assert brief(values) == "[10, 20, 30, … 5 more]"


def test_markup_in_names_is_literal(width: int) -> None:
    words = ["[bold]Macro[/bold].[red]x", ":smile:", "[link=https://evil.example]click[/link]"]
    if width == WIDTHS[-1]:
        assert all(any(word in line for line in table(COLUMNS, ROWS, width)) for word in words)
    every = "".join("".join(table(("x",), [(word,)], width)) for word in words)
    assert all(word in every for word in words)


def test_control_characters_are_escaped(width: int) -> None:
    lines = table(("x",), [("a\x1b[31mred\ttab\nline",)], width)
    assert lines[1].rstrip() == r"a\x1b[31mred\ttab\nline"
    assert len(lines) == 2
    assert not any("\x1b" in line for line in table(COLUMNS, ROWS, width))


def test_header_of_the_server_is_escaped(width: int) -> None:
    assert table(("[bold]q\x1b[1m",), [(1,)], width)[0].strip() == r"[bold]q\x1b[1m"


def test_numbers_are_right_aligned(width: int) -> None:
    lines = table(("number", "mixed"), [(1, 1), (None, "x"), (1000.5, 2.5)], width)
    assert [line[: len("number")] for line in lines[1:]] == ["     1", "      ", "1000.5"]
    assert {line.index(cell) for line, cell in zip(lines[1:], ["1 ", "x", "2.5"], strict=True) if cell != "1 "} == {
        lines[0].index("mixed")
    }


def test_table_without_rows_is_its_header(width: int) -> None:
    assert [line.split() for line in table(COLUMNS, [], width)] == [list(COLUMNS)]


def test_no_colour_means_no_escape_codes(width: int) -> None:
    assert not any("\x1b" in line for line in table(("status",), [(status,) for status in STYLES], width))


def test_colour_does_not_change_the_text(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = [("FAILED", 1), ("FINISHED", 2), ("other", 3)]
    lines = table(("status", "n"), rows, width, color=True)
    assert [CODES.sub("", line) for line in lines] == table(("status", "n"), rows, width)
    assert "\x1b[31mFAILED" in lines[1]
    assert "\x1b[32mFINISHED" in lines[2]
    assert "\x1b" not in lines[3]


@pytest.mark.parametrize("count", [12, 40])
def test_every_value_of_many_columns_is_shown(width: int, count: int) -> None:
    written = table([f"year_{number}" for number in range(count)], [[1000 + number for number in range(count)]], width)
    digits = re.sub(r"[^0-9]", "", "".join(written))
    assert len(digits) >= 4 * count
    assert "…" not in "".join(written)


def test_text_is_broken_after_dots_and_blanks() -> None:
    rows = [("gamma", "dice.Macro.savings_rate_of_all_regions", "x " * 40)]
    lines = table(("parameter", "note", "value"), rows, 60)
    assert (lines[1].split()[1], lines[2].split()[0]) == ("dice.Macro.savings_rate_", "of_all_regions")


def test_column_of_keys_is_cut_and_texts_before_it_are_not() -> None:
    rows = [("12 min ago", LONG, "x " * 20)]
    lines = table(("time", "key", "note"), rows, 60)
    assert lines[1].startswith("12 min ago  witness.")
    assert "…" in lines[1]


def test_wide_characters_are_cut_by_their_width() -> None:
    (_, line) = table(("parameter", "value"), [("中" * 60, "x" * 10)], 40)
    assert cell_len(line) <= 40
    assert line.startswith("中中")
    assert "中…中" in line
    assert line.endswith("  xxxxxxxxxx")


# Changes -----------------------------------------------------------------------------------------------


def change(old: str, new: str | None, width: int, *, color: bool = False, **more: Any) -> list[str]:
    """Return the lines of a change on a terminal."""
    out = Terminal(tty=True)
    rows = TerminalTable(("parameter", "change"), [("gamma", ChangeCell(old, new))], mark=MADE, **more)
    write_table(rows, out, color=color, width=width)
    return out.written.splitlines()


def test_change_is_one_line_with_its_hint_at_the_right() -> None:
    (line,) = change("0.3", "0.25", 60, aside="undo: x")
    assert line == f"{'✓ gamma  0.3 → 0.25':53}undo: x"


def test_hint_that_does_not_fit_is_below() -> None:
    assert change("0.3", "0.25", 24, aside="undo: sostrades param undo 21") == [
        "✓ gamma  0.3 → 0.25",
        "undo: sostrades param undo 21",
    ]


def test_long_new_value_is_below_the_old_one() -> None:
    assert change("a" * 20, "b" * 20, 36) == [f"✓ gamma  {'a' * 20}", f"         → {'b' * 20}"]


def test_old_value_is_red_and_new_value_green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    (line,) = change("0.3", "0.25", 60, color=True)
    assert line == "\x1b[32m✓\x1b[0m gamma  \x1b[31m0.3\x1b[0m\x1b[2m → \x1b[0m\x1b[32m0.25\x1b[0m"


def test_change_in_words_has_no_arrow() -> None:
    assert change("11 rows of a.csv", None, 60) == ["✓ gamma  11 rows of a.csv"]


def test_control_characters_of_a_change_are_escaped() -> None:
    assert change("a\x1b[2J", "\x9bb", 60) == [r"✓ gamma  a\x1b[2J → \x9bb"]


def test_columns_that_do_not_fit_become_lines() -> None:
    columns = ("number", *(f"a_{letter * 9}" for letter in "bcdef"))
    lines = table(columns, [(1, "one", "two", None, "three", 4.5), (2, "other", None, None, None, 1)], 40)
    assert lines == [
        "1 · one",
        "  a_ccccccccc  two",
        "  a_eeeeeeeee  three",
        "  a_fffffffff  4.5",
        "2 · other",
        "  a_fffffffff  1",
    ]


def test_text_below_a_cell_is_wrapped_in_its_column(width: int) -> None:
    out = Terminal(tty=True)
    broken = TextCell("broken", "broken", below="do this " * 12)
    rows = TerminalTable(("check", "found"), [("load", broken), ("key", "ok")])
    write_table(rows, out, color=False, width=width)
    header, *lines = out.written.splitlines()
    assert header.split() == ["check", "found"]
    start = header.index("found")
    assert [line[:start].strip() for line in lines if line[:start].strip()] == ["load", "key"]
    beneath = " ".join(line[start:].strip() for line in lines if not line[:start].strip())
    assert beneath.split() == ["do", "this"] * 12


@pytest.mark.parametrize("width", [10, 40, 70])
def test_line_below_a_row_is_cut_at_the_window(width: int) -> None:
    out = Terminal(tty=True)
    cell = TextCell("Label", "Label", line="Définition\x1b 日本語 " * 4)
    write_table(TerminalTable(("name", "label"), [("a.b", cell), ("c", "no more")]), out, color=False, width=width)
    lines = out.written.splitlines()
    [line] = [line for line in lines if line.startswith("  D")]
    assert cell_len(line) <= width
    assert line.endswith("…")
    assert "\x1b" not in line
