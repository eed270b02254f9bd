"""An output folder that allows the same command to continue after an interruption.

Each file gets its name only when it is complete. A progress file records every finished step. The manifest is written
last, so a folder with a manifest is complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from glob import escape
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import FileConflict
from sostrades_cli.files.atomic import atomic, named_in_errors
from sostrades_cli.files.digests import digest_of
from sostrades_cli.files.platform_files import NO_FOLLOW
from sostrades_cli.files.safe_folders import require_no_link
from sostrades_cli.safe_parsers import from_json
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST: Final = "manifest.json"
# What the manifests of the commands list, in words for the user.
STUDY: Final = "an exported study"
CHARTS: Final = "exported charts"
DOWNLOADS: Final = "downloaded parameters"


class ProgressFile:
    """The finished steps, one JSON object per line. A last line that a crash cut off is ignored.

    With ``sync`` each line is on the disk before the next step begins.
    """

    def __init__(self, path: Path, *, sync: bool = False) -> None:
        self.path = path
        self._sync = sync
        self._lock = threading.Lock()

    def lines(self) -> list[dict[str, Any]]:
        """Return the steps; empty if the file does not exist.

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            A line is damaged.

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
        """Replace the file by one with only the valid steps.

        Raises
        ------
        WriteFailed
            The file cannot be written.
        UsageError
            The path is a link.

        """
        # A line that was cut off must go, because the next step is appended to it.
        require_no_link(self.path)
        with atomic(self.path) as file:
            file.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())

    def append(self, line: dict[str, Any]) -> None:
        """Append a step; the errors are those of ``start``."""
        require_no_link(self.path)
        # O_NOFOLLOW closes the gap between the check and the opening.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | NO_FOLLOW
        content = f"{json.dumps(line)}\n".encode()
        with named_in_errors(self.path), self._lock, os.fdopen(os.open(self.path, flags, 0o666), "wb") as file:
            file.write(content)
            if self._sync:
                file.flush()
                os.fsync(file.fileno())


def content_of(document: object) -> str | None:
    """Return what a manifest lists, ``None`` if it is damaged or unknown."""
    if not isinstance(document, dict):
        return None
    parameters = STUDY if {"format", "name"} & document.keys() else DOWNLOADS
    return CHARTS if "charts" in document else parameters if "parameters" in document else None


def has_study(folder: Path) -> bool:
    """Return whether a folder has the manifest of an exported study, or a damaged one."""
    # Path.is_file raises for odd texts.
    return os.path.isfile(folder / MANIFEST) and _content_in(folder) in {None, STUDY}  # noqa: PTH113


def _content_in(folder: Path) -> str | None:
    with contextlib.suppress(OSError, ValueError):
        return content_of(from_json((folder / MANIFEST).read_text(encoding="utf-8-sig")))
    return None


def require_own_manifest(folder: Path, content: str) -> None:
    """Reject a folder with the manifest of another command, because its files need that manifest.

    Raises
    ------
    FileConflict
        The manifest of the folder lists something else than ``content``.

    """
    present = _content_in(folder)
    if present not in {None, content}:
        raise FileConflict(f"{shell_quoted(str(folder))} already contains {present}", hint="choose another folder")


def is_whole(path: Path, sha256: str) -> bool:
    """Return whether a file exists and has the recorded content."""
    return path.is_file() and digest_of(path) == sha256


def write_manifest(folder: Path, document: dict[str, Any], earlier: Path | None = None) -> None:
    """Write the manifest of a folder; it must be the last file.

    If only its time differs from the manifest in the ``earlier`` folder [default: the same], that time stays, because a
    new one would be a change in version control.
    """
    text = _text_of(document)
    # A missing or damaged manifest is replaced.
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        kept = ((earlier or folder) / MANIFEST).read_bytes()
        old = from_json(kept.decode("utf-8-sig"))
        # As texts, because 1, 1.0 and true are equal in Python.
        if _text_of({**document, "time": old["time"]}) == _text_of(old):
            text = kept
    with atomic(folder / MANIFEST) as file:
        file.write(text)


def _text_of(document: dict[str, Any]) -> bytes:
    # A lone surrogate cannot be encoded as UTF-8, but JSON has an escape for it.
    return json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def remove_parts(folder: Path, names: Iterable[str]) -> None:
    """Remove the temporary files of a killed command for these names.

    Raises
    ------
    OSError
        A file cannot be removed.

    """
    for name in names:
        for part in folder.glob(f".{escape(name[:40])}.*.part"):
            part.unlink()
