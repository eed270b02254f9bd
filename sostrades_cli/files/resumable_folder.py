"""A folder that a command fills, so that the same command can continue after an interruption.

Each file takes its name only when it is whole. A progress file notes every step that is done, and a manifest comes
last: a folder that has one is complete.
"""

from __future__ import annotations

import json
import os
import threading
from glob import escape
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import WriteFailed
from sostrades_cli.files.atomic import atomic, digest_of
from sostrades_cli.files.safe_folders import require_no_link
from sostrades_cli.safe_parsers import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST: Final = "manifest.json"


class ProgressFile:
    """The steps that are done, one JSON object per line. A crash may cut the last line, which then does not count.

    With ``sync`` each line is on the disk before the next step begins.
    """

    def __init__(self, path: Path, *, sync: bool = False) -> None:
        self.path = path
        self._sync = sync
        self._lock = threading.Lock()

    def lines(self) -> list[dict[str, Any]]:
        """Return the steps, none if there is no file.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            A line of it is damaged.

        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        lines = [from_json(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        if not all(isinstance(line, dict) for line in lines):
            raise ValueError("a line is not an object")
        return lines

    def start(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write the file anew with the steps that still count: the next line must not follow one that was cut.

        Raises
        ------
        WriteFailed
            It cannot be written.
        UsageError
            There is a link in its place.

        """
        require_no_link(self.path)
        with atomic(self.path) as file:
            file.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())

    def note(self, line: dict[str, Any]) -> None:
        """Add a step; raises as ``start`` does."""
        require_no_link(self.path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        try:
            with self._lock, os.fdopen(os.open(self.path, flags, 0o666), "w", encoding="utf-8") as file:
                file.write(f"{json.dumps(line)}\n")
                if self._sync:
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise WriteFailed(f"cannot write {self.path}: {error.strerror}", hint="is the disk full?") from error


def is_whole(path: Path, sha256: str) -> bool:
    """Return whether a file is there as it was noted."""
    return path.is_file() and digest_of(path) == sha256


def write_manifest(folder: Path, document: dict[str, Any]) -> None:
    """Write the manifest of a folder, as the last of its files."""
    # JSON has an escape for half of a surrogate pair, UTF-8 has no bytes.
    text = json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace")
    with atomic(folder / MANIFEST) as file:
        file.write(text + b"\n")


def remove_parts(folder: Path, names: Iterable[str]) -> None:
    """Remove what a killed command left of files with these names.

    Raises
    ------
    OSError
        It cannot be removed.

    """
    for name in names:
        for part in folder.glob(f".{escape(name[:40])}.*.part"):
            part.unlink()
