"""The last failed load of a server whose load route is broken, so that reads need not wait for the same failure again.

It is kept for a day, because a server can be repaired, or replaced by another version at the same address.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, name_of_host, private_folder

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.local.config_file import Folders

KEPT_FOR: Final = timedelta(days=1)


class LoadFaultMark:
    """The time of the last failed load of one server, in ``<cache>/load-fault/<server>``."""

    def __init__(self, folders: Folders, host: str) -> None:
        self._folders = folders
        self._host = host

    def noted_at(self, now: datetime) -> datetime | None:
        """Return the time of the last failed load, ``None`` if loading works or the last check is a day old."""
        try:
            time = datetime.fromisoformat(self._path.read_text(encoding="utf-8"))
            # The clock may have been set back since.
            return time if timedelta(0) <= now - time < KEPT_FOR else None
        except (OSError, ValueError, TypeError):
            return None

    def note(self, now: datetime) -> None:
        """Record that the server has failed to load, as it does for every study."""
        # Without the mark only the next reads are slower.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(self._path.parent, "SOSTRADES_CACHE_DIR")
            with atomic(self._path, private=True, durable=False) as file:
                file.write(now.isoformat().encode())

    def clear(self) -> None:
        """Record that the server has loaded a study."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self._folders.cache / "load-fault" / name_of_host(self._host)
