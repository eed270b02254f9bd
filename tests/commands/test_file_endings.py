"""Test file endings: an unsupported ending is rejected before any request."""

from __future__ import annotations

import csv
import json
import os
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from conftest import mostly_slow, slow

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from conftest import User

TABLES = [
    "param list 21",
    "param show 21 Macro.gamma",
    "param get 21 Macro.gamma",
    "param get 21 Macro.population",
    "param history 21",
    "study load 21",
    "study list",
    "study diff 21 22",
    "calc status 21",
    "postproc list 21",
    "postproc show 21 2",
    "postproc diff 21 31",
    "config list",
    "doctor",
]
FILES = [
    ("param download 21 Macro.population", "csv"),
    ("postproc load 21", "json"),
    ("postproc html 21", "html"),
    ("postproc html 21 --offline", "html"),
    ("study logs 21", "log"),
    ("calc run 21", "ndjson"),
    ("calc watch 21", "ndjson"),
]
UNSUPPORTED = ["xls", "tex", "yaml", "XLS", "gz", "docx"]
TABLE_ENDINGS = ["xlsx", "md", "parquet", "XLSX"]


def refused(user: User, line: str, name: str) -> str:
    """Return the error of a command that rejects the ending without a request."""
    user.world.requests.clear()
    done = user.types(*line.split(), "-o", str(user.folder / name))
    assert (done.code, done.out, user.requests) == (2, "", []), done.err
    assert not (user.folder / name).exists()
    return done.err


@pytest.mark.parametrize("line", TABLES)
def test_table_is_refused_under_an_unsupported_ending(user: User, line: str) -> None:
    for ending in UNSUPPORTED:
        error = refused(user, line, f"b.{ending}")
        assert all(f".{ending}" in error for ending in ("csv", "json", "md", "ndjson", "parquet", "tsv", "xlsx", "txt"))


@pytest.mark.parametrize(("line", "supported"), FILES)
def test_file_is_refused_under_an_unsupported_ending(user: User, line: str, supported: str) -> None:
    for ending in [*UNSUPPORTED, "md", "parquet"]:
        assert f".{supported}" in refused(user, line, f"b.{ending}")


@pytest.mark.parametrize(
    "line", mostly_slow([line for line in TABLES if not line.startswith("param get 21 Macro.gamma")], 12)
)
def test_table_is_written_in_each_format_of_tables(user: User, line: str) -> None:
    csv_file = user.folder / "b.csv"
    assert user.types(*line.split(), "-o", str(csv_file)).error is None
    with csv_file.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for ending in TABLE_ENDINGS:
        path = user.folder / f"b.{ending}"
        user.types(*line.split(), "-o", str(path))
        if ending == "md":
            lines = path.read_text(encoding="utf-8").splitlines()
            assert (lines[0].count(" | "), len(lines)) == (len(header) - 1, len(rows) + 2)
            continue
        result = pd.read_parquet(path) if ending == "parquet" else pd.read_excel(path, engine="calamine")
        assert (list(result.columns), len(result)) == (header, len(rows))


@pytest.mark.parametrize("ending", ["xlsx", slow("parquet")])
@pytest.mark.parametrize(
    "line",
    [
        "study copy 21 again",
        "study url 21",
        "config get host",
        "param get 21 Macro.gamma",
        "param list 21 --query length(@)",
        "param set 21 Macro.gamma=0.5 --query length(@)",
    ],
)
def test_other_results_are_not_written_as_a_table(user: User, line: str, ending: str) -> None:
    """A command that changes something refuses the file before the change."""
    path = user.folder / f"b.{ending}"
    done = user.types(*line.split(), "-o", str(path))
    assert (done.code, path.exists()) == (2, False)
    assert user.types("param", "get", "21", "Macro.gamma").out == "0.3\n"
    assert not [request for request in user.requests if "/copy" in request]


@pytest.mark.parametrize(
    ("line", "name"),
    [("param download 21 Macro.population", "b.json"), ("calc run 21", "b.csv"), ("postproc load 21", "b.csv")],
)
def test_ending_of_another_command_is_unsupported(user: User, line: str, name: str) -> None:
    refused(user, line, name)


def test_ending_and_format_must_agree(user: User) -> None:
    line = "param list 21 -F json"
    refused(user, line, "b.csv")
    assert user.types(*line.split(), "-o", str(user.folder / "b.json")).code == 0
    assert user.types(*line.split(), "-o", str(user.folder / "b.txt")).code == 0


@pytest.mark.parametrize(
    "name", ["b", slow("b.csv"), slow("b.TSV"), slow("b.json"), slow("b.ndjson"), slow("b.txt"), ".hidden"]
)
def test_supported_ending_selects_the_format(user: User, name: str) -> None:
    """Without an ending, the file has the format of a pipe."""
    path = user.folder / name
    assert user.types("param", "list", "21", "-o", str(path)).code == 0
    form = {"b.csv": "csv", "b.json": "json", "b.ndjson": "ndjson"}.get(name, "tsv")
    assert path.read_text() == user.types("param", "list", "21", "-F", form).out


def test_download_without_an_ending_stays_as_it_is(user: User) -> None:
    path = user.folder / "population"
    assert user.types("param", "download", "21", "Macro.population", "-o", str(path)).code == 0
    assert path.read_text() == user.types("param", "download", "21", "Macro.population").out


def test_raw_answer_is_written_to_any_file(user: User) -> None:
    path = user.folder / "answer.bin"
    assert user.types("api", "GET", "/api/v0/calculation/status/21", "-o", str(path)).code == 0
    assert json.loads(path.read_text())


def test_pipe_has_no_format(user: User) -> None:
    path = user.folder / "b.xlsx"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert user.types("param", "get", "21", "Macro.gamma", "-o", str(path)).code == 0
        assert os.read(descriptor, 100) == b"0.3\n"
    finally:
        os.close(descriptor)


def test_page_of_two_studies_is_a_page(user: User) -> None:
    done = user.types("postproc", "diff", "21", "31", "--page", str(user.folder / "both.pdf"))
    assert (done.code, user.requests) == (2, [])


def test_bundle_is_an_archive(user: User) -> None:
    assert user.types("doctor", "--bundle", str(user.folder / "support.tar.gz")).code == 2


def test_client_writes_no_other_page_either(user: User) -> None:
    with pytest.raises(UsageError):
        user.client().study(21).page(user.folder / "page.pdf")
    assert list(user.folder.glob("page*")) == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("postproc export 21 charts.png", "`sostrades postproc export 21 --as png charts`"),
        ("postproc export 21 charts.csv --as svg", "`sostrades postproc export 21 --as svg charts`"),
        ("postproc export 21 -d charts.html", "`sostrades postproc export 21 --as csv charts`"),
        ("study export 21 dice.xlsx", "`sostrades study export 21 --xlsx dice`"),
        ("param download 21 --all -d dice.csv", "`sostrades param download 21 --all -d dice`"),
        ("param download 21 gamma targets -d dice.JSON", "`sostrades param download 21 gamma targets -d dice`"),
    ],
)
def test_folder_does_not_get_the_name_of_a_file(
    user: User, words: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = user.folder / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    done = user.types(*words.split())
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert hint in str(done.error and done.error.hint)
    assert list(folder.iterdir()) == []


def test_existing_folder_may_have_the_name_of_a_file(user: User) -> None:
    folder = user.folder / "charts.csv"
    folder.mkdir()
    assert user.types("postproc", "export", "21", str(folder)).code == 0


@pytest.mark.parametrize(
    "words", ["postproc show 21 Damages -o d.png", "postproc load 21 -o d.svg", "postproc list 21 -o d.png"]
)
def test_picture_names_the_command_that_draws_it(user: User, words: str) -> None:
    done = user.types(*words.split())
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert f"postproc export STUDY DIR --as {words[-3:]}" in str(done.error and done.error.hint)
