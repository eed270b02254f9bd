"""The details of one parameter as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sostrades_cli.api.models import has_tables
from sostrades_cli.api.ontology import UsageInfo
from sostrades_cli.operations.ontology.differences import bare_unit
from sostrades_cli.operations.param.read import NO_VALUE
from sostrades_cli.operations.param.value_words import placeholder_word
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, counted, plain
from sostrades_cli.output.text_width import cells, padded

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.param.details import Meaning, ParameterDetails
    from sostrades_cli.operations.tables.head import TableHead


def card_rows(details: ParameterDetails) -> Rows:
    """Return a row per field. The payload is an object with all fields."""
    return Rows(("field", "value"), _lines(details), payload=payload_of(details))


def payload_of(details: ParameterDetails) -> dict[str, Any]:
    """Return the JSON of a parameter, an object with all fields."""
    fields = ("name", "type", "unit", "kind", "range", "possible_values", "value")
    payload = {field: getattr(details, field) for field in fields}
    payload |= {"settable": details.settable, "reason": details.reason, "outdated": details.is_outdated}
    # A list with one item, because the default itself can be null.
    if details.default:
        payload["default"] = details.default[0]
    if details.unreadable is not None:
        payload["unreadable"] = details.unreadable
    if details.table is not None:
        table = details.table
        payload["table"] = {"rows": table.rows, "columns": table.columns, "head": table.typed}
    payload["ontology"] = None if details.meaning is None else _meaning_payload(details.meaning)
    return payload


def _meaning_payload(meaning: Meaning) -> dict[str, Any]:
    """Return the JSON of the ontology's entry for a parameter; null is a blank field."""
    usage = meaning.usage
    fields = {name: getattr(usage, name) or None for name in ("label", "definition", "definition_source", "unit")}
    return {**fields, "source": meaning.source, "differences": [item._asdict() for item in meaning.differences]}


def _lines(details: ParameterDetails) -> list[tuple[str, object]]:
    # Kinds and labels are only in the read-only file. On some servers, types are, too.
    unknown = TextCell(None, f"unknown: {details.why_unknown}" if details.why_unknown else "unknown")
    lines: list[tuple[str, object]] = [("name", details.name), *_meaning_lines(details.meaning)]
    lines += [("label", unknown)] if details.meaning is None and details.why_unknown else []
    lines.append(("type", details.type or unknown))
    if details.unit is not None:
        lines.append(("unit", details.unit))
    if details.meaning is not None:
        # Shown beside the unit of the study, which applies.
        unit = bare_unit(details.meaning.usage.unit)
        lines += [("ontology unit", unit)] if unit and unit != bare_unit(details.unit or "") else []
        lines += [("differs", str(item)) for item in details.meaning.differences]
    lines.append(("kind", details.kind or unknown))
    if details.range is not None:
        lines.append(("range", TextCell(list(details.range), "{:g} to {:g}".format(*details.range))))
    if details.possible_values is not None:
        values = ", ".join(map(str, details.possible_values))
        lines.append(("possible_values", TextCell(details.possible_values, values)))
    lines.append(("can be set", _settable(details)))
    if details.default:
        lines.append(("default", _value(details.default[0], plain(details.default[0]))))
    lines += [("out of date", "the value is from an earlier run")] if details.is_outdated else []
    if details.table is not None:
        return [*lines, *_table_lines(details.table)]
    lines.append(("value", _value(details.value, details.text)))
    if details.unreadable is not None:
        lines.append(("unreadable", details.unreadable))
    return lines


def _meaning_lines(meaning: Meaning | None) -> list[tuple[str, object]]:
    usage = UsageInfo() if meaning is None else meaning.usage
    lines = (("label", usage.label), ("definition", usage.definition), ("source", usage.definition_source))
    return [line for line in lines if line[1]]


def _settable(details: ParameterDetails) -> str:
    word = {True: "yes", False: "no", None: "unknown"}[details.settable]
    return f"{word}: {details.reason}" if details.reason else word


def _value(value: Json, text: str) -> object:
    """Return a cell of a value, with a word for a table or for no value in every format for people."""
    if has_tables(value):
        return placeholder_word(value)
    return NO_VALUE if value is None else TextCell(value, text)


def _table_lines(table: TableHead) -> list[tuple[str, object]]:
    """Return the size of a table, and its first rows with aligned columns."""
    rows = [table.columns, *table.written]
    # The server accepts rows that are shorter or longer than the header.
    widths = [max(cells(row[number]) for row in rows if number < len(row)) for number in range(len(table.columns))]
    lines = ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    more = table.rows - len(table.written)
    lines += [f"... {more} more"] if more else []
    size = f"{counted(table.rows, 'row')}, {counted(len(table.columns), 'column')}"
    return [("table", size), *(("" if number else "first rows", line) for number, line in enumerate(lines))]
