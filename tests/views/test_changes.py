"""Test the rows of changes and dry runs."""

from __future__ import annotations

from sostrades_cli.errors import Different, InvalidValue, SostradesError
from sostrades_cli.operations.change_report import ChangedEntry, ChangeReport, ParameterChange
from sostrades_cli.output.results import TerminalTable
from sostrades_cli.output.text import MADE, PLANNED, TextCell
from sostrades_cli.views.changes import change_rows, notes_on, value_cell

GAMMA = ParameterChange("dice.Macro.gamma", "float", "-", 0.3, 0.25)
KEPT = ParameterChange("dice.Macro.tax", "float", "$/t", 1.0, 1.0, sent=False)


def lines(report: ChangeReport, *, undo: bool = True) -> list[tuple[str, str, object]]:
    """Return the rows of the table for a terminal as texts."""
    table = change_rows(report, verbose=False, own_name="dice", undo=undo).shown
    assert isinstance(table, TerminalTable)
    return [(str(name), str(change), unit) for name, change, unit in table.rows]


def test_unchanged_parameter_is_in_the_json_only() -> None:
    rows = change_rows(ChangeReport(21, (GAMMA, KEPT)), verbose=False)
    assert [row[0] for row in rows.rows] == [GAMMA.key]
    assert [item["key"] for item in rows.payload] == [GAMMA.key, KEPT.key]
    assert len(rows.notes) == 1


def test_terminal_has_short_names_and_no_unit_of_a_pure_number() -> None:
    tax = ParameterChange("dice.Macro.tax", "float", "$/t", 1.0, 2.5)
    assert lines(ChangeReport(21, (GAMMA, tax))) == [
        ("Macro.gamma", "0.3 → 0.25", None),
        ("Macro.tax", "1.0 → 2.5", "$/t"),
    ]


def test_change_that_was_made_has_an_undo_hint() -> None:
    def aside(report: ChangeReport, *, undo: bool) -> str:
        table = change_rows(report, verbose=False, undo=undo).shown
        assert isinstance(table, TerminalTable)
        assert table.mark == MADE
        return table.aside

    report = ChangeReport(21, (GAMMA,), rounds=2)
    assert "param undo 21 (2 times)" in aside(report, undo=True)
    assert aside(report, undo=False) == ""


def test_dry_run_is_marked_as_planned() -> None:
    rows = change_rows(ChangeReport(21, (GAMMA,), requests=("POST",)), verbose=False)
    assert isinstance(rows.shown, TerminalTable)
    assert (rows.shown.mark, rows.confirms) == (PLANNED, False)


def test_entries_of_a_dict_have_a_line_each() -> None:
    change = ParameterChange(
        "dice.shares", "dict", None, {"a": 1, "b": 2}, {"a": 3, "b": 2}, entries=(ChangedEntry("a", 1, 3),)
    )
    assert lines(ChangeReport(21, (change,))) == [("shares.a", "1 → 3", None)]


def test_file_is_described_by_its_difference() -> None:
    change = ParameterChange("dice.table", "dataframe", None, None, "2 cells differ", file=True)
    assert lines(ChangeReport(21, (change,))) == [("table", "2 cells differ", None)]


def test_unknown_default_is_named() -> None:
    change = ParameterChange("dice.x", "float", None, 1.0, None, default=True)
    assert lines(ChangeReport(21, (change,))) == [("x", "1.0 → default value", None)]


def test_note_of_a_rejected_dry_run_differs() -> None:
    """The error of ``--exit-code`` is not a rejection."""

    def notes(failure: SostradesError | None, *, verbose: bool = False) -> list[str]:
        return notes_on(ChangeReport(21, (GAMMA,), ("POST /x",), failure), verbose=verbose)

    assert notes(Different("differs")) == notes(None)
    assert notes(InvalidValue("invalid")) != notes(None)
    assert notes(None, verbose=True)[1:] == ["POST /x"]


def test_report_without_changes_has_a_note() -> None:
    assert len(notes_on(ChangeReport(21, (), requests=()), verbose=False)) == 1
    assert len(notes_on(ChangeReport(21, ()), verbose=False)) == 1
    assert notes_on(ChangeReport(21, (), failure=InvalidValue("no")), verbose=False) == []
    assert notes_on(ChangeReport(21, (GAMMA,)), verbose=False) == []


def test_placeholder_of_a_table_is_a_word() -> None:
    assert value_cell("://dataframe") == TextCell("table", "table")
    assert value_cell(0.5).value == 0.5
