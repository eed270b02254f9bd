"""Test the rows about one parameter and one study."""

from __future__ import annotations

from datetime import UTC, datetime

from sostrades_cli.operations.param.details import ParameterDetails
from sostrades_cli.operations.study.overview import NodeCount, StudyOverview
from sostrades_cli.operations.tables.head import TableHead
from sostrades_cli.output.text_width import cells
from sostrades_cli.views.parameter_card import card_rows
from sostrades_cli.views.study_card import study_rows


def starts(lines: list[str], mark: str) -> set[int]:
    """Return the columns of the terminal in which a mark stands."""
    assert lines
    return {cells(line[: line.index(mark)]) for line in lines}


def test_columns_of_a_table_with_wide_letters_are_aligned() -> None:
    table = TableHead(2, ["年", "x"], [["漢字", "x1"], ["ab", "x2"]], [["漢字", "x1"], ["ab", "x2"]])
    rows = card_rows(ParameterDetails("t", "dataframe", None, None, None, None, None, "", table)).rows
    assert starts([str(row[1]) for row in rows if row[0] in {"first rows", ""}], "x") == {6}


def test_counts_of_nodes_with_wide_names_are_aligned() -> None:
    nodes = (NodeCount("漢字", 1, 0, 0), NodeCount("ab", 1, 0, 0))
    overview = StudyOverview(21, "dice", "", is_active=False, disciplines="", url=None, last_run=None, nodes=nodes)
    rows = study_rows(overview, [], datetime(2026, 11, 22, tzinfo=UTC)).rows
    assert starts([str(row[1]) for row in rows if "input" in str(row[1])], "1 input") == {6}
