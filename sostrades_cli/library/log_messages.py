"""Notes of a program: they go to the logger ``sostrades``, or to a function of the program's own."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sostrades_cli.output.messages import Messages
from sostrades_cli.output.text import visible_lines

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger("sostrades")


@dataclass(frozen=True, slots=True)
class LogMessages(Messages):
    """Notes for a logger: requests at DEBUG, notes at INFO, what did not go as it should at WARNING.

    What is told in the same words again, such as a fault of the server at every reading, is a warning once and an info
    from then on. ``tell`` gets all but the requests instead, as text.
    """

    tell: Callable[[str], None] | None = None
    told: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Tell something on the way."""
        self._tell(logging.INFO, text)

    def remark(self, text: str) -> None:
        """Tell what did not go as it should."""
        self._tell(logging.INFO if text in self.told else logging.WARNING, text)
        self.told.add(text)

    def warning(self, text: str) -> None:
        """Tell what changes what the result means."""
        self._tell(logging.WARNING, text)

    def trace(self, text: str) -> None:
        """Tell of a request."""
        LOGGER.debug("%s", self._shown(text))

    def _tell(self, level: int, text: str) -> None:
        if self.tell is not None:
            self.tell(self._shown(text))
        else:
            LOGGER.log(level, "%s", self._shown(text))

    def _shown(self, text: str) -> str:
        return visible_lines(self.hidden(text))


def logged_notes(tell: Callable[[str], None] | None) -> LogMessages:
    """Return notes that no stream gets."""
    return LogMessages(io.StringIO(), chatty=True, verbose=True, color=False, as_json=False, tell=tell)
