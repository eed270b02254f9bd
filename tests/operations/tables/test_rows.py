"""The fast reader of columns and the exact reader of rows give the same cells of any file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fuzz.effort import effort
from hypothesis import example, given
from hypothesis import strategies as st

from sostrades_cli.errors import InvalidFile, UnusableAnswer
from sostrades_cli.operations.tables import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PARTS = [",", ",", "\n", "\n", "\r\n", "\r", '"', '""', "\ufeff", "\0", "\x1f", "\x0b", "\x1c", "\u2028", "é", " ", "#"]
loose = st.lists(st.sampled_from(PARTS) | st.sampled_from(["a", "1", "1.5", "'x'", "None"]), max_size=30).map("".join)
cells = st.sampled_from(
    ["", "1", "-2.5e3", "a b", '"a,b"', '"two\nlines"', '"say ""hi"""', '"\r"', "[1. 2.]", "2020-01-01"]
)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n"])


@st.composite
def regular(draw: st.DrawFn) -> str:
    """Draw a table whose rows have as many cells as its header."""
    width = draw(st.integers(1, 3))
    lines = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12))
    header = ",".join(f"c{number}" for number in range(width)) + "\n"
    text = header + "".join(",".join(line) + draw(ends) for line in lines)
    return draw(st.sampled_from(["", "\ufeff"])) + draw(st.sampled_from([text, text.removesuffix("\n")]))


files = st.one_of(regular(), loose)
sizes = st.integers(1, 40) | st.just(1 << 16)


def by_row(columns: Iterator[list[Sequence[str]]]) -> list[list[str]]:
    """Return the rows that are given by columns, many at a time."""
    return [list(row) for batch in columns for row in zip(*batch, strict=True)]


def agree(exact: Callable[[], list[list[str]]], fast: Callable[[], list[list[str]]], broken: type[Exception]) -> None:
    """Assert that both readers give the same rows, or refuse the file."""
    try:
        expected = exact()
    except broken:
        with pytest.raises((broken, rows.RaggedRowsError)):
            fast()
        return
    if len(set(map(len, expected))) > 1:
        with pytest.raises(rows.RaggedRowsError):
            fast()
    else:
        assert fast() == expected


@effort(300)
@given(files, sizes)
@example("a,b\n1,2,3\n4\n", 100)
@example("a,b\n1\n2,3,4\n", 100)
@example("a\n\n1\n\n", 1)
@example('a,b\n1,"x\n\ny"\n2,z', 6)
@example("a,b\r\n1,2\r\n3,4", 5)
def test_users_files_have_the_same_cells_for_both_readers(text: str, size: int) -> None:
    """Quotes, blank lines, all ends of lines and the borders of pieces make no difference."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text(text, encoding="utf-8", newline="")
        agree(
            lambda: [row for _, row in rows.numbered(path)], lambda: by_row(rows.user_columns(path, size)), InvalidFile
        )


@effort(300)
@given(files, sizes)
@example("a,b\n1,2\r\n3,4\r\n", 4)
def test_downloads_have_the_same_cells_for_both_readers(text: str, size: int) -> None:
    """A carriage return is part of a cell."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text(text, encoding="utf-8", newline="")
        agree(lambda: list(rows.server_rows(path)), lambda: by_row(rows.server_columns(path, size)), UnusableAnswer)


def test_a_file_that_is_not_utf8_is_refused_by_both_readers(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"a,b\n1,\xff\n")
    with pytest.raises(InvalidFile):
        list(rows.numbered(tmp_path / "table.csv"))
    with pytest.raises(InvalidFile):
        list(rows.user_columns(tmp_path / "table.csv"))
    with pytest.raises(UnusableAnswer):
        list(rows.server_columns(tmp_path / "table.csv"))
