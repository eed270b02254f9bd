"""What a terminal gets of a table that was written to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.output import text
from sostrades_cli.output.results import Rows
from sostrades_cli.output.table import write_table

if TYPE_CHECKING:
    from sostrades_cli.output.render import RenderOptions


def write_preview(result: Rows, options: RenderOptions) -> None:
    """Write the first rows of a table, and its summary."""
    color, width = options.color, options.size[0]
    if result.preview:
        rows = result.rows[: result.preview]
        write_table(Rows(result.columns, rows, briefs=result.briefs), options.stdout, color=color, width=width)
        if len(result.rows) > len(rows):
            options.notes.inform(f"first {len(rows)} of {text.counted(len(result.rows), 'row')}")
    if result.summary is not None:
        write_table(result.summary, options.stdout, color=color, width=width)
