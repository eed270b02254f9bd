"""Recognise files that are not UTF-8 text by their first bytes, and suggest how to convert them."""

from __future__ import annotations

import codecs
import contextlib
import re
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import InvalidFile
from sostrades_cli.system import WINDOWS, shell_quoted

if TYPE_CHECKING:
    from pathlib import Path

STANDARD_INPUT: Final = "-"
# UTF-32 comes first, because its mark begins with the mark of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SPREADSHEET: Final = 'open it in the spreadsheet and save the sheet as "CSV UTF-8", with commas and decimal points'
# Windows has no gzip or iconv, and its cmd supports only double quotes.
_PYTHON: Final = ('python -c "{}"' if WINDOWS else "python3 -c '{}'").format(
    "import sys, pandas, numpy; {{}}.to_csv(sys.argv[2], index=False)"
) + " {file} {new}"
_UNPACK: Final = "unpack it first, for example with 7-Zip" if WINDOWS else "{program} -dc {file} > {new}"
_PARQUET, _FEATHER, _ARRAY = (
    _PYTHON.replace("{{}}", table)
    for table in (
        "pandas.read_parquet(sys.argv[1])",
        "pandas.read_feather(sys.argv[1])",
        'pandas.Series(numpy.load(sys.argv[1]), name="value")',
    )
)
# First bytes, the kind of file, and the command that converts it to text.
_KINDS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (or another file of old Office)", _SPREADSHEET),
    (b"PAR1\x15", "a parquet file", _PARQUET),
    (b"ARROW1\0\0", "a feather file", _FEATHER),
    (b"\x93NUMPY", "a numpy array", _ARRAY),
    (b"\x1f\x8b", "a gzip file", _UNPACK.replace("{program}", "gzip")),
    *((b"BZh%d1AY&SY" % level, "a bzip2 file", _UNPACK.replace("{program}", "bzip2")) for level in range(1, 10)),
    (b"\xfd7zXZ\0", "an xz file", _UNPACK.replace("{program}", "xz")),
    (b"\x28\xb5\x2f\xfd", "a zstd file", _UNPACK.replace("{program}", "zstd")),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "save the table as CSV, in UTF-8"),
    (b"SQLite format 3\0", "an SQLite database", "save the table as CSV, in UTF-8"),
    (b"%PDF-", "a PDF", "save the table as CSV, in UTF-8"),
)
_SAVE_AS_UTF8: Final = 'open it in a text editor, and save it with the encoding "UTF-8"'
_ZIP: Final = b"PK\x03\x04"
_NAMED_SHEET: Final = re.compile(r"(.+\.xlsx)#(.+)", re.IGNORECASE | re.DOTALL)
_MOST_MAGIC: Final = 4096
# A spreadsheet is a zip archive that contains such files.
_WORKBOOK: Final = re.compile(rb"\[Content_Types\]\.xml|xl/|_rels/|docProps/")
_SHEET: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


def split_sheet(named: Path) -> tuple[Path, str | None]:
    """Split ``FILE.xlsx#SHEET`` into the file and the sheet. The sheet is ``None`` if it is not given."""
    match = _NAMED_SHEET.fullmatch(named.name)
    # A file name may contain a hash sign itself.
    if match is None or named.exists():
        return named, None
    return named.parent / match.group(1), match.group(2)


def is_workbook(named: Path) -> bool:
    """Return whether a path, with or without a sheet, is an Excel file by its name."""
    return split_sheet(named)[0].suffix.lower() == ".xlsx"


def require_text_file(path: Path) -> None:
    """Refuse a file whose first bytes show that it is not text.

    Raises
    ------
    InvalidFile
        The file is a workbook, compressed, or of another binary format.

    """
    # If the file cannot be opened, its reader raises the error.
    with contextlib.suppress(OSError), path.open("rb") as file:
        require_text_content(file.read(_MOST_MAGIC), path)


def require_text_content(content: bytes, path: Path) -> None:
    """Refuse content that is not text. ``path`` is its file, or ``-`` for standard input.

    Raises
    ------
    InvalidFile
        The content is a workbook, compressed, or of another binary format.

    """
    binary = next(((kind, advice) for magic, kind, advice in _KINDS if content.startswith(magic)), None)
    if content.startswith(_ZIP):
        binary = _of_archive(content[:_MOST_MAGIC])
    if binary is None:
        return
    kind, advice = binary
    file = "FILE" if str(path) == STANDARD_INPUT else shell_quoted(str(path))
    raise InvalidFile(f"{_called(path)} is {kind}, not text", hint=advice.format(file=file, new="NEW.csv"))


def _of_archive(content: bytes) -> tuple[str, str]:
    if _SHEET in content:
        return "an OpenDocument spreadsheet", _SPREADSHEET
    if _WORKBOOK.search(content):
        return "an Excel workbook", _SPREADSHEET
    return "a zip archive", "tar -xf {file}" if WINDOWS else "unzip {file}"


def _called(path: Path) -> str:
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def not_utf8(path: Path, error: UnicodeDecodeError) -> InvalidFile:
    """Return the error for a file that is not UTF-8. It names the encoding if the file has a byte order mark."""
    name = next((name for mark, name in _MARKS if error.object.startswith(mark)), None)
    new = "" if str(path) == STANDARD_INPUT else f" {shell_quoted(str(path))} -o NEW{path.suffix}"
    if name is not None:
        convert = _SAVE_AS_UTF8 if WINDOWS else f"iconv -f {name.lower()} -t utf-8{new}"
        return InvalidFile(f"{_called(path)} is {name}, not UTF-8", hint=convert)
    return InvalidFile(
        f"{_called(path)} is not UTF-8: byte {error.object[error.start]:#04x} cannot be read",
        hint=_SAVE_AS_UTF8 if WINDOWS else f"iconv -f latin1 -t utf-8{new}, if it is latin-1",
    )
