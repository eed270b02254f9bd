"""All that is known of one parameter, on a card: what is declared, what it holds, how a table begins."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.models import ARRAY, TABLE
from sostrades_cli.errors import NoLayout, NoValue
from sostrades_cli.operations.param.outputs import from_cache
from sostrades_cli.operations.param.read import read_value
from sostrades_cli.operations.study.load import told_by_read_only
from sostrades_cli.operations.tables import cells, downloads
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, counted
from sostrades_cli.solver_settings import SOLVER_SETTINGS
from sostrades_cli.views.parameters import kind_of

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context

# Lines of a table that are shown.
SHOWN: Final = 5
ALWAYS: Final = frozenset({"type", "kind", "value"})
NUMBER, BOOL, TEXT = "number", "bool", "text"
UNREADABLE: Final = "cannot be read by this server"
UNTOLD: Final = "not told by this server until a run has finished"


def card(context: Context, study: int, key: str) -> Rows:
    """Return what is known of a parameter, a line for each thing; of a table its size and its first lines.

    ``payload`` is an object: ``name``, ``type``, ``unit``, ``kind``, ``range``, ``possible_values``, ``value``, and
    ``table`` (``rows``, ``columns``, ``head``) where it is one. ``None`` is what the server has not told.

    Raises
    ------
    NotFound
        There is no such parameter.

    """
    value = read_value(context, study, key)
    seen = _seen(context, study, value.key)
    payload: dict[str, Any] = {
        "name": value.key,
        "type": seen.type if seen else None,
        "unit": seen.unit if seen else None,
        "kind": _kind(value.key, seen),
        "range": list(seen.range) if seen and seen.range else None,
        "possible_values": list(seen.possible_values) if seen and seen.possible_values else None,
        "value": TABLE if value.is_table else value.payload,
    }
    lines: list[tuple[str, object]] = [
        (field, _shown(field, told)) for field, told in payload.items() if told is not None or field in ALWAYS
    ]
    if value.is_table:
        lines[-1:] = _table_lines(context, study, value.key, payload)
    else:
        lines[-1] = ("value", TextCell(value.payload, value.text))
    return Rows(("field", "value"), lines, payload=payload)


def _table_lines(context: Context, study: int, key: str, payload: dict[str, Any]) -> list[tuple[str, object]]:
    """Add the table to the payload and return its lines; of one that the server cannot write, the reason."""
    try:
        table, head = _table(context.api.parameters.content(study, key))
    except NoLayout as error:
        payload["value"] = ARRAY if payload["type"] == "array" else TABLE
        payload["unreadable"] = error.server.description if error.server else error.message
        return [("value", payload["value"]), ("unreadable", f"{UNREADABLE}: {payload['unreadable']}")]
    except NoValue:
        payload["value"] = None
        return [("value", TextCell(None, "null"))]
    payload["table"] = table
    return _preview(table, head)


def _seen(context: Context, study: int, key: str) -> CachedParameter | None:
    """Return what was told of a parameter; read-only mode, which tells most, is asked once."""
    seen = context.cache.recall(study).get(key)
    if seen is None or seen.io_type is None:
        told_by_read_only(context, study)
        seen = context.cache.recall(study).get(key)
    return seen


def _kind(name: str, cached: CachedParameter | None) -> str | None:
    if name.rpartition(".")[2] in SOLVER_SETTINGS:
        return "solver"
    return None if cached is None or cached.io_type is None else kind_of(from_cache(name, cached))


def _shown(field: str, known: object) -> object:
    if known is None:
        return TextCell(None, UNTOLD)
    if field == "range" and isinstance(known, list):
        return TextCell(known, f"{known[0]:g} to {known[1]:g}")
    if field == "possible_values" and isinstance(known, list):
        return TextCell(known, ", ".join(map(str, known)))
    return known


def _table(content: bytes) -> tuple[dict[str, Any], list[list[str]]]:
    """Return the size of a CSV file, its columns and its first rows; and those rows as they are written.

    As with ``param get``, a column without a text holds numbers or bools, and a blank cell is no value.
    """
    rows = downloads.each_row(content)
    columns = next(rows, [])
    head = list(itertools.islice(rows, SHOWN))
    kinds: dict[int, set[str]] = {number: set() for number in range(len(columns))}
    count = 0
    for count, row in enumerate(itertools.chain(head, rows), 1):  # noqa: B007 - the count of all rows
        for number, cell in enumerate(row[: len(columns)]):
            # A column with a text stays one: its other cells need no look.
            if (found := kinds[number]) != {TEXT}:
                kinds[number] = {TEXT} if TEXT in (kind := found | _kinds(cell)) or len(kind) > 1 else kind
    typed = [[_cell(cell, kinds.get(number, set())) for number, cell in enumerate(row)] for row in head]
    return {"rows": count, "columns": columns, "head": typed}, head


def _kinds(cell: str) -> set[str]:
    """Return the kind of a cell, none for one without a value."""
    if cell in cells.EMPTY:
        return set()
    if cells.number(cell) is not None:
        return {NUMBER}
    return {BOOL} if cell in {"True", "False"} else {TEXT}


def _cell(cell: str, kinds: set[str]) -> Json:
    if not cell:
        return None
    return cell if kinds == {TEXT} else cells.literal(cell)


def _preview(table: dict[str, Any], head: list[list[str]]) -> list[tuple[str, object]]:
    """Return a table's size, and its first lines one under the other, columns in line."""
    shown = [table["columns"], *head]
    widths = [max(len(row[number]) for row in shown if number < len(row)) for number in range(len(table["columns"]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in shown]
    more = table["rows"] - len(table["head"])
    lines += [f"... {more} more"] if more else []
    size = f"{counted(table['rows'], 'row')}, {counted(len(table['columns']), 'column')}"
    return [("table", size), *(("" if number else "begins", line) for number, line in enumerate(lines))]
