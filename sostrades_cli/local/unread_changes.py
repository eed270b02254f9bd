"""Changes without a load after them: a second change could overwrite them, or reset the whole study.

The server applies a change after its answer. A load waits for that, but a second change does not: the first change,
or every value of the study, is lost although both answers are 200. Each change leaves a mark in
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

# The server may take this long to apply the change of an earlier command.
UNREAD_FOR: Final = timedelta(seconds=10)


@dataclass(eq=False, repr=False)  # start-up, as in Context
class UnreadChanges:
    """Changes that this computer sent to one server without a load after them."""

    state: Path
    host: str
    _sent_here: set[int] = field(default_factory=set)

    def note_change(self, study: int, now: datetime) -> None:
        """Record that a change is being sent."""
        # Without a time limit in this process: it knows whether it has loaded the study since.
        self._sent_here.add(study)
        # Without the mark only later commands lack the warning, so a failure to write it does not stop this one.
        with contextlib.suppress(WriteFailed, UsageError):
            private_folder(self.state / "unread", "SOSTRADES_STATE_DIR")
            with atomic(self._mark(study), private=True, durable=False) as file:
                file.write(now.isoformat().encode())

    def note_load(self, study: int) -> None:
        """Record that a load was answered: the server has applied every earlier change."""
        self._sent_here.discard(study)
        with contextlib.suppress(OSError):
            self._mark(study).unlink(missing_ok=True)

    def pending(self, study: int, now: datetime) -> bool:
        """Return whether the server may not have applied a change yet."""
        return study in self._sent_here or self._recent_elsewhere(study, now)

    def _recent_elsewhere(self, study: int, now: datetime) -> bool:
        try:
            sent_at = datetime.fromisoformat(self._mark(study).read_text(encoding="utf-8"))
            # The clock may have been set back since.
            return abs(now - sent_at) < UNREAD_FOR
        except (OSError, ValueError, TypeError):
            return False

    def _mark(self, study: int) -> Path:
        return self.state / "unread" / f"{name_of_host(self.host)}-{study}"
