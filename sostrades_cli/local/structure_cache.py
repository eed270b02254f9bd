"""The structures of studies as they were last read, with the ETag of the file on the server. Never values.

A read-only file has megabytes, and is the same until the next run. With its ETag the server can say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.local.study_files import StudyFiles

if TYPE_CHECKING:
    from sostrades_cli.local.config_file import Folders

# Each has up to a megabyte.
MOST_STRUCTURES: Final = 50


class StructureCache:
    """The structures of the studies of one server, in ``<cache>/structures/<server>``."""

    def __init__(self, folders: Folders, host: str) -> None:
        self._files = StudyFiles(folders, host, "structures", MOST_STRUCTURES)

    def read(self, study: int) -> tuple[str, dict[str, Any]] | None:
        """Return the ETag and the structure of a study, ``None`` if there is none, or a damaged one."""
        stored = self._files.read(study)
        etag, structure = stored.get("etag"), stored.get("structure")
        return (etag, structure) if isinstance(etag, str) and isinstance(structure, dict) else None

    def store(self, study: int, etag: str, structure: dict[str, Any]) -> None:
        """Replace the structure of a study."""
        self._files.store(study, {"etag": etag, "structure": structure})

    def forget(self, study: int) -> None:
        """Remove the structure of a study."""
        self._files.forget(study)
