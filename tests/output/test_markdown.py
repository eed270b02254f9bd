"""Tables as Markdown."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.output.markdown import cell_text, write_markdown
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import User


def written(columns: tuple[str, ...], *rows: Sequence[object]) -> str:
    """Return a table as Markdown."""
    out = io.StringIO()
    write_markdown(Rows(columns, rows), out)
    return out.getvalue()


def test_table_has_a_header_and_a_line_per_row() -> None:
    table = written(("key", "value"), ("Macro.total_damage", 0.3), ("b", None))
    assert table == "| key | value |\n| --- | ---: |\n| Macro.total_damage | 0.3 |\n| b |  |\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a|b", r"a\|b"),
        ("a\nb\r\nc\rd", "a<br>b<br>c<br>d"),
        ("back\\slash", r"back\\slash"),
        ("`code` *b* ~~s~~ $x$", r"\`code\` \*b\* \~\~s\~\~ \$x\$"),
        ("_all_ but_not_this", r"\_all\_ but_not_this"),
        ("<img src=x>", r"\<img src=x>"),
        ("[text](http://link)", r"[text\](http://link)"),
        ("[1, 2]", "[1, 2]"),
        ("&amp; a&b", r"\&amp; a&b"),
        ("\x1b[31mred", r"\\x1b[31mred"),
    ],
)
def test_markup_in_a_cell_is_escaped(text: str, cell: str) -> None:
    assert cell_text(text) == cell


def test_whole_value_is_written() -> None:
    assert "| [1, 2, 3] |" in written(("value",), (TextCell([1, 2, 3], "[1, … 2 more]"),))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12) | st.none()), max_size=5))
def test_each_line_has_the_same_number_of_cells(rows: list[tuple[str, str | None]]) -> None:
    lines = written(("a", "b"), *rows).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(rows) + 2
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {3}


def test_markdown_is_a_format_and_an_ending(user: User) -> None:
    file = user.folder / "list.md"
    assert user.types("param", "list", "21", "-o", str(file)).code == 0
    shown = user.types("param", "list", "21", "-F", "md").out
    assert shown == file.read_text(encoding="utf-8")
    assert shown.startswith("| parameter | kind | type | unit | value |\n| --- |")
