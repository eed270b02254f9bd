"""Changes that no load has followed yet: the server can lose them to a second change, or reset the whole study.

A server takes a change in after its answer. A load waits for that; a second change does not, and then the first one,
or every value of the study, is lost while both answers are 200. The mark of a change lies in
``<state>/unread/<server>-<study>``, so that two commands in a row are as safe as two changes of one command.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.atomic import atomic, name_of_host, private_folder

if TYPE_CHECKING:
    from pathlib import Path

# How long after a change of another command the server may still be taking it in.
UNREAD_FOR: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class UnreadChanges:
    """The changes that were sent to the studies of one server from this computer and not followed by a load."""

    state: Path
    host: str
    _sent_here: set[int] = field(default_factory=set)

    def note_change(self, study: int, now: datetime) -> None:
        """Note that a change is being sent."""
        self._sent_here.add(study)
        # A mark that cannot be written leaves only other commands unwarned, which is no reason to refuse this one.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(self.state / "unread")
            with atomic(self._mark(study), private=True, durable=False) as file:
                file.write(now.isoformat().encode())

    def note_load(self, study: int) -> None:
        """Note that a load was answered, for which the server took in every change before it."""
        self._sent_here.discard(study)
        with contextlib.suppress(OSError):
            self._mark(study).unlink(missing_ok=True)

    def pending(self, study: int, now: datetime) -> bool:
        """Return whether a change may not have been taken in yet."""
        return study in self._sent_here or self._recent_elsewhere(study, now)

    def _recent_elsewhere(self, study: int, now: datetime) -> bool:
        try:
            sent_at = datetime.fromisoformat(self._mark(study).read_text(encoding="utf-8"))
            return abs(now - sent_at) < UNREAD_FOR
        except (OSError, ValueError, TypeError):
            return False

    def _mark(self, study: int) -> Path:
        return self.state / "unread" / f"{name_of_host(self.host)}-{study}"
