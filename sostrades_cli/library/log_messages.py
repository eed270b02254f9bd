"""Notes of the library, for the logger ``sostrades`` or a function of the calling program."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from sostrades_cli.output.messages import Messages
from sostrades_cli.output.text import visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger("sostrades")


class LogMessages(Messages):
    """Log requests at DEBUG, notes at INFO, and problems and warnings at WARNING.

    A problem with the same text as an earlier one, such as a server fault at every read, is logged at INFO. If
    ``callback`` is set, it gets all texts except requests, and the logger gets only requests.
    """

    def __init__(self, callback: Callable[[str], None] | None) -> None:
        # Nothing goes to a stream.
        super().__init__(io.StringIO(), notes_enabled=True, verbose=True, color=False, as_json=False)
        self.callback = callback
        self.reported: set[str] = set()

    def inform(self, text: str) -> None:
        """Log a note about the progress."""
        self._log(logging.INFO, text)

    def notify(self, text: str) -> None:
        """Log a problem, at WARNING for the first time only."""
        # A notebook calls in loops, where a repeated warning is noise.
        self._log(logging.INFO if text in self.reported else logging.WARNING, text)
        self.reported.add(text)

    def warning(self, text: str) -> None:
        """Log a fact that changes the meaning of the result."""
        self._log(logging.WARNING, text)

    def warn_of_result(self, text: str) -> None:
        """Log a fact that changes the meaning of the result."""
        self.warning(text)

    def trace(self, text: str) -> None:
        """Log a request."""
        LOGGER.debug("%s", self._printable(text))

    def _log(self, level: int, text: str) -> None:
        if self.callback is not None:
            self.callback(self._printable(text))
        else:
            # The text is an argument, because a % in it is not a format.
            LOGGER.log(level, "%s", self._printable(text))

    def _printable(self, text: str) -> str:
        return visible_lines(self.redact(text))
