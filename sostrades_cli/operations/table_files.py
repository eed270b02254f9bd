"""A CSV file of the user beside the table that a study holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import Refused
from sostrades_cli.operations import contents, csv_check

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.declaring import Declared
    from sostrades_cli.operations.server import Server


def held_table(server: Server, study: int, name: str) -> list[list[str]] | None:
    """Return the rows that a study holds; ``None`` where it has no value yet, or one that no download can show."""
    try:
        return contents.rows(server.api.parameters.content(study, name))
    except Refused:
        return None


def matches(path: Path, held: list[list[str]] | None, declared: Declared) -> bool:
    """Tell whether a file and a held table are the same, as far as the server keeps what a file says."""
    if held is None:
        return False
    sent = (row for _, row in csv_check.read(path))
    if declared.holds_tables:
        return contents.same_tables(sent, held)
    return contents.same_table(sent, held, first_column_only=declared.type == "array")


def cell_changes(path: Path, held: list[list[str]] | None) -> str:
    """Say how a file differs from a held table: rows, cells, and the first cell that differs."""
    sent = [row for _, row in csv_check.read(path)]
    if not held:
        return f"{len(sent) - 1} rows, none before"
    parts = [f"{len(held) - 1} rows before, {len(sent) - 1} now"] * (len(sent) != len(held))
    cells = [
        (line, column, old, new)
        for line, (one, other) in enumerate(zip(held, sent, strict=False), 1)
        for column, old, new in zip(sent[0], one, other, strict=False)
        if not contents.same_cell(old, new)
    ]
    if cells:
        line, column, old, new = cells[0]
        parts.append(f"{len(cells)} cells differ, the first in line {line}, {column}: {old} -> {new}")
    return "; ".join(parts) or "the order differs"


def column_changes(columns: tuple[str, ...], held: list[list[str]] | None) -> str | None:
    """Say which columns a file adds and leaves out: the server takes any, and the next run may not."""
    if not held:
        return None
    added, missing = [c for c in columns if c not in held[0]], [c for c in held[0] if c not in columns]
    parts = [f"new: {', '.join(added)}"] * bool(added) + [f"left out: {', '.join(missing)}"] * bool(missing)
    return "; ".join(parts) or None
