"""A table of a study in a file: downloaded, kept by the journal, or exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.errors import NoLayout, NoValue
from sostrades_cli.operations.param.download import save_one
from sostrades_cli.operations.tables import rows
from sostrades_cli.operations.tables.survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class StoredTable:
    """The server's CSV of a table in a file, with its sha-256; a ``local`` one may have been edited by a user."""

    path: Path
    sha256: str
    local: bool = False

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, header first.

        Raises
        ------
        UnusableAnswer
            The server's file cannot be read.
        UsageError
            The user's cannot.

        """
        if self.local:
            return (row for _, row in rows.numbered(self.path))
        return rows.server_rows(self.path)

    @property
    def columns(self) -> list[str]:
        """The names in the header."""
        return next(self.rows(), [])

    def survey(self) -> Survey | None:
        """Return what its cells look like, ``None`` where its rows have different lengths."""
        try:
            return survey(rows.server_columns(self.path))
        except rows.RaggedRowsError:
            return None


def download_table(context: Context, study: int, name: str) -> StoredTable | None:
    """Download a table; ``None`` where the parameter has no value yet, or one that no download can show."""
    path = context.temp_folder.path()
    try:
        _, digest = save_one(context, study, name, path)
    except (NoValue, NoLayout):
        return None
    return StoredTable(path, digest)
