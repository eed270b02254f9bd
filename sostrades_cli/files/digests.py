"""The sha-256 of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import InvalidFile

if TYPE_CHECKING:
    from pathlib import Path


def digest_of(path: Path) -> str:
    """Return the sha-256 of a file.

    Raises
    ------
    InvalidFile
        The file cannot be read.

    """
    from hashlib import file_digest

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidFile(
            f"cannot read {path}: {error.strerror}", hint="check the name and the permissions of the file"
        ) from error
