"""Test binary files in place of tables and assignments: the error names the format, and its advice works."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from conftest import mostly_slow, slow

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

TABLE = "years,population\n2020,1.5\n2021,2.5\n"
FRAME = pd.DataFrame({"years": [2020, 2021], "population": [1.5, 2.5]})


def written(kind: str, path: Path) -> Path:
    """Write the table as a file of a kind."""
    if kind in {"gz", "bz2", "xz"}:
        path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[kind].compress(TABLE.encode()))
    elif kind == "parquet":
        FRAME.to_parquet(path)
    elif kind == "feather":
        FRAME.to_feather(path)
    elif kind == "npy":
        np.save(path, FRAME["population"].to_numpy())
    elif kind == "xls":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    else:
        names = {
            "xlsx": ("[Content_Types].xml", "<Types/>"),
            "ods": ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            "zip": ("t.csv", TABLE),
        }
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(*names[kind])
    return path


KINDS = ["gz", "bz2", "xz", "parquet", "feather", "npy", "xls", "xlsx", "ods", "zip"]
NAMED = {"gz": "gzip", "bz2": "bzip2", "xls": "Excel", "xlsx": "Excel", "ods": "OpenDocument", "npy": "numpy"}


@pytest.mark.parametrize("kind", mostly_slow(KINDS, 5))
@pytest.mark.parametrize("way", ["table", "list", "from", "stdin", "cases", "folder"])
def test_binary_file_is_recognized_by_content(user: User, kind: str, way: str) -> None:
    path = written(kind, user.folder / "t.csv")
    if not path.exists():
        (user.folder / "t.csv.npy").rename(path)
    lines = {
        "table": ("param", "set", "21", f"Macro.population=@{path}"),
        "list": ("param", "set", "21", f"Macro.targets=@{path}"),
        "from": ("param", "set", "21", "--from", str(path)),
        "stdin": ("param", "set", "21", "--from", "-"),
        "cases": (
            "calc",
            "sweep",
            "21",
            str(path),
            "--collect",
            "Damage.total_damage",
            "-o",
            str(user.folder / "r.csv"),
        ),
        "folder": ("study", "apply", str(user.folder / "dice"), "21"),
    }
    if way == "folder":
        assert user.types("study", "export", "21", str(user.folder / "dice")).code == 0
        shutil.copy(path, user.folder / "dice" / "data" / "Macro.population.csv")
    done = user.types(*lines[way], stdin=path.read_bytes())
    assert done.code == 2, done.err
    assert NAMED.get(kind, kind) in done.err
    assert "iconv" not in done.err
    assert not [asked for asked in user.requests if asked.endswith("/parameters")]


@pytest.mark.parametrize("kind", ["gz", slow("bz2"), slow("xz"), slow("parquet"), slow("feather"), slow("npy"), "zip"])
def test_suggested_conversion_works(user: User, kind: str) -> None:
    """The file name contains a blank."""
    folder = user.folder / "my tables"
    folder.mkdir()
    path = written(kind, folder / f"t.{kind}")
    done = user.types("param", "set", "21", f"Macro.population=@{path}")
    advice = done.err.partition("  try: ")[2].replace("python3", sys.executable).strip()
    subprocess.run(advice, shell=True, check=True, cwd=user.folder)  # noqa: S602 - as people do with what they are told
    made = user.folder / ("t.csv" if kind == "zip" else "NEW.csv")
    expected = TABLE if kind != "npy" else "value\n1.5\n2.5\n"
    assert made.read_text() == expected
    key = "Macro.population" if kind != "npy" else "Macro.targets"
    assert user.types("param", "set", "21", f"{key}=@{made}", "--yes").code == 0


@pytest.mark.parametrize("text", [slow("PAR1,b\n1.0,2.0\n"), slow("BZh,b\n1.0,2.0\n"), "PK,b\n1.0,2.0\n"])
def test_table_that_begins_like_a_binary_file_is_accepted(user: User, text: str) -> None:
    path = user.folder / "t.csv"
    path.write_text(text)
    assert user.types("param", "set", "21", f"Macro.population=@{path}", "--force").code == 0
