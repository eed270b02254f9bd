"""Marks for later commands: a failure of a server, or a change that no load has followed.

A mark is a file with a time. It counts for a limited period, because a server is repaired, or applies the change.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, private_folder

if TYPE_CHECKING:
    from pathlib import Path

# A clock that is corrected by less does not end a mark. A time further in the future is from a wrong clock.
CORRECTION_S: Final = 10.0


class Mark:
    """A time in a file, which counts for ``valid_s`` seconds; ``variable`` can move the folder of the file."""

    def __init__(self, path: Path, variable: str, valid_s: float) -> None:
        self._path = path
        self._variable = variable
        self._valid_s = valid_s

    def noted_at(self, now: datetime) -> datetime | None:
        """Return the time of the mark, ``None`` if there is none or it is too old."""
        try:
            time = datetime.fromisoformat(self._path.read_text(encoding="utf-8"))
            return time if -CORRECTION_S < (now - time).total_seconds() < self._valid_s else None
        except (OSError, ValueError, TypeError):
            return None

    def note(self, now: datetime) -> None:
        """Write the mark."""
        # Without the mark, later commands are slower or lack a warning. This command can still succeed.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(self._path.parent, self._variable)
            with atomic(self._path, private=True, durable=False) as file:
                file.write(now.isoformat().encode())

    def clear(self) -> None:
        """Remove the mark."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
