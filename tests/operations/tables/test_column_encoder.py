"""Test that encoding cells in batches equals encoding them one by one."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.effort import effort
from hypothesis import example, given, reject
from hypothesis import strategies as st
from operations.tables.test_survey import numbers, texts, words

from sostrades_cli.errors import UsageError
from sostrades_cli.operations.tables import upload
from sostrades_cli.operations.tables.column_encoder import ColumnEncoder, UnfitError
from sostrades_cli.operations.tables.column_types import KnownColumn
from sostrades_cli.operations.tables.layout import ANY
from sostrades_cli.operations.tables.misfits import BOOL, FLOAT, INT, STRING, Notation

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = [
    numbers,
    numbers | st.just("None"),
    numbers | st.just(""),
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False).map(repr),
    st.decimals(-1000, 1000, places=5).map(str) | st.decimals(-1, 1, places=7).map("{:f}".format),
    texts,
    texts | words,
    st.sampled_from(["Rome", "Paris", "", "None", "a,b", 'say "hi"', "two\nlines"]),
]
known_columns = st.builds(
    KnownColumn, st.sampled_from([None, INT, FLOAT, STRING, BOOL]), declared=st.booleans(), blanks=st.booleans()
)


@st.composite
def columns(draw: st.DrawFn) -> list[str]:
    """Draw the cells of a column."""
    return draw(st.lists(draw(st.sampled_from(KINDS)), min_size=1, max_size=6))


def outcome(encoder: ColumnEncoder, batches: Sequence[Sequence[str]]) -> list[tuple[str, str]] | None:
    """Return all cells as sent and as shown, or ``None`` if one of them cannot be stored."""
    try:
        return [pair for batch in batches for pair in zip(*encoder.encode(batch), strict=True)]
    except UnfitError:
        return None


def outcome_of_each(encoder: ColumnEncoder, column: Sequence[str]) -> list[tuple[str, str]] | None:
    """Return the same, cell by cell."""
    try:
        return [encoder.encode_cell(cell) for cell in column]
    except UnfitError:
        return None


@effort(200)
@given(columns(), known_columns, st.sampled_from([Notation.FILE, Notation.DOWNLOAD]))
@example(["1e-400", "1.5"], KnownColumn(FLOAT), Notation.FILE)
@example(["1e400", "1.5"], KnownColumn(FLOAT), Notation.FILE)
@example(["-0", "+5", " 7 "], KnownColumn(), Notation.FILE)
@example(["0.0001", "-0.0", "12.05", "0.5"], KnownColumn(), Notation.FILE)
@example(["0.00001", "1.5"], KnownColumn(), Notation.FILE)
@example(["1.50", "1."], KnownColumn(), Notation.FILE)
@example(["0.1", "", "1e22"], KnownColumn(FLOAT, blanks=True), Notation.FILE)
@example(["x", "None", ""], KnownColumn(STRING), Notation.DOWNLOAD)
def test_batches_are_encoded_like_single_cells(column: list[str], known: KnownColumn, notation: Notation) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(enumerate(["c", *column]))
        try:
            _, typed = upload.check(upload.UploadSource(path, "it", ANY, notation, {"c": known}), "x")
        except UsageError:
            reject()
        together, single = ColumnEncoder(typed), ColumnEncoder(typed)
        assert outcome(together, [column]) == outcome_of_each(single, column)
        assert (together.needed, together.recorded, together.doubtful) == (
            single.needed,
            single.recorded,
            single.doubtful,
        )
