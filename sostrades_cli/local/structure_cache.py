"""The structures of studies as they were last read, with the ETag of the file on the server. Never values.

A read-only file has megabytes, and is the same until the next run. With its ETag the server can say so.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, name_of_host, private_folder
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders

VERSION: Final = 1
# Each has up to a megabyte.
MOST_STRUCTURES: Final = 50


class StructureCache:
    """The structures of the studies of one server, in ``<cache>/structures/<server>``."""

    def __init__(self, folders: Folders, host: str) -> None:
        self._folders = folders
        self._host = host

    def read(self, study: int) -> tuple[str, dict[str, Any]] | None:
        """Return the ETag and the structure of a study, ``None`` if there is none, or a damaged one."""
        try:
            document = from_json(self._path(study).read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(document, dict) or (document.get("version"), document.get("host")) != (VERSION, self._host):
            return None
        etag, structure = document.get("etag"), document.get("structure")
        return (etag, structure) if isinstance(etag, str) and isinstance(structure, dict) else None

    def store(self, study: int, etag: str, structure: dict[str, Any]) -> None:
        """Replace the structure of a study."""
        path = self._path(study)
        document = {"version": VERSION, "host": self._host, "etag": etag, "structure": structure}
        # The command works without its cache.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(path.parent, "SOSTRADES_CACHE_DIR")
            with atomic(path, private=True, durable=False) as file:
                file.write(json.dumps(document).encode())
        self._make_room()

    def forget(self, study: int) -> None:
        """Remove the structure of a study."""
        with contextlib.suppress(OSError):
            self._path(study).unlink(missing_ok=True)

    def _make_room(self) -> None:
        with contextlib.suppress(OSError):
            files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[MOST_STRUCTURES:]:
                file.unlink()

    @property
    def _folder(self) -> Path:
        return self._folders.cache / "structures" / name_of_host(self._host)

    def _path(self, study: int) -> Path:
        return self._folder / f"{study}.json"
