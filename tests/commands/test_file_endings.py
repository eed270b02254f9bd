"""Test file endings: an unsupported ending is rejected before any request."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

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
    "study diff 21 31",
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
UNSUPPORTED = ["xlsx", "md", "tex", "yaml", "XLSX", "gz", "docx"]


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
        assert ".csv, .json, .ndjson, .tsv or .txt" in error


@pytest.mark.parametrize(("line", "supported"), FILES)
def test_file_is_refused_under_an_unsupported_ending(user: User, line: str, supported: str) -> None:
    for ending in UNSUPPORTED:
        assert f".{supported}" in refused(user, line, f"b.{ending}")


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


@pytest.mark.parametrize("name", ["b", "b.csv", "b.TSV", "b.json", "b.ndjson", "b.txt", ".hidden"])
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


def test_raw_answer_goes_into_any_file(user: User) -> None:
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
