"""Tables as parquet files, and formats that the name of a file asks for."""

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
from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

    from sostrades_cli.output.results import Result

HOSTILE = "tab\there\nline\r\x1b[31mred ☃ \u202eright"
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def shown(result: Result, file: Path) -> tuple[SostradesError | None, str]:
    """Write a result into a parquet file, and return its error and what was noted."""
    err = Terminal()
    notes = Messages(err, notes_enabled=True, verbose=False, color=False, as_json=False)
    return render(result, RenderOptions(format="parquet", stdout=Terminal(), notes=notes, file=file)), err.written


def written(folder: Path, **columns: list[Any]) -> pd.DataFrame:
    """Return columns as they come back from a file."""
    file = folder / "x.parquet"
    shown(Rows(tuple(columns), list(zip(*columns.values(), strict=True))), file)
    return pd.read_parquet(file)


def listed(folder: Path, *cells: Any) -> list[Any]:
    """Return the cells of a single column as they come back."""
    written(folder, c=list(cells))
    found: list[Any] = pyarrow.parquet.read_table(folder / "x.parquet").column("c").to_pylist()
    return found


@pytest.mark.parametrize(
    ("cells", "kind"),
    [([1, 2], "int64"), ([1.5, math.inf], "float64"), ([1, 2.5], "float64"), ([True, False], "bool")],
)
def test_a_column_of_one_kind_has_its_type(tmp_path: Path, cells: list[Any], kind: str) -> None:
    """Whole numbers are integers, numbers doubles and bools bools, ready to be computed with."""
    assert written(tmp_path, c=cells)["c"].dtype == kind
    assert listed(tmp_path, *cells) == cells


@pytest.mark.parametrize("cells", [["a", None], [HOSTILE, ""], [None, None], [True, None], [1.5, None]])
def test_no_value_is_no_value(tmp_path: Path, cells: list[Any]) -> None:
    """A cell without a value is null, and an empty text is a text; texts are exact."""
    assert [None if one is None or one != one else one for one in listed(tmp_path, *cells)] == cells  # noqa: PLR0124 - nan


@pytest.mark.parametrize("cells", [[2**53 + 1, None], [2**53 + 1, 2]])
def test_a_whole_number_is_exact(tmp_path: Path, cells: list[Any]) -> None:
    """A whole number beyond what a double holds does not change, also where another case has none."""
    assert listed(tmp_path, *cells) == cells


def test_a_number_beyond_64_bits_loses_no_results(tmp_path: Path) -> None:
    """A number that parquet has no type for is no bug after hours of runs: the table is written all the same."""
    assert len(listed(tmp_path, 2**70, 1)) == 2


def test_what_is_neither_number_nor_text_is_json(tmp_path: Path) -> None:
    """Lists and dicts are JSON, and in a column of several kinds texts stay texts."""
    assert [json.loads(cell) for cell in listed(tmp_path, [1.0, 2], {"a": None})] == [[1.0, 2], {"a": None}]
    assert listed(tmp_path, *["its own", 0.5, True, None]) == ["its own", "0.5", "true", None]


def test_a_short_cell_is_written_whole(tmp_path: Path) -> None:
    """What people see in short is whole in a file."""
    assert listed(tmp_path, TextCell(7, "seven"), TextCell(8, "eight")) == [7, 8]


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    """A table without rows is a file with columns."""
    found = written(tmp_path, case=[], status=[])
    assert (list(found.columns), len(found)) == (["case", "status"], 0)


@settings(deadline=None, max_examples=40)
@given(st.lists(integers, min_size=1) | st.lists(floats, min_size=1) | st.lists(texts, min_size=1))
def test_a_column_comes_back(tmp_path_factory: pytest.TempPathFactory, cells: list[Any]) -> None:
    """Any column of integers, of numbers or of texts comes back as it was."""
    assert listed(tmp_path_factory.mktemp("p"), *cells) == cells


def test_the_file_and_the_failure_are_told(tmp_path: Path) -> None:
    """The file is named in a note, the result's own note follows, and the failure that it stands for is returned."""
    failure = NotVerified("two cases failed")
    result = Rows(("case",), [("a",)], notes=["done"], failure=failure)
    assert shown(result, tmp_path / "x.parquet") == (failure, f"{tmp_path / 'x.parquet'}: written\ndone\n")


# Which format ---------------------------------------------------------------------------------------


def into(user: User, name: str, *words: str, form: str = "") -> tuple[Outcome, bytes]:
    """Give a command whose result goes into a file, and return what is in it."""
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
def test_the_name_of_the_file_asks_for_the_format(user: User, name: str, start: bytes, form: str) -> None:
    """The suffix of `-o` is the format, whatever is set for all commands."""
    done, content = into(user, name, "param", "list", "21", form=form)
    assert (done.code, done.out, content.startswith(start)) == (0, "", True)


@pytest.mark.parametrize("name", ["x", "x.txt", "json", ".csv"])
def test_another_name_asks_for_none(user: User, name: str) -> None:
    """A file whose name ends otherwise gets what a pipe gets, or what is set for all commands."""
    assert into(user, name, "param", "list", "21")[1].startswith(b"parameter\tkind\ttype\tunit\tvalue\n")
    (user.folder / name).unlink()
    assert into(user, name, "param", "list", "21", form="json")[1].startswith(b"[{")


@pytest.mark.parametrize(("name", "form"), [("x.json", "csv"), ("x.csv", "json")])
def test_a_format_that_contradicts_the_name_is_a_usage_error(user: User, name: str, form: str) -> None:
    done, content = into(user, name, "param", "list", "21", "-F", form)
    assert (done.code, content, user.asked) == (2, b"", [])


def test_a_name_without_a_format_takes_the_one_that_is_asked_for(user: User) -> None:
    assert into(user, "x.txt", "param", "list", "21", "-F", "csv")[1].startswith(b"parameter,kind")


def test_a_query_is_asked_whatever_the_file_is_called(user: User) -> None:
    """`--query` gives the part that was asked for, as the format that the name asks for."""
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
def test_nothing_else_is_called_parquet(user: User, words: tuple[str, ...]) -> None:
    """What is no table, or a part of one, lies under no such name, and exit 2 says truly that nothing was sent."""
    done, content = into(user, "x.parquet", *words)
    if done.code == 0:
        assert content.startswith(b"PAR1")
    else:
        sent = [one for one in user.asked if one.endswith("/copy") or "/execute/" in one]
        assert (done.code, content, sent) == (2, b"", [])


def test_without_its_library_parquet_is_refused_at_once(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed a sweep into a parquet file is exit 2 with what installs it; nothing is asked."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done, content = into(user, "x.parquet", "calc", "sweep", "21", "cases.csv", "--collect", "total_damage")
    assert (done.code, content, user.asked) == (2, b"", [])
    assert done.error is not None
    assert (done.kind, "[parquet]'" in str(done.error.hint)) == ("extra_missing", True)
