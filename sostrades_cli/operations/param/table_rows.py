"""The content of tables as columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import NoLayout
from sostrades_cli.operations.param.value_words import size_word, store_sizes, table_size
from sostrades_cli.operations.tables import downloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.read import Value


def read_rows(context: Context, study: int, name: str) -> tuple[tuple[str, ...], list[list[object]]]:
    """Download a table; return the names of its columns and its rows, and cache its size."""
    from sostrades_cli.operations.tables.dataframe import read_cells

    columns, rows = read_cells(context.api.parameters.content(study, name))
    store_sizes(context, study, {name: (len(rows), len(columns))})
    return columns, rows


def with_tables(context: Context, study: int, values: Sequence[Value], *, sizes_only: bool) -> list[Value]:
    """Return values with the content of tables: a list of objects, or with ``sizes_only`` only rows and columns.

    A table that the server cannot write as CSV gets an ``error``.
    """
    return [_with_table(context, study, value, sizes_only=sizes_only) if value.is_table else value for value in values]


def _with_table(context: Context, study: int, value: Value, *, sizes_only: bool) -> Value:
    try:
        return _with_content(context, study, value, sizes_only=sizes_only)
    except NoLayout as error:
        return value._replace(error=error)


def _with_content(context: Context, study: int, value: Value, *, sizes_only: bool) -> Value:
    if sizes_only:
        size = table_size(downloads.each_row(context.api.parameters.content(study, value.key)))
        store_sizes(context, study, {value.key: size})
        return value._replace(content=size_word(*size))
    columns, rows = read_rows(context, study, value.key)
    return value._replace(content=[dict(zip(columns, row, strict=True)) for row in rows])
