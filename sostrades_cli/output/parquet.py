"""Tables as parquet files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.files.atomic import atomic
from sostrades_cli.optional_deps import require
from sostrades_cli.output import text

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.output.messages import Messages
    from sostrades_cli.output.results import Rows

# Larger integers would be rounded in a column of floats.
EXACT_IN_A_DOUBLE: Final = 2**53


def check_parquet() -> None:
    """Check before any work that parquet files can be written.

    Raises
    ------
    ExtraMissing
        The library is not installed.

    """
    require("pyarrow", extra="parquet", purpose="a parquet file")


def write_parquet(result: Rows, file: Path, notes: Messages) -> None:
    """Write rows into a file with typed columns; values without a parquet type become JSON text."""
    import pandas  # noqa: ICN001

    columns = zip(*result.rows, strict=True) if result.rows else [() for _ in result.columns]
    series = {}
    for name, cells in zip(result.columns, columns, strict=True):
        values, kind = _typed([cell.value if isinstance(cell, text.TextCell) else cell for cell in cells])
        series[name] = pandas.Series(values, dtype=kind)
    with atomic(file, named=True) as target:
        pandas.DataFrame(series).to_parquet(target, index=False)
    notes.inform(text.file_note(file))


def _typed(values: list[Any]) -> tuple[list[Any], str]:
    """Return values and their pandas type: integers, floats, bools or texts; others become JSON text."""
    present = [value for value in values if value is not None]
    # Only pandas' own types, in capitals, keep their type next to missing values.
    gaps = len(present) < len(values)
    kinds = {type(value) for value in present}
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in present):
        return values, "Int64" if gaps else "int64"
    if kinds <= {int, float} and kinds and all(isinstance(v, float) or abs(v) <= EXACT_IN_A_DOUBLE for v in present):
        return values, "Float64" if gaps else "float64"
    if kinds == {bool}:
        return values, "boolean" if gaps else "bool"
    return [value if isinstance(value, str) or value is None else json.dumps(value) for value in values], "string"
