"""Test that the fast reader of columns and the exact reader of rows return the same cells."""

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
    """Draw a table whose rows are as long as its header."""
    width = draw(st.integers(1, 3))
    lines = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=12))
    header = ",".join(f"c{number}" for number in range(width)) + "\n"
    text = header + "".join(",".join(line) + draw(ends) for line in lines)
    return draw(st.sampled_from(["", "\ufeff"])) + draw(st.sampled_from([text, text.removesuffix("\n")]))


files = st.one_of(regular(), loose)
sizes = st.integers(1, 40) | st.just(1 << 16)


def by_row(columns: Iterator[list[Sequence[str]]]) -> list[list[str]]:
    """Return the rows of columns in batches."""
    return [list(row) for batch in columns for row in zip(*batch, strict=True)]


def agree(exact: Callable[[], list[list[str]]], fast: Callable[[], list[list[str]]], broken: type[Exception]) -> None:
    """Assert that both readers return the same rows, or both reject the file."""
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


@effort(150)
@given(files, sizes)
@example("a,b\n1,2,3\n4\n", 100)
@example("a,b\n1\n2,3,4\n", 100)
@example("a\n\n1\n\n", 1)
@example('a,b\n1,"x\n\ny"\n2,z', 6)
@example("a,b\r\n1,2\r\n3,4", 5)
def test_readers_agree_on_files_of_users(text: str, size: int) -> None:
    """Quotes, blank lines, line ends and chunk borders make no difference."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text(text, encoding="utf-8", newline="")
        agree(
            lambda: [row for _, row in rows.numbered(path)], lambda: by_row(rows.user_columns(path, size)), InvalidFile
        )


@effort(150)
@given(files, sizes)
@example("a,b\n1,2\r\n3,4\r\n", 4)
def test_readers_agree_on_downloads(text: str, size: int) -> None:
    """A carriage return is part of a cell."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text(text, encoding="utf-8", newline="")
        agree(lambda: list(rows.server_rows(path)), lambda: by_row(rows.server_columns(path, size)), UnusableAnswer)


def test_both_readers_reject_invalid_utf_8(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"a,b\n1,\xff\n")
    with pytest.raises(InvalidFile):
        list(rows.numbered(tmp_path / "table.csv"))
    with pytest.raises(InvalidFile):
        list(rows.user_columns(tmp_path / "table.csv"))
    with pytest.raises(UnusableAnswer):
        list(rows.server_columns(tmp_path / "table.csv"))
