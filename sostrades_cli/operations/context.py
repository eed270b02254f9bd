"""Everything that an operation needs to work with a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.clock import Clock
    from sostrades_cli.files.temporary import TempFolder
    from sostrades_cli.local.cache import StudyCache
    from sostrades_cli.local.unread_changes import UnreadChanges


def _ignore(_: str) -> None:
    """Drop a text."""


@dataclass(frozen=True, slots=True)
class Context:
    """The API, the cache, the clock, and functions for notes to the user.

    ``notify`` reports problems, ``inform`` reports progress. ``state`` is the folder of locks and journals.
    ``temp_folder`` provides files that are removed at the end of the command. ``unread`` tracks changes that were
    sent since the last load.
    """

    api: Api
    cache: StudyCache
    clock: Clock
    notify: Callable[[str], None]
    state: Path
    temp_folder: TempFolder
    unread: UnreadChanges
    inform: Callable[[str], None] = _ignore
