"""Read sheets of Excel workbooks as rows of values.

Merged cells, errors such as ``#DIV/0!`` and formulas without a computed value are refused, because the library would
return blank cells for them.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.etree import ElementTree as ET

from sostrades_cli.errors import InvalidFile
from sostrades_cli.operations.tables.sheet_layout import reference
from sostrades_cli.optional_deps import require
from sostrades_cli.output.text import listed, shortened
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

_SPREADSHEET: Final = "open it in the spreadsheet, and save it as .xlsx"
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# A formula or an error in the XML of a sheet. Most sheets have neither, and parsing them would take long.
_WORTH_PARSING: Final = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']")


class SheetRows(NamedTuple):
    """The name of a sheet and all its rows."""

    name: str
    rows: list[list[Any]]


def read_sheet(path: Path, name: str | None, key: str = "") -> SheetRows:
    """Return a sheet with all its rows, also the blank ones. If the workbook has one sheet, ``name`` may be ``None``.

    ``key`` is the parameter that takes the table, for a hint. Values are texts, floats, booleans, dates and times. A
    blank cell is an empty text.

    Raises
    ------
    InvalidFile
        The file is not a workbook, has no such sheet, or a cell of it cannot be read.
    ExtraMissing
        The library is not installed.

    """
    require("python_calamine", extra="excel", purpose="an Excel file")
    import python_calamine

    try:
        # The file is opened here, because the library's own errors for missing files have no useful text.
        with path.open("rb") as file:
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            sheet = _chosen(workbook, path, name, key)
            rows = sheet.to_python(skip_empty_area=False)
    except OSError as error:
        raise InvalidFile(f"cannot read {path}: {error.strerror}", hint="check its name and permissions") from error
    except python_calamine.PasswordError as error:
        raise InvalidFile(f"{path} is protected by a password", hint="save a copy without a password") from error
    except python_calamine.CalamineError as error:
        raise InvalidFile(f"{path} is not an Excel workbook that can be read", hint=_SPREADSHEET) from error
    _refuse_merged(sheet, f"{path}#{sheet.name}")
    _refuse_unusable(path, sheet.name)
    return SheetRows(sheet.name, rows)


def _chosen(workbook: CalamineWorkbook, path: Path, name: str | None, key: str) -> CalamineSheet:
    """Return the sheet with a name, ignoring case, or the only visible sheet."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    # A workbook may also have sheets of charts or macros.
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets if sheet.visible is SheetVisibleEnum.Visible]
    if name is not None:
        matching = [sheet.name for sheet in sheets if sheet.name.lower() == name.lower()]
        if not matching:
            raise InvalidFile(f"{path} has no sheet {shortened(name)!r}", hint=f"its sheets: {listed(names)}")
        return workbook.get_sheet_by_name(matching[0])
    if len(names) != 1:
        file = f"{key}=@{path}" if key else str(path)
        example = shell_quoted(f"{file}#{_likely(names, key)}") if names else f"{file}#SHEET"
        raise InvalidFile(
            f"{path} has {len(names)} sheets: {listed(names)}", hint=f"name one of them, such as {example}"
        )
    return workbook.get_sheet_by_name(names[0])


def _likely(names: Sequence[str], key: str) -> str:
    """Return the sheet with the name of a parameter, or an ending of it, as downloads have it; else the first sheet."""
    own = [name for name in names if f".{key}".casefold().endswith(f".{name}".casefold())]
    return own[0] if own else names[0]


def _refuse_merged(sheet: CalamineSheet, called: str) -> None:
    merged = sheet.merged_cell_ranges
    if merged:
        (top, left), (bottom, right) = merged[0]
        raise InvalidFile(
            f"{called}: the cells {reference(top, left)}:{reference(bottom, right)} are merged",
            hint="unmerge them, and write a value into each cell. Delete rows with a title above the table",
        )


def _refuse_unusable(path: Path, name: str) -> None:
    """Refuse cells with an error, and formulas without a computed value."""
    called = f"{path}#{name}"
    # The library has already read the same parts of the archive, so a broken file was refused before.
    with contextlib.suppress(KeyError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        content = archive.read(_part(archive, name, called))
        if _WORTH_PARSING.search(content) is None:
            return
        for cell, kind, formula, value in _cells(content, called):
            if kind == "e":
                raise InvalidFile(f"{called}: the cell {cell} has the error {value}", hint="correct its formula")
            # The result of a formula may be an empty text, but not an empty number.
            if formula and not value and kind != "str":
                raise InvalidFile(f"{called}: the formula in the cell {cell} was not computed", hint=_SPREADSHEET)


def _part(archive: zipfile.ZipFile, name: str, called: str) -> str:
    """Return the path of a sheet within the archive. The workbook refers to it by an identifier."""
    sheets = _parsed(archive.read(_WORKBOOK), called).iter()
    number = next(item.get(_RELATION_ID) for item in sheets if _tag(item) == "sheet" and item.get("name") == name)
    relations = _parsed(archive.read(_RELATIONS), called).iter()
    target = next(str(item.get("Target")) for item in relations if number is not None and item.get("Id") == number)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _cells(content: bytes, called: str) -> Iterator[tuple[str | None, str | None, bool, str]]:
    """Yield the reference of each cell, its type, whether it has a formula, and its value as text."""
    for item in _parsed(content, called).iter():
        if _tag(item) == "c":
            values = [part.text or "" for part in item if _tag(part) == "v"]
            yield item.get("r"), item.get("t"), any(_tag(part) == "f" for part in item), "".join(values)


def _parsed(content: bytes, called: str) -> ET.Element:
    if b"<!DOCTYPE" in content:
        raise InvalidFile(f"{called} has a document type, which no spreadsheet writes", hint=_SPREADSHEET)
    return ET.fromstring(content)  # noqa: S314 - without a document type there are no entities


def _tag(item: ET.Element) -> str:
    return item.tag.rpartition("}")[2]
