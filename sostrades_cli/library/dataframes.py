"""Tables as pandas has them; pandas is imported when the first is made."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd
    from _typeshed import DataclassInstance

    from sostrades_cli.output.results import Rows

SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1
# Beyond it not every whole number is a double.
LARGEST_EXACT: Final = 2**53


def frame_of(
    rows: Rows, *, index: str | None = None, objects: Collection[str] = (), types: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return rows as a DataFrame, with their notes in ``attrs["note"]``; options as of ``frame_from``."""
    columns = list(zip(*rows.rows, strict=True)) if rows.rows else [()] * len(rows.columns)
    table = {name: list(map(bare, cells)) for name, cells in zip(rows.columns, columns, strict=True)}
    return with_notes(frame_from(table, index=index, objects=objects, types=types), rows.notes)


def frame_from(
    table: Mapping[str, Sequence[Any]],
    *,
    index: str | None = None,
    objects: Collection[str] = (),
    types: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return columns as a DataFrame.

    The columns ``objects`` hold Python objects unchanged, the columns ``types`` have a fixed type. Every other column
    has the narrowest type that keeps each cell.
    """
    import pandas as pd  # noqa: PLC0415 - start-up: half a second, for tables only

    columns = {
        name: pd.Series(cells, dtype=object if name in objects else _type(cells), name=name)
        for name, cells in table.items()
    }
    frame = pd.DataFrame(columns, columns=list(table)).astype(types or {})
    return frame if index is None else frame.set_index(index)


def frame_of_items(
    kind: type[DataclassInstance],
    items: Sequence[DataclassInstance],
    *,
    index: str | None = None,
    objects: Collection[str] = (),
    types: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return dataclass instances as a DataFrame, a column per field; options as of ``frame_from``."""
    table = {field.name: [getattr(item, field.name) for item in items] for field in fields(kind)}
    return frame_from(table, index=index, objects=objects, types=types)


def with_notes(frame: pd.DataFrame, notes: Sequence[str]) -> pd.DataFrame:
    """Add notes to a DataFrame, in ``attrs["note"]``."""
    if notes:
        frame.attrs["note"] = "\n".join(notes)
    return frame


def bare(cell: object) -> object:
    """Return a cell without what people see of it."""
    return cell.value if isinstance(cell, TextCell) else cell


def plain_types(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns the types that everybody knows: int64 and bool where every row has a value, float64, str."""
    import pandas as pd  # noqa: PLC0415 - start-up

    columns: dict[str, pd.Series[Any]] = {}
    for at, name in enumerate(map(str, frame.columns)):
        column = frame.iloc[:, at]
        kind, gaps = str(column.dtype), bool(column.isna().any())
        if kind == "Float64":
            columns[name] = column.astype("float64")
        elif kind == "Int64" and not gaps:
            columns[name] = column.astype("int64")
        elif kind == "boolean" and not gaps:
            columns[name] = column.astype("bool")
        elif kind in {"Int64", "boolean"}:
            columns[name] = column
        else:
            columns[name] = pd.Series(column.astype(object).where(column.notna(), None).tolist(), index=frame.index)
    return pd.DataFrame(columns, index=frame.index)


def _type(cells: Sequence[object]) -> str | None:
    """Return the type of a column: a whole number never becomes another one, and no value stays none."""
    kinds = {type(cell) for cell in cells if cell is not None}
    gaps = any(cell is None for cell in cells)
    if kinds == {bool}:
        return "boolean" if gaps else "bool"
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    if kinds == {int}:
        fits = all(SMALLEST <= one <= LARGEST for one in numbers)
        return ("Int64" if gaps else "int64") if fits else "object"
    if kinds and kinds <= {int, float}:
        return "float64" if all(_is_double(one) for one in numbers) else "object"
    return None if kinds == {str} else "object"


def _is_double(number: float) -> bool:
    """Tell whether a number is the same as a float."""
    return not isinstance(number, int) or abs(number) <= LARGEST_EXACT
