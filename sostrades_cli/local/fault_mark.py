"""The last failure of a service of a server, so that later commands need not wait for the same failure again.

It is kept for a limited time, because a server can be repaired, or replaced by another version at the same address.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, name_of_host, private_folder

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders


class FaultMark:
    """The time of the last failure of one server, in ``<cache>/<name>/<server>``."""

    def __init__(self, folders: Folders, host: str, name: str, kept_s: float) -> None:
        self._folders = folders
        self._host = host
        self._name = name
        self._kept_s = kept_s

    def noted_at(self, now: datetime) -> datetime | None:
        """Return the time of the last failure, ``None`` if there was none or it is too long ago."""
        try:
            time = datetime.fromisoformat(self._path.read_text(encoding="utf-8"))
            # The clock may have been set back since.
            return time if 0 <= (now - time).total_seconds() < self._kept_s else None
        except (OSError, ValueError, TypeError):
            return None

    def note(self, now: datetime) -> None:
        """Record a failure."""
        # Without the mark only the next reads are slower.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(self._path.parent, "SOSTRADES_CACHE_DIR")
            with atomic(self._path, private=True, durable=False) as file:
                file.write(now.isoformat().encode())

    def clear(self) -> None:
        """Record that the service works."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self._folders.cache / self._name / name_of_host(self._host)
