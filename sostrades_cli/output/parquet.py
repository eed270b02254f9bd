"""Tables as parquet files."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

from sostrades_cli.errors import ExtraMissing, UsageError
from sostrades_cli.files import atomic
from sostrades_cli.output import text
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.output.render import Manner
    from sostrades_cli.output.results import Text


def check_parquet() -> None:
    """Refuse before any work what could not be written after it.

    Raises
    ------
    ExtraMissing
        The library is not installed.

    """
    if importlib.util.find_spec("pyarrow") is None:
        raise ExtraMissing("writing parquet needs pyarrow", hint="pip install 'sostrades[parquet]'; or a .csv file")


def write_parquet(result: Rows | Text, manner: Manner) -> None:
    """Write rows into a file, the columns typed; what is neither a number, a text nor a bool is JSON.

    Raises
    ------
    UsageError
        The result is no table, or there is no file to write.

    """
    check_parquet()
    import pandas  # noqa: PLC0415, ICN001 - start-up: for this format only

    if not isinstance(result, Rows) or manner.file is None:
        raise UsageError("only a table can be written as parquet", hint="-o FILE.json")
    columns = zip(*result.rows, strict=True) if result.rows else [[] for _ in result.columns]
    frame = pandas.DataFrame({name: _column(cells) for name, cells in zip(result.columns, columns, strict=True)})
    with atomic(manner.file) as file:
        frame.to_parquet(file, index=False)
    manner.notes.note(f"{manner.file}: written")


def _column(cells: object) -> list[object]:
    """Return values of one kind: numbers, or bools, or texts; a mixed column becomes text."""
    values = [cell.value if isinstance(cell, text.Cell) else cell for cell in cells]  # type: ignore[attr-defined] # a column
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} or kinds <= {bool} or kinds <= {str}:
        return values
    return [value if isinstance(value, str) or value is None else json.dumps(value) for value in values]
