"""Tables as parquet files, and formats from the name of a file."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet
import pytest
from conftest import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import NotVerified, SostradesError
from sostrades_cli.output.messages import Messages
from sostrades_cli.output.render import RenderOptions, render
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, size

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

    from sostrades_cli.output.results import Result

HOSTILE = "tab\there\nline\r\x1b[31mred ☃ \u202eright"
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def shown(result: Result, file: Path) -> tuple[SostradesError | None, str]:
    """Write a result into a parquet file, and return its error and notes."""
    err = Terminal()
    notes = Messages(err, notes_enabled=True, verbose=False, color=False, as_json=False)
    return render(result, RenderOptions(format="parquet", stdout=Terminal(), notes=notes, output=file)), err.written


def written(folder: Path, **columns: list[Any]) -> pd.DataFrame:
    """Return columns as read from the file."""
    file = folder / "x.parquet"
    shown(Rows(tuple(columns), list(zip(*columns.values(), strict=True))), file)
    return pd.read_parquet(file)


def listed(folder: Path, *cells: Any) -> list[Any]:
    """Return the cells of a single column as read from the file."""
    written(folder, c=list(cells))
    result: list[Any] = pyarrow.parquet.read_table(folder / "x.parquet").column("c").to_pylist()
    return result


@pytest.mark.parametrize(
    ("cells", "kind"),
    [([1, 2], "int64"), ([1.5, math.inf], "float64"), ([1, 2.5], "float64"), ([True, False], "bool")],
)
def test_column_has_the_type_of_its_cells(tmp_path: Path, cells: list[Any], kind: str) -> None:
    assert written(tmp_path, c=cells)["c"].dtype == kind
    assert listed(tmp_path, *cells) == cells


@pytest.mark.parametrize("cells", [["a", None], [HOSTILE, ""], [None, None], [True, None], [1.5, None]])
def test_missing_value_is_null(tmp_path: Path, cells: list[Any]) -> None:
    assert [None if item is None or item != item else item for item in listed(tmp_path, *cells)] == cells  # noqa: PLR0124 - nan


@pytest.mark.parametrize("cells", [[2**53 + 1, None], [2**53 + 1, 2]])
def test_large_integer_is_exact(tmp_path: Path, cells: list[Any]) -> None:
    assert listed(tmp_path, *cells) == cells


def test_integer_beyond_64_bits_is_written(tmp_path: Path) -> None:
    assert len(listed(tmp_path, 2**70, 1)) == 2


def test_lists_and_dicts_are_json(tmp_path: Path) -> None:
    assert [json.loads(cell) for cell in listed(tmp_path, [1.0, 2], {"a": None})] == [[1.0, 2], {"a": None}]
    assert listed(tmp_path, *["its own", 0.5, True, None]) == ["its own", "0.5", "true", None]


def test_shortened_cell_is_written_in_full(tmp_path: Path) -> None:
    assert listed(tmp_path, TextCell(7, "seven"), TextCell(8, "eight")) == [7, 8]


def test_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    result = written(tmp_path, case=[], status=[])
    assert (list(result.columns), len(result)) == (["case", "status"], 0)


@settings(deadline=None, max_examples=20)
@given(st.lists(integers, min_size=1) | st.lists(floats, min_size=1) | st.lists(texts, min_size=1))
def test_column_is_read_back_exactly(tmp_path_factory: pytest.TempPathFactory, cells: list[Any]) -> None:
    assert listed(tmp_path_factory.mktemp("p"), *cells) == cells


def test_notes_name_the_file_and_the_failure_is_returned(tmp_path: Path) -> None:
    failure = NotVerified("two cases failed")
    result = Rows(("case",), [("a",)], notes=["done"], failure=failure)
    file = tmp_path / "x.parquet"
    returned, notes = shown(result, file)
    assert returned is failure
    assert notes == f"{file}: {size(file.stat().st_size)}\ndone\n"


# Which format ---------------------------------------------------------------------------------------


def into(user: User, name: str, *words: str, form: str = "") -> tuple[Outcome, bytes]:
    """Return a function that runs a command with a result file and returns its content."""
    file = user.folder / name
    done = user.types(*words, "-o", str(file), SOSTRADES_FORMAT=form)
    return done, file.read_bytes() if file.exists() else b""


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.csv", b"parameter,kind,type,unit,value\n"),
        ("x.CSV", b"parameter,kind,type,unit,value\n"),
        ("x.tsv", b"parameter\tkind\ttype\tunit\tvalue\n"),
        ("x.json", b'[{"parameter": '),
        ("x.ndjson", b'{"parameter": '),
    ],
)
@pytest.mark.parametrize("form", ["", "table"])
def test_suffix_of_the_file_is_the_format(user: User, name: str, start: bytes, form: str) -> None:
    done, content = into(user, name, "param", "list", "21", form=form)
    assert (done.code, done.out, content.startswith(start)) == (0, "", True)


@pytest.mark.parametrize("name", ["x", "x.txt", "json", ".csv"])
def test_other_suffix_does_not_set_the_format(user: User, name: str) -> None:
    assert into(user, name, "param", "list", "21")[1].startswith(b"parameter\tkind\ttype\tunit\tvalue\n")
    (user.folder / name).unlink()
    assert into(user, name, "param", "list", "21", form="json")[1].startswith(b"[{")


@pytest.mark.parametrize(("name", "form"), [("x.json", "csv"), ("x.csv", "json")])
def test_format_that_contradicts_the_suffix_is_rejected(user: User, name: str, form: str) -> None:
    done, content = into(user, name, "param", "list", "21", "-F", form)
    assert (done.code, content, user.requests) == (2, b"", [])


def test_name_without_a_suffix_accepts_any_format(user: User) -> None:
    assert into(user, "x.txt", "param", "list", "21", "-F", "csv")[1].startswith(b"parameter,kind")


def test_query_applies_to_any_file(user: User) -> None:
    done, content = into(user, "x.csv", "param", "list", "21", "--query", "[?type=='int'].{name: parameter}")
    assert (done.code, content) == (0, b"name\ndice.Macro.start_year\ndice.Macro.periods\n")


@pytest.mark.parametrize(
    "words",
    [
        ("calc", "watch", "21"),
        ("calc", "run", "21", "--detach"),
        ("param", "get", "21", "dice.Macro.gamma"),
        ("param", "list", "21", "--query", "[?type=='int']"),
        ("study", "copy", "21", "again"),
        ("study", "url", "21"),
    ],
)
def test_only_tables_are_written_as_parquet(user: User, words: tuple[str, ...]) -> None:
    done, content = into(user, "x.parquet", *words)
    if done.code == 0:
        assert content.startswith(b"PAR1")
    else:
        sent = [request for request in user.requests if request.endswith("/copy") or "/execute/" in request]
        assert (done.code, content, sent) == (2, b"", [])


def test_missing_pyarrow_is_an_error_before_a_request(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done, content = into(user, "x.parquet", "calc", "sweep", "21", "cases.csv", "--collect", "total_damage")
    assert (done.code, content, user.requests) == (2, b"", [])
    assert done.error is not None
    assert (done.kind, "[parquet]" in str(done.error.hint)) == ("extra_missing", True)
