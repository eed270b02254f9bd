"""Test that surveying a column in batches equals surveying it cell by cell."""

from __future__ import annotations

from fuzz.effort import effort
from hypothesis import example, given
from hypothesis import strategies as st

from sostrades_cli.operations.tables import cells
from sostrades_cli.operations.tables.survey import ColumnSurvey

HOSTILE = "0123456789+-.eEinfatNTruesl \t\n\r'\"[](),_xb\\#{}:\xa0é\u2028\0\x1a\x1f\x7f\u200b"
numbers = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.from_regex(r"[ \t]{0,2}[+-]?[0-9]{0,18}\.?[0-9]{0,18}([eE][+-]?[0-9]{1,3})?[ \t]{0,2}", fullmatch=True),
)
texts = st.text(st.sampled_from(HOSTILE), max_size=8) | st.text(st.characters(codec="utf-8"), max_size=6)
words = st.sampled_from(
    ["Rome", "true", "None", "", " ", "nan", "N/A", "inf", "set(", "b'x'", "a b", "a ", "(1)", "'q'"]
)
dates = (
    st.datetimes().map(str) | st.dates().map(str) | st.sampled_from(["2020-01-01T00:00:00Z", "2020-10-10T10:00+01:00"])
)
KINDS = [
    numbers,
    st.sampled_from(["0", "1", "0.0", "1.0"]),
    texts,
    words,
    dates,
    numbers | words,
    words | dates | texts,
]


@st.composite
def columns(draw: st.DrawFn) -> list[list[str]]:
    """Draw the batches of a column."""
    kind = draw(st.sampled_from(KINDS))
    return draw(st.lists(st.lists(kind, min_size=1, max_size=6), max_size=3))


@effort(200)
@given(columns())
@example([["1", "007"]])
@example([["1", "00.5"]])
@example([["1.5", "123456789012345.6"]])
@example([["1234567890123456"]])
@example([["123456789012345.", ".123456789012345"]])
@example([["", "1"], ["None", "x"]])
@example([["2020-10-10 10:00:00+01:00", "x"]])
def test_batches_are_surveyed_like_single_cells(batches: list[list[str]]) -> None:
    together, single = ColumnSurvey("c"), ColumnSurvey("c")
    for batch in batches:
        together.add(batch)
        for cell in batch:
            single.add_cell(cell)
    for column in (together, single):
        if cells.FLOAT in column.categories:  # integers beside floats count as floats
            column.categories.discard(cells.INT)
            column.wide = False
    assert together == single
