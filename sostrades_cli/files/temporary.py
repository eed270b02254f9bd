"""Temporary files: a folder for what one command needs on the way, and what is written beside its place until whole."""

from __future__ import annotations

import itertools
import os
import threading
from pathlib import Path

from sostrades_cli.errors import Interrupted


class PartialFiles:
    """The temporary files of threads that may go on when nobody waits for them any more.

    Once it is closed none of them is there, none is made, and none takes the place of its target.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[Path] = set()
        self._closed = False

    def open(self, path: Path, mode: int) -> int:
        """Make a file that is not there yet, and return its descriptor.

        Raises
        ------
        OSError
            It cannot be made.
        Interrupted
            Nobody waits for it any more.

        """
        with self._lock:
            if self._closed:
                raise Interrupted("nobody waits for it any more")
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            self._open.add(path)
        return descriptor

    def place(self, path: Path, target: Path) -> None:
        """Let a file take the place of its target; one that was removed meanwhile is an ``OSError``."""
        with self._lock:
            path.replace(target)

    def drop(self, path: Path) -> None:
        """Remove a file unless it has taken its place."""
        with self._lock:
            path.unlink(missing_ok=True)
            self._open.discard(path)

    def close(self) -> None:
        """Remove every file that is open, and let no other be made."""
        with self._lock:
            self._closed = True
            for path in self._open:
                path.unlink(missing_ok=True)


class TempFolder:
    """A folder for what one command needs on the way, readable by its owner only; made on first use."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = itertools.count()
        self._lock = threading.Lock()

    def path(self, suffix: str = ".csv") -> Path:
        """Return the name of a file that is not there yet."""
        with self._lock:
            if self._folder is None:
                import tempfile  # noqa: PLC0415 - start-up

                self._folder = Path(tempfile.mkdtemp(prefix="sostrades-"))
        return self._folder / f"{next(self._count)}{suffix}"

    def close(self) -> None:
        """Remove the folder with all that is in it; the next file makes a new one."""
        with self._lock:
            folder, self._folder = self._folder, None
        if folder is not None:
            import shutil  # noqa: PLC0415 - start-up

            shutil.rmtree(folder, ignore_errors=True)
