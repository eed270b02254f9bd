"""Tables in files of binary formats."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.output.parquet import check_parquet, write_parquet
from sostrades_cli.output.results import Rows
from sostrades_cli.output.streams import Workbook
from sostrades_cli.output.xlsx import check_xlsx, inform_of_workbook, write_workbook, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.results import Text


def check_library(form: str) -> None:
    """Check before any work that the library of a format is installed.

    Raises
    ------
    ExtraMissing
        It is not.

    """
    {"parquet": check_parquet, "xlsx": check_xlsx}[form]()


def write_table_file(result: Rows | Text | Workbook, form: str, file: Path, notes: Messages) -> None:
    """Write a table into a file, or several into an Excel file, after a sheet that describes them.

    Raises
    ------
    UsageError
        The result is not a table.

    """
    if isinstance(result, Workbook):
        inform_of_workbook(file, write_workbook(itertools.chain([result.contents], result.sheets), file), notes)
        return
    if not isinstance(result, Rows):
        raise UsageError(
            f"cannot write {file}: the result is not a table", hint="change the ending: FILE.json or FILE.txt"
        )
    if result.columns:
        with notes.writing(file):
            {"parquet": write_parquet, "xlsx": write_xlsx}[form](result, file, notes)
