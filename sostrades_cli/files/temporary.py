"""The folder for the temporary files of one command."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.files.write_errors import unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(eq=False, repr=False)  # start-up: the rest takes as long again to create, and nothing uses it
class TempFolder:
    """A folder for temporary files, readable by its owner only; ``folder`` is ``None`` until the first file."""

    folder: Path | None = None
    _count: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def path(self, suffix: str = ".csv") -> Path:
        """Return the name of a file that does not exist yet.

        Raises
        ------
        UsageError
            There is no folder for temporary files, as in a container that is read-only.

        """
        with self._lock:
            if self.folder is None:
                import tempfile

                try:
                    # mkdtemp makes it readable by its owner only: tables may be confidential.
                    self.folder = Path(tempfile.mkdtemp(prefix="sostrades-"))
                except OSError as error:
                    raise unwritable(
                        f"cannot create a folder for temporary files: {error.strerror or error}",
                        error,
                        "set TMPDIR to a folder that can be written",
                    ) from error
        return self.folder / f"{next(self._count)}{suffix}"

    def close(self) -> None:
        """Remove the folder with its files; the next file gets a new folder."""
        with self._lock:
            folder, self.folder = self.folder, None
        if folder is not None:
            import shutil

            # On Windows a file that an abandoned thread holds open cannot be removed; the result is complete.
            shutil.rmtree(folder, ignore_errors=True)
