"""A server as operations see it."""

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


def _in_silence(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Context:
    """The API, what is remembered of it, the clock, and where notes for the user go.

    ``notify`` is told what did not go as it should, ``inform`` what goes its way, if anybody wants to know. ``state``
    is the folder of locks and journals; ``temp_folder`` names files that live as long as the command;
    ``unread`` knows the changes that no load has followed.
    """

    api: Api
    cache: StudyCache
    clock: Clock
    notify: Callable[[str], None]
    state: Path
    temp_folder: TempFolder
    unread: UnreadChanges
    inform: Callable[[str], None] = _in_silence
