"""Everything that an operation needs to work with a server."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.clock import Clock
    from sostrades_cli.files.temporary import TempFolder
    from sostrades_cli.local.cache import StudyCache
    from sostrades_cli.local.unread_changes import UnreadChanges


def _ignore(_: str) -> None:
    """Drop a text."""


# Without comparison and repr, which nothing uses: they take half of the time to create the class at every start.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Context:
    """The API, the cache, the clock, and functions for notes to the user.

    ``notify`` reports problems, ``inform`` reports progress. ``state`` is the folder of locks and journals.
    ``temp_folder`` provides files that are removed at the end of the command. ``unread`` tracks changes that were
    sent since the last load. ``waiting`` shows what the command waits for while a block runs, and ``still_waiting``
    reports a long wait where that is not shown. ``show_log`` takes a name, a title and the log of a failed run; it is
    ``None`` where such a log is not shown.
    """

    api: Api
    cache: StudyCache
    clock: Clock
    notify: Callable[[str], None]
    state: Path
    temp_folder: TempFolder
    unread: UnreadChanges
    inform: Callable[[str], None] = _ignore
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext
    still_waiting: Callable[[str], None] = _ignore
    show_log: Callable[[str, str, str], None] | None = None
