"""Workbooks for tests, written with openpyxl."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def workbook(folder: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook with these sheets and return its path."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    path = folder / "book.xlsx"
    book.save(path)
    return path
