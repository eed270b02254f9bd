"""Tables as pandas has them; pandas is imported when the first is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.output.text import TextCell

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from sostrades_cli.output.results import Rows

SMALLEST: Final = -(2**63)
LARGEST: Final = 2**63 - 1
# Beyond it not every whole number is a double.
LARGEST_EXACT: Final = 2**53


def frame_of(
    rows: Rows, *, index: str | None = None, objects: Collection[str] = (), types: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return rows as a DataFrame; a note of theirs is in ``attrs["note"]``.

    The columns ``objects`` hold Python objects as they are, those of ``types`` have that type whatever is in them. Any
    other has the narrowest type that keeps every cell.
    """
    columns = list(zip(*rows.rows, strict=True)) if rows.rows else [()] * len(rows.columns)
    table = {name: list(map(bare, cells)) for name, cells in zip(rows.columns, columns, strict=True)}
    found = frame_from(table, objects=objects).astype(types or {})
    if rows.note:
        found.attrs["note"] = rows.note
    return found if index is None else found.set_index(index)


def frame_from(table: dict[str, list[Any]], *, objects: Collection[str] = ()) -> pd.DataFrame:
    """Return columns as a DataFrame."""
    import pandas as pd  # noqa: PLC0415 - start-up: half a second, for tables only

    columns = {
        name: pd.Series(cells, dtype=object if name in objects else _type(cells), name=name)
        for name, cells in table.items()
    }
    return pd.DataFrame(columns, columns=list(table))


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
