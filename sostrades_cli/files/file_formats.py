"""Endings of file names: each stands for one format, and a file is always written in that format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import is_special
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# The ending of a file selects one of these formats.
FILE_FORMATS: Final = ("csv", "json", "md", "ndjson", "parquet", "tsv", "xlsx")
# Binary formats of tables, which only an ending can select.
XLSX: Final = "xlsx"
TABLE_FILES: Final = ("parquet", XLSX)
# The ending of texts in any layout.
TEXT: Final = "txt"
PAGES: Final = ("html", "htm")
PICTURES: Final = ("png", "svg")


def ending_of(file: Path) -> str:
    """Return the ending of a file's name in lower case, without its dot; empty if there is none."""
    return file.suffix.lower().removeprefix(".")


def format_of(file: Path) -> str | None:
    """Return the format that the ending of a file selects, ``None`` if it selects none."""
    ending = ending_of(file)
    # A pipe or a device gets text whatever its name is.
    if ending not in FILE_FORMATS or (ending in TABLE_FILES and is_special(file)):
        return None
    return ending


def endings_of(formats: Sequence[str], *, tables: bool) -> tuple[str, ...]:
    """Return the endings of files for results in these formats. ``tables`` means that the result may be a table."""
    more = TABLE_FILES if tables and "csv" in formats else ()
    return (*(form for form in FILE_FORMATS if form in {*formats, *more}), *((TEXT,) if "tsv" in formats else ()))


def check_folder_name(folder: Path, command: str) -> None:
    """Refuse a new folder with the name of a file. ``command`` is the hint without the name of the folder.

    Raises
    ------
    UsageError
        The folder does not exist yet, and its name ends like that of a file.

    """
    ending = ending_of(folder)
    if ending in {*FILE_FORMATS, *PAGES, *PICTURES, TEXT} and not folder.is_dir():
        raise UsageError(
            f"{folder} is the name of a file, but the files of this command need a folder",
            hint=f"leave out the ending .{ending}: `{command} {shell_quoted(str(folder.with_suffix('')))}`",
        )


def check_ending(file: Path, endings: Sequence[str], writer: str, *, form: str | None = None) -> None:
    """Refuse a file whose ending contradicts its format; names without an ending are accepted.

    ``form`` is the format of ``-F``, if given.

    Raises
    ------
    UsageError
        The ending is not in ``endings``, or belongs to another format.

    """
    ending = ending_of(file)
    if not ending or is_special(file):
        return
    if ending not in endings:
        supported = [f".{name}" for name in endings]
        listed = " or ".join(filter(None, (", ".join(supported[:-1]), supported[-1])))
        pictures = f"`sostrades postproc export STUDY DIR --as {ending}` draws charts as pictures, or "
        raise UsageError(
            f"cannot write {file}: {writer} does not support the ending .{ending}",
            hint=f"{pictures if ending in PICTURES else ''}change the ending: FILE{listed}",
        )
    if form is not None and ending not in (TEXT, form):
        raise UsageError(
            f"-F {form} does not match the file name {file}", hint=f"remove -F {form}, or change the ending .{ending}"
        )
