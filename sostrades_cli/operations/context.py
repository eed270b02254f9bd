"""Everything that an operation needs to work with a server."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.client import Api
    from sostrades_cli.clock import Clock
    from sostrades_cli.files.temporary import TempFolder
    from sostrades_cli.local.cache import StudyCache


def _ignore(_: object) -> None:
    """Drop a text, or anything else."""


def _ignore_note(_: str, __: str) -> None:
    """Drop a note with its subject."""


class Context(NamedTuple):
    """The API, the cache, the clock, and functions for notes to the user.

    ``notify`` reports problems, ``inform`` reports progress, ``warn`` reports a fact that changes the meaning of the
    result. ``notify_once`` takes a subject and a text, and reports one text on each subject.
    ``state`` is the folder of locks and journals.
    ``temp_folder`` provides files that are removed at the end of the command. ``unread`` are the studies that this
    process has changed and not loaded since. ``waiting`` shows what the command waits for while a block runs, and
    ``still_waiting`` reports a long wait where that is not shown. ``show_log`` takes a name, a title and the log of a
    failed run; it is ``None`` where such a log is not shown. ``mark_checked`` takes studies whose reads
    need no note about the values of a sweep's case.
    """

    api: Api
    cache: StudyCache
    clock: Clock
    notify: Callable[[str], None]
    state: Path
    temp_folder: TempFolder
    unread: set[int]
    inform: Callable[[str], None] = _ignore
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext
    still_waiting: Callable[[str], None] = _ignore
    show_log: Callable[[str, str, str], None] | None = None
    mark_checked: Callable[[Iterable[int]], None] = _ignore
    warn: Callable[[str], None] = _ignore
    notify_once: Callable[[str, str], None] = _ignore_note
