"""Files of the state folder with a record on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_VARIABLE: Final = "SOSTRADES_STATE_DIR"


def stored_lines(path: Path) -> list[bytes]:
    """Return the lines of a file, none if it does not exist.

    Raises
    ------
    UsageError
        The file exists and cannot be opened.

    """
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}",
            hint=f"check its permissions, or set {FOLDER_VARIABLE} to another folder",
        ) from error
