"""Tables in files: what a study holds, downloaded, and a CSV file of the user beside it."""

from __future__ import annotations

from csv import Error as CsvError
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sostrades_cli.api.models import DICT_TYPES
from sostrades_cli.api.protocol import unusable
from sostrades_cli.errors import NoLayout, NoValue
from sostrades_cli.operations import contents, csv_check
from sostrades_cli.operations.csv_reader import numbered_rows
from sostrades_cli.operations.downloading import save_one
from sostrades_cli.operations.table_diff import arranged, difference
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sostrades_cli.operations.declaring import Declared
    from sostrades_cli.operations.server import Server


@dataclass(frozen=True, slots=True)
class Held:
    """A table as a study holds it: the server's CSV in a file, with its sha-256; ``local`` ones users may edit."""

    path: Path
    sha256: str
    local: bool = False

    def rows(self) -> Iterator[list[str]]:
        """Yield the rows, header first.

        Raises
        ------
        UnusableAnswer
            The server's file is none that can be read.
        UsageError
            The user's is none.

        """
        if self.local:
            yield from rows_of(self.path)
            return
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                yield from (row for _, row in numbered_rows(file) if row)
        except (UnicodeDecodeError, CsvError) as error:
            raise unusable("a CSV file that cannot be read") from error

    @property
    def columns(self) -> list[str]:
        """The names in the header."""
        return next(self.rows(), [])


def hold(server: Server, study: int, name: str) -> Held | None:
    """Download what a study holds; ``None`` where it has no value yet, or one that no download can show."""
    path = server.scratch.path()
    try:
        _, digest = save_one(server, study, name, path)
    except (NoValue, NoLayout):
        return None
    return Held(path, digest)


def rows_of(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a user's file, header first."""
    return (row for _, row in csv_check.read(path))


def header(path: Path) -> list[str]:
    """Return the first row of a user's file."""
    return next(rows_of(path), [])


def matches(path: Path, held: Held | None, declared: Declared) -> bool:
    """Tell whether a file and a held table are the same, as far as the server keeps what a file says."""
    if held is None:
        return False
    if declared.holds_tables or (declared.type in DICT_TYPES and held.columns != contents.DICT_HEADER):
        return contents.same_tables(rows_of(path), held.rows())
    return contents.same_table(rows_of(path), held.rows(), first_column_only=declared.type == "array")


def number_columns(held: Held | None, kind: str) -> frozenset[str]:
    """Return the names of the columns in which a held table has numbers, and nothing else but no value.

    ``kind`` is what the type asks of columns: the names of a dict are no values. Lists and dicts that are no tables
    may hold text beside numbers, and are not judged so.
    """
    if held is None:
        return frozenset()
    rows = held.rows()
    left = {name: at for at, name in enumerate(next(rows, [])) if not (kind == "variable" and at == 0)}
    found: set[str] = set()
    for row in rows:
        for name, at in list(left.items()):
            cell = row[at] if at < len(row) else ""
            if contents.number(cell) is not None:
                found.add(name)
            elif cell not in contents.EMPTY:
                del left[name]
    return frozenset(found & left.keys())


def cell_changes(path: Path, held: Held | None, declared: Declared) -> str:
    """Say how a file differs from a held table: rows, cells, and the first cell that differs."""
    if held is None:
        return f"{counted(sum(1 for _ in rows_of(path)) - 1, 'row')}, none before"
    found = difference(arranged(held.rows(), declared.type), arranged(rows_of(path), declared.type))
    return found.text if found else "the order differs"


def column_changes(columns: tuple[str, ...], held: Held | None) -> str | None:
    """Say which columns a file adds and leaves out: the server takes any, and the next run may not."""
    if held is None:
        return None
    before = held.columns
    added, missing = [c for c in columns if c not in before], [c for c in before if c not in columns]
    parts = [f"new: {', '.join(added)}"] * bool(added) + [f"left out: {', '.join(missing)}"] * bool(missing)
    return "; ".join(parts) or None
