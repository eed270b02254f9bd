"""A table of a study in a file: a download, a file of the journal, or a file of an export."""

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
    """A downloaded table with its sha-256. A ``local`` file belongs to the user, who may have edited it."""

    path: Path
    sha256: str
    local: bool = False

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, header first.

        Raises
        ------
        UnusableAnswer
            The download is not CSV.
        UsageError
            The local file cannot be read.

        """
        if self.local:
            return (row for _, row in rows.numbered(self.path))
        return rows.server_rows(self.path)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return next(self.rows(), [])

    def survey(self) -> Survey | None:
        """Return the survey of the columns, or ``None`` if the rows have different lengths."""
        try:
            return survey(rows.server_columns(self.path))
        except rows.RaggedRowsError:
            return None


def download_table(context: Context, study: int, name: str) -> StoredTable | None:
    """Download a table. Return ``None`` if the parameter has no value, or its value cannot be downloaded."""
    path = context.temp_folder.path()
    try:
        _, digest = save_one(context, study, name, path)
    except (NoValue, NoLayout):
        return None
    return StoredTable(path, digest)
